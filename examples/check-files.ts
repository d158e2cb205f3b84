// Ten lines: open a project, declare a dataset, judge what is new, read the history.
import { open } from 'fiable'

const project = await open()
const orders = await project.dataset('orders', {
  data: process.argv[2] ?? 'data/orders-*.csv',
  atMost: '2/week',
})
const verdicts = await orders.check({ onVerdict: ({ batch, status }) => console.log(batch, status) })
const newest = verdicts.at(-1)
for (const finding of newest?.findings ?? []) console.log(finding.dimension, finding.message)
const charts = await orders.series()
console.log(`${verdicts.length} batches, ${charts.length} metrics over time`)
await project.close()
