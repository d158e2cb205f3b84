// A pipeline in TypeScript: profile every batch, merge the profiles exactly, say how many rows there were.
import { definePipeline, open, openRunner, profileHistory, string } from 'fiable'

const overview = definePipeline({
  name: 'overview',
  about: 'The profile of the whole history.',
  parameters: { data: string() },
  build: (p, { data }) => p.use(profileHistory, { data }).outputs,
})

const data = process.argv[2] ?? 'data/orders-*.csv'
const runner = await openRunner()
const { state, outputs } = await runner.run(overview, {
  parameters: { data },
  onEvent: ({ path, state, done, known }) => console.log(`${done}/${known}`, path, state),
})
console.log(state, outputs.rows)
await runner.close()

const project = await open()
const orders = await project.dataset('orders', { data })
await orders.check({ onVerdict: ({ batch, status }) => console.log(batch, status) })
await project.close()
