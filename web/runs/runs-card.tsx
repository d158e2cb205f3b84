import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RunView } from '../../src/api/trace-schemas.ts'
import { isOpen, runsQuery } from '../api/run-queries.ts'
import { useWords, type Words } from '../language/words.tsx'
import { CopyableCode } from '../shell/copyable-code.tsx'
import { Failure, Loading } from '../shell/notices.tsx'
import type { Selection } from '../state/selection.ts'
import { RunDetail } from './run-detail.tsx'
import { RunMark } from './run-mark.tsx'

interface RunsCardProps {
  /** Number of the run whose detail is shown. */
  readonly opened: string | null
  /** Path of the step whose log is shown. */
  readonly step: string | null
  select(change: Partial<Selection>): void
}

/** Runs shown at first, and when more are asked for: the most the server gives. */
const FEW = 50
const MANY = 500

/** Runs of pipelines, newest first; each opens to its steps, and what can be done. */
export function RunsCard(props: RunsCardProps) {
  const words = useWords()
  const [limit, setLimit] = useState(FEW)
  const query = useQuery({ ...runsQuery(limit), placeholderData: keepPreviousData })
  const hasMore = limit < MANY && query.data?.length === limit
  return (
    <section className="card runs" aria-labelledby="runs-title">
      <header className="card-head">
        <div>
          <h2 id="runs-title">{words.say('runs.title')}</h2>
          <p className="muted">{words.say('runs.about')}</p>
        </div>
      </header>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading what={words.say('loading.runs')} />}
      {query.data && <Runs {...props} runs={query.data} />}
      {hasMore && (
        <button type="button" className="quiet" onClick={() => setLimit(MANY)}>
          {words.say('runs.more')}
        </button>
      )}
    </section>
  )
}

function Runs({ runs, opened, step, select }: RunsCardProps & { readonly runs: readonly RunView[] }) {
  const isListed = runs.some(({ id }) => String(id) === opened)
  if (runs.length === 0 && opened === null) return <NoRuns />
  const detail = opened !== null && (
    <RunDetail key={opened} id={opened} step={step} onStep={(path) => select({ step: path })} />
  )
  return (
    <>
      {!isListed && detail}
      <ul className="run-list">
        {runs.map((run) => (
          <li key={run.id}>
            <RunLine
              run={run}
              isOpened={String(run.id) === opened}
              onToggle={() => select({ run: String(run.id) === opened ? null : String(run.id), step: null })}
            />
            {String(run.id) === opened && detail}
          </li>
        ))}
      </ul>
    </>
  )
}

interface RunLineProps {
  readonly run: RunView
  readonly isOpened: boolean
  onToggle(): void
}

function RunLine({ run, isOpened, onToggle }: RunLineProps) {
  const words = useWords()
  return (
    <button type="button" className="run-line" aria-expanded={isOpened} onClick={onToggle}>
      <span className={`run-state is-${run.state}`}>
        <RunMark state={run.state} /> <span aria-hidden="true">{words.say(`run.${run.state}`)}</span>
      </span>
      <span className="run-name">
        {run.pipeline} <small>{words.say('runs.number', { id: String(run.id) })}</small>
      </span>
      <small>{whenOf(run, words)}</small>
    </button>
  )
}

function whenOf({ state, createdMs, endedMs }: RunView, words: Words): string {
  const now = Date.now()
  const took = isOpen(state) ? now - createdMs : (endedMs ?? createdMs) - createdMs
  return `${words.ago(createdMs, now)} · ${words.duration(took)}`
}

function NoRuns() {
  const words = useWords()
  return (
    <>
      <p className="muted">{words.say('runs.none')}</p>
      <CopyableCode
        code="fiable run profile-history -p data=data"
        label={words.say('copy')}
        name="fiable run"
      />
    </>
  )
}
