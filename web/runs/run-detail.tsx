import { useQuery } from '@tanstack/react-query'
import type { ExecutionView, RunDetailView } from '../../src/api/trace-schemas.ts'
import { isOpen, runQuery } from '../api/run-queries.ts'
import { useWords, type Words } from '../language/words.tsx'
import { Failure, Loading, Notice } from '../shell/notices.tsx'
import { NamedValues } from './named-values.tsx'
import { RunActions } from './run-actions.tsx'
import { StepLog } from './step-log.tsx'
import { StepTimeline } from './step-timeline.tsx'

interface RunDetailProps {
  readonly id: string
  /** Path of the step whose log is shown; that of the step that failed when null. */
  readonly step: string | null
  onStep(path: string): void
}

/** One run: how it went, what it was given, its steps over time, and the log of one. */
export function RunDetail({ id, step, onStep }: RunDetailProps) {
  const words = useWords()
  const query = useQuery(runQuery(id))
  if (query.isPending) return <Loading what={words.say('loading.run', { id })} />
  if (!query.data) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const run = query.data
  const shown = step === null ? failedStep(run) : lastAttempt(run, step)
  return (
    <article className="run-detail" aria-label={words.say('run.label', { pipeline: run.pipeline, id })}>
      <HowItWent run={run} />
      <RunActions run={run} />
      <NamedValues title={words.say('run.parameters')} values={run.parameters} />
      <NamedValues title={words.say('run.metrics')} values={roundedOf(run, words)} />
      <StepTimeline run={run} nowMs={query.dataUpdatedAt} chosen={shown?.id ?? null} onChoose={onStep} />
      {shown && <StepLog runId={run.id} execution={shown} error={untoldError(shown, run)} />}
    </article>
  )
}

const lastAttempt = ({ executions }: RunDetailView, path: string) =>
  executions.findLast((execution) => execution.path === path)

/** A step whose last attempt failed; the run may have gone well since an earlier one did. */
const failedStep = (run: RunDetailView) =>
  run.executions.findLast(({ id, path, state }) => state === 'FAIL' && lastAttempt(run, path)?.id === id)

/** Most often the run failed by the step, and has told why. */
const untoldError = ({ state, error }: ExecutionView, run: RunDetailView): string | null =>
  state === 'FAIL' && error !== run.error ? error : null

function HowItWent({ run }: { readonly run: RunDetailView }) {
  const words = useWords()
  if (run.state !== 'FAIL') return <p className="muted">{timesOf(run, words)}</p>
  return (
    <>
      <Notice title={words.say('run.failed')} message={run.error ?? ''} fix={words.say('run.fix')} />
      <p className="muted">{timesOf(run, words)}</p>
    </>
  )
}

const roundedOf = ({ metrics }: RunDetailView, words: Words): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, words.value(value, 'number')]))

function timesOf({ state, createdMs, endedMs }: RunDetailView, words: Words): string {
  const started = words.say('run.started', { instant: words.minute(createdMs) })
  if (isOpen(state) || endedMs === null) return started
  const took = words.say(`run.took.${state === 'COMPLETE' || state === 'ABORT' ? state : 'FAIL'}`, {
    duration: words.duration(endedMs - createdMs),
  })
  return `${started} · ${took}`
}
