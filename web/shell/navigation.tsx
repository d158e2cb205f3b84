import { Progress } from '@base-ui/react/progress'
import type { DatasetSummary, Job } from '../../src/api/schemas.ts'
import { useWords } from '../language/words.tsx'
import { addressOf } from '../state/selection.ts'
import { FollowedLink } from './followed-link.tsx'
import logo from './logo.svg'
import { StatusMark } from './status-mark.tsx'

interface NavigationProps {
  readonly datasets: readonly DatasetSummary[]
  readonly chosen: string | null
  readonly isRunsShown: boolean
  onChoose(dataset: string): void
  onRuns(): void
}

/** The datasets under watch: their state, their alerts, and how far a running check has come; and the runs of pipelines. */
export function Navigation({ datasets, chosen, isRunsShown, onChoose, onRuns }: NavigationProps) {
  const words = useWords()
  return (
    <nav aria-label={words.say('nav.label')}>
      <a className="brand" href="." title={words.say('app.description')}>
        <img src={logo} width="22" height="22" alt="" /> Fiable
      </a>
      <h2>{words.say('nav.datasets')}</h2>
      <ul>
        {datasets.map((dataset) => (
          <li key={dataset.name}>
            <DatasetLink dataset={dataset} isChosen={dataset.name === chosen} onChoose={onChoose} />
            {dataset.job?.state === 'running' && <JobProgress job={dataset.job} />}
          </li>
        ))}
      </ul>
      <h2>{words.say('nav.pipelines')}</h2>
      <ul className="nav-pages">
        <li>
          <FollowedLink address={addressOf({ page: 'runs' })} isChosen={isRunsShown} onFollow={onRuns}>
            {words.say('runs.title')}
          </FollowedLink>
        </li>
      </ul>
    </nav>
  )
}

interface DatasetLinkProps {
  readonly dataset: DatasetSummary
  readonly isChosen: boolean
  onChoose(dataset: string): void
}

function DatasetLink({
  dataset: { name, error, latest, next, alerts, job },
  isChosen,
  onChoose,
}: DatasetLinkProps) {
  const words = useWords()
  return (
    <FollowedLink address={addressOf({ dataset: name })} isChosen={isChosen} onFollow={() => onChoose(name)}>
      <StatusMark status={latest?.status ?? null} />
      <span className="dataset-name">{name}</span>
      {next && next.lateSinceMs !== null && <StatusMark status="late" />}
      {(error || job?.state === 'failed') && (
        <span className="failed" title={words.say(error ? 'dataset.broken' : 'job.failed')}>
          !
        </span>
      )}
      {alerts > 0 && (
        <b className="count">
          {words.count(alerts)}
          <span className="unseen"> {words.say('nav.alerts', { count: alerts })}</span>
        </b>
      )}
    </FollowedLink>
  )
}

function JobProgress({ job: { dataset, kind, stage, done, total } }: { readonly job: Job }) {
  const words = useWords()
  const said =
    total === null
      ? stage === 'starting'
        ? words.say('job.starting')
        : words.say('job.stage', { stage })
      : words.say(kind === 'check' ? 'job.progress' : 'job.drill', { done: Math.min(done + 1, total), total })
  return (
    <Progress.Root
      className="progress"
      value={total === null ? null : done}
      max={total ?? 1}
      aria-label={words.say('job.of', { dataset })}
      aria-valuetext={said}
    >
      <Progress.Track className="progress-track">
        <Progress.Indicator className="progress-bar" />
      </Progress.Track>
      <span>{said}</span>
    </Progress.Root>
  )
}
