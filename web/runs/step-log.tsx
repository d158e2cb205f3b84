import { useQuery } from '@tanstack/react-query'
import type { ExecutionView } from '../../src/api/trace-schemas.ts'
import { isOpen, logQuery } from '../api/run-queries.ts'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'

interface StepLogProps {
  readonly runId: number
  /** The last attempt at the step. */
  readonly execution: ExecutionView
  /** Why it failed, unless that is told already. */
  readonly error: string | null
}

/** What the last attempt at a step printed, in the server's words. */
export function StepLog({ runId, execution, error }: StepLogProps) {
  const words = useWords()
  const title = words.say('step.log', { step: execution.path, attempt: execution.attempt })
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {error !== null && <p className="refused">{error}</p>}
      {isOpen(execution.state) ? (
        <p className="muted">{words.say('step.logLater')}</p>
      ) : (
        <Printed runId={runId} execution={execution} />
      )}
    </section>
  )
}

function Printed({ runId, execution: { id, path } }: Omit<StepLogProps, 'error'>) {
  const words = useWords()
  const query = useQuery(logQuery(runId, { execution: id, step: path }))
  if (query.isPending) return <Loading what={words.say('loading.log')} />
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (query.data.trim() === '') return <p className="muted">{words.say('step.noLog')}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <pre className="step-log" tabIndex={0}>
      {query.data}
    </pre>
  )
}
