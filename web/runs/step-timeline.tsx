import type { ExecutionView, RunDetailView } from '../../src/api/trace-schemas.ts'
import { isOpen } from '../api/run-queries.ts'
import { useWords, type Words } from '../language/words.tsx'
import { RunMark } from './run-mark.tsx'
import { type Span, type TimeScale, timeScale } from './time-scale.ts'

interface StepTimelineProps {
  readonly run: RunDetailView
  /** Until when steps that go on are drawn. */
  readonly nowMs: number
  /** The attempt whose log is shown. */
  readonly chosen: number | null
  onChoose(path: string): void
}

/** The attempts at the steps of a run in order, as bars drawn to scale; each chooses its log. */
export function StepTimeline({ run, nowMs, chosen, onChoose }: StepTimelineProps) {
  const words = useWords()
  const { executions } = run
  if (executions.length === 0) return <p className="muted">{words.say('run.noSteps')}</p>
  const scale = timeScale(executions.flatMap((execution) => spanOf(execution, nowMs) ?? []))
  const idle = scale.cuts.map(({ idleMs }) => words.duration(idleMs)).join(', ')
  return (
    <section>
      <h3>{words.say('run.steps', { count: executions.length })}</h3>
      <ol className="steps">
        {executions.map((execution) => (
          <li key={execution.id}>
            <button
              type="button"
              className="step"
              aria-pressed={execution.id === chosen}
              onClick={() => onChoose(execution.path)}
            >
              <RunMark state={execution.state} />
              <span className="step-path">{execution.path}</span>
              <StepBar execution={execution} span={spanOf(execution, nowMs)} scale={scale} />
              <small>{howOf(execution, words, nowMs)}</small>
            </button>
          </li>
        ))}
      </ol>
      {scale.cuts.length > 0 && <p className="muted">{words.say('run.idle', { list: idle })}</p>}
    </section>
  )
}

interface StepBarProps {
  readonly execution: ExecutionView
  readonly span: Span | null
  readonly scale: TimeScale
}

function StepBar({ execution: { state, cachedFrom }, span, scale }: StepBarProps) {
  const left = span && scale.placeOf(span.startMs)
  return (
    <span className="step-track" aria-hidden="true">
      {scale.cuts.map(({ at }) => (
        <span key={at} className="step-cut" style={{ left: percent(at) }} />
      ))}
      {span && left !== null && (
        <span
          className={`step-bar is-${cachedFrom === null ? state : 'cached'}`}
          style={{ left: percent(left), width: percent(scale.placeOf(span.endMs) - left) }}
        />
      )}
    </span>
  )
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)}%`

/** Null before it has started. A clock behind the server's does not turn a bar around. */
function spanOf({ startedMs, endedMs }: ExecutionView, nowMs: number): Span | null {
  if (startedMs === null) return null
  return { startMs: startedMs, endMs: Math.max(startedMs, endedMs ?? nowMs) }
}

function howOf(execution: ExecutionView, words: Words, nowMs: number): string {
  const { state, cachedFrom, attempt } = execution
  const span = spanOf(execution, nowMs)
  const said = [
    ...(attempt > 1 ? [words.say('step.attempt', { attempt })] : []),
    ...(state === 'COMPLETE' ? [] : [words.say(`run.${state}`)]),
    ...(cachedFrom !== null ? [words.say('step.cached')] : []),
    ...(span && cachedFrom === null ? [words.duration(span.endMs - span.startMs)] : []),
  ]
  return said.join(' · ') || (isOpen(state) ? words.say('run.START') : '')
}
