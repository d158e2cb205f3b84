import { feedbacks } from '../../src/data/feedback.ts'
import { open } from '../../src/index.ts'

/** Tunes and gives feedback on one incident without end, printing each thing once it is stored; to be killed. */
const [, , store = '', incident = ''] = process.argv
const project = await open({ store })
const [orders] = await project.datasets()
for (let i = 0; ; i++) {
  const { atMost } = await orders!.tune({ atMost: `${1 + (i % 9)}/week`, strict: i % 2 === 0 }, `tuner ${i}`)
  process.stdout.write(`tuned ${atMost.alerts}\n`)
  const { feedback } = await orders!.giveIncidentFeedback(incident, feedbacks[i % 3]!, `judge ${i}`)
  process.stdout.write(`said ${feedback}\n`)
}
