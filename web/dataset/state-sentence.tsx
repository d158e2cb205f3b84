import { memo, useMemo } from 'react'
import type { DatasetDetail } from '../../src/api/schemas.ts'
import { isContinued } from '../language/server-sentence.ts'
import { useWords, type Words } from '../language/words.tsx'
import { StatusMark } from '../shell/status-mark.tsx'
import { observedAlerts } from './observed-alerts.ts'

/** The state of a dataset in words: the newest batch, its verdict and why, and the alerts beside the budget. */
export const StateSentence = memo(function StateSentence({
  dataset,
  next,
}: {
  readonly dataset: DatasetDetail
  /** As known now: it changes although nothing comes. */
  readonly next: DatasetDetail['next']
}) {
  const words = useWords()
  const { latest } = dataset
  return (
    <div className="state">
      {latest ? (
        <p className={`state-now is-${latest.status}`} data-status={latest.status}>
          <StatusMark status={latest.status} isContinued={isContinued(latest.reason)} />
          <span>
            <strong>{words.say(`state.${latest.status}`, { batch: words.batch(latest) })}</strong>{' '}
            {words.reason(latest)} {latest.provisional && <em>{words.say('state.provisional')}</em>}
          </span>
        </p>
      ) : (
        <p className="state-now">
          <StatusMark status={null} /> <span>{words.say('state.none')}</span>
        </p>
      )}
      <Lateness next={next} />
      <Budget dataset={dataset} next={next} />
    </div>
  )
})

/** When the next batch did not come; when it is due is a fact among others. */
function Lateness({ next }: Pick<DatasetDetail, 'next'>) {
  const words = useWords()
  if (!next || next.lateSinceMs === null) return null
  return (
    <p className="state-now is-late" data-late={next.lateSinceMs}>
      <StatusMark status="late" />
      <span>
        <strong>{words.say('state.late', { since: words.minute(next.lateSinceMs) })}</strong>{' '}
        {words.say('state.late.why')}
      </span>
    </p>
  )
}

function Budget({
  dataset: { atMost, verdicts },
  next,
}: { readonly dataset: DatasetDetail } & Pick<DatasetDetail, 'next'>) {
  const words = useWords()
  const observed = useMemo(() => observedAlerts(verdicts), [verdicts])
  const due = next?.lateSinceMs === null ? [words.say('state.due', { due: words.minute(next.dueMs) })] : []
  const said = [...due, budgetOf(atMost, words), ...(observed ? observedIn(observed, words) : [])]
  return (
    <ul className="facts">
      {said.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  )
}

function budgetOf(atMost: string, words: Words): string {
  const [count, period = 'week'] = atMost.split('/')
  return words.say('budget.wanted', { count: Number(count), period })
}

function observedIn(
  observed: NonNullable<ReturnType<typeof observedAlerts>>,
  words: Words,
): readonly string[] {
  const { began, weeks, continued, spoiled, caught } = observed
  return [
    words.say('budget.observed', { count: began, weeks: Math.round(weeks), rate: words.rate(began / weeks) }),
    ...(continued > 0 ? [words.say('budget.continued', { count: continued })] : []),
    ...(spoiled > 0 ? [words.say('budget.spoiled', { caught, total: spoiled })] : []),
  ]
}
