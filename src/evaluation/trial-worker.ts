import { FiableError, messageOf } from '../data/errors.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { evaluate } from './evaluate.ts'
import { planFrom, type TrialMessage, type TrialRequest } from './run-trials.ts'

/** Child process of an evaluation: does the units it is given, tells each as it ends, and ends. */
process.once('message', (request) => {
  void work(request as TrialRequest).finally(() => process.disconnect())
})
// A parent that was killed leaves no orphan; Ctrl-C reaches the parent, which ends its children itself.
process.once('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})

const say = (message: TrialMessage): void => {
  process.send?.(message)
}

async function work({ store, dataset: name, plan, units }: TrialRequest): Promise<void> {
  const project = await open({ store, threads: 1 })
  try {
    const dataset = await datasetNamed(project, name)
    for await (const result of evaluate(dataset.rehearse(), planFrom(plan), units))
      say({ kind: 'unit', result })
  } catch (thrown) {
    const { code, message, fix } =
      thrown instanceof FiableError
        ? thrown
        : { code: 'INTERNAL' as const, message: messageOf(thrown), fix: 'Report this as a defect of Fiable.' }
    say({ kind: 'failed', code, message, fix })
  } finally {
    await project.close()
  }
}
