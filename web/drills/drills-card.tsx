import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CatchRateView, Job, ScorecardLineView, ScorecardView } from '../../src/api/schemas.ts'
import { drillsQuery, startDrill } from '../api/queries.ts'
import { corruptionWords } from '../language/corruption-words.ts'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'
import { CatchRatePlot } from './catch-rate-plot.tsx'
import { FireStatus } from './fire-status.tsx'

interface DrillsCardProps {
  readonly dataset: string
  readonly job: Job | null
}

/** What drills told of a dataset: the scorecard, weak spots first, whether the alarm rings, and their start. */
export function DrillsCard({ dataset, job }: DrillsCardProps) {
  const words = useWords()
  const query = useQuery(drillsQuery(dataset))
  return (
    <section className="card drills" aria-labelledby="drills-title">
      <header className="card-head">
        <div>
          <h2 id="drills-title">{words.say('drills.title')}</h2>
          <p className="muted">{words.say('drills.about')}</p>
        </div>
        <Actions dataset={dataset} job={job} />
      </header>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading what={words.say('loading.drills')} />}
      {query.data && <FireStatus fire={query.data.fire} />}
      {query.data?.scorecard && <Scorecard scorecard={query.data.scorecard} />}
      {query.data?.scorecard === null && <p className="muted fire">{words.say('drills.none')}</p>}
    </section>
  )
}

function Actions({ dataset, job }: DrillsCardProps) {
  const words = useWords()
  const start = useMutation({ mutationFn: (kind: 'drill' | 'fire-drill') => startDrill(dataset, kind) })
  const isBusy = job?.state === 'running' || start.isPending
  const isDrilling = job?.state === 'running' && job.kind === 'drill'
  return (
    <div className="drills-actions">
      <button type="button" disabled={isBusy} onClick={() => start.mutate('fire-drill')}>
        {words.say('drills.fireNow')}
      </button>
      <button type="button" className="primary" disabled={isBusy} onClick={() => start.mutate('drill')}>
        {words.say(isDrilling ? 'drills.running' : 'drills.now')}
      </button>
      {start.error && <p role="alert">{`${words.say('drills.refused')} ${start.error.message}`}</p>}
    </div>
  )
}

/** Corruptions shown before all are asked for. */
const WEAKEST = 12

function Scorecard({ scorecard }: { readonly scorecard: ScorecardView }) {
  const words = useWords()
  const [isWhole, setWhole] = useState(false)
  const faults = byCorruption(scorecard.lines.filter(({ dimension }) => dimension !== null))
  const benign = byCorruption(scorecard.lines.filter(({ dimension }) => dimension === null))
  const named = (corruption: string): string => corruptionWords(corruption, words.language)
  return (
    <>
      <Figures scorecard={scorecard} />
      <p className="muted">
        {words.say('drills.when', { ago: words.ago(scorecard.atMs, Date.now()), count: scorecard.batches })}
      </p>
      <h3>{words.say('drills.weak')}</h3>
      <CatchRates corruptions={isWhole ? faults : faults.slice(0, WEAKEST)} />
      {faults.length > WEAKEST && (
        <button type="button" className="quiet" onClick={() => setWhole(!isWhole)}>
          {words.say(isWhole ? 'drills.fewer' : 'drills.all', { count: faults.length })}
        </button>
      )}
      {benign.length > 0 && <h3>{words.say('drills.benign')}</h3>}
      <CatchRates corruptions={benign} />
      {scorecard.notApplicable.length > 0 && (
        <p className="muted not-applicable">
          {words.say('drills.notApplicable', {
            list: scorecard.notApplicable.map(({ corruption }) => named(corruption)).join(', '),
          })}
        </p>
      )}
    </>
  )
}

function Figures({ scorecard }: { readonly scorecard: ScorecardView }) {
  const words = useWords()
  const figures = [
    ['drills.overall', scorecard.overall],
    ['drills.dimension', scorecard.dimensionNamed],
    ['drills.column', scorecard.columnNamed],
    ['drills.falseAlarms', scorecard.falseAlarms],
  ] as const
  return (
    <dl className="drill-figures">
      {figures.map(([id, of]) => (
        <div key={id}>
          <dd>
            {percentOf(of.rate)} <small>{`${percentOf(of.low)}–${percentOf(of.high)}`}</small>
          </dd>
          <dt>{words.say(id)}</dt>
        </div>
      ))}
    </dl>
  )
}

const percentOf = (share: number | null): string =>
  share === null ? '–' : `${Math.round(share * 100)}\u202f%`

/** The lines of each corruption, small shares first; those least caught first. */
function byCorruption(lines: readonly ScorecardLineView[]): readonly (readonly ScorecardLineView[])[] {
  const meanRate = (of: readonly ScorecardLineView[]): number =>
    of.reduce((sum, { caught }) => sum + (caught.rate ?? 0), 0) / of.length
  const groups = new Map<string, ScorecardLineView[]>()
  for (const line of lines) groups.set(line.corruption, [...(groups.get(line.corruption) ?? []), line])
  return [...groups.values()]
    .map((of) => of.toSorted((a, b) => a.fraction - b.fraction))
    .sort((a, b) => meanRate(a) - meanRate(b))
}

function CatchRates({ corruptions }: { readonly corruptions: readonly (readonly ScorecardLineView[])[] }) {
  return (
    <ul className="catch-rates">
      {corruptions.map((lines) => (
        <CorruptionTile key={lines[0]!.corruption} lines={lines} />
      ))}
    </ul>
  )
}

function CorruptionTile({ lines }: { readonly lines: readonly ScorecardLineView[] }) {
  const words = useWords()
  const [first] = lines as [ScorecardLineView]
  const last = lines.at(-1)!
  const [worst] = last.columns
  const range = ({ rate, low, high }: CatchRateView): string =>
    words.say('drills.range', {
      rate: percentOf(rate),
      low: String(Math.round(low * 100)),
      high: String(Math.round(high * 100)),
    })
  const told = words.say('drills.point', { share: bandOf(last), range: range(last.caught) })
  const where = worst && last.columns.length > 1 ? words.say('drills.worst', { column: worst.column }) : null
  const label = lines
    .map((line) => words.say('drills.point', { share: bandOf(line), range: range(line.caught) }))
    .join('; ')
  const name = corruptionWords(first.corruption, words.language)
  return (
    <li className={first.dimension === null ? 'false' : undefined} title={`${name}: ${label}`}>
      <strong>{name}</strong>
      <small>{told}</small>
      <small>{where ?? '\u00a0'}</small>
      <CatchRatePlot lines={lines} label={label} />
    </li>
  )
}

function bandOf({ band: [low, high] }: ScorecardLineView): string {
  const text = (share: number): string => String(Number((share * 100).toPrecision(2)))
  return low === high ? `${text(low)}\u202f%` : `${text(low)}–${text(high)}\u202f%`
}
