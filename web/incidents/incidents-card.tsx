import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { IncidentView } from '../../src/api/incident-schemas.ts'
import { incidentsQuery } from '../api/queries.ts'
import type { Timeline } from '../charts/timeline.ts'
import { useWords, type Words } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'
import { IncidentDetail } from './incident-detail.tsx'

interface IncidentsCardProps {
  readonly dataset: string
  readonly timeline: Timeline
  onSelect(batch: string): void
}

/** Incidents of a dataset: what goes on, or all; each opens to its detail with what can be done. */
export function IncidentsCard(props: IncidentsCardProps) {
  const words = useWords()
  const query = useQuery(incidentsQuery(props.dataset))
  return (
    <section className="card incidents" aria-labelledby="incidents-title">
      <header className="card-head">
        <div>
          <h2 id="incidents-title">{words.say('incidents.title')}</h2>
          <p className="muted">{words.say('incidents.about')}</p>
        </div>
      </header>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading what={words.say('loading.incidents')} />}
      {query.data && <Incidents {...props} incidents={query.data} />}
    </section>
  )
}

function Incidents({
  incidents,
  ...props
}: IncidentsCardProps & { readonly incidents: readonly IncidentView[] }) {
  const words = useWords()
  const [scope, setScope] = useState<'active' | 'all'>('active')
  const [opened, setOpened] = useState<string | null>(null)
  const active = incidents.filter(({ isActive }) => isActive)
  const counts = { active: active.length, all: incidents.length }
  const shown =
    scope === 'all' ? incidents : incidents.filter(({ id, isActive }) => isActive || id === opened)
  return (
    <>
      <fieldset className="segments">
        <legend className="unseen">{words.say('incidents.title')}</legend>
        {(['active', 'all'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={scope === each}
            data-pressed={scope === each ? '' : undefined}
            onClick={() => setScope(each)}
          >
            {words.say(`incidents.${each}`, { count: counts[each] })}
          </button>
        ))}
      </fieldset>
      {shown.length === 0 && (
        <p className="muted">{words.say(incidents.length === 0 ? 'incidents.never' : 'incidents.none')}</p>
      )}
      <ul className="incident-list">
        {shown.map((incident) => (
          <li key={incident.id}>
            <button
              type="button"
              className="incident-line"
              aria-expanded={opened === incident.id}
              onClick={() => setOpened(opened === incident.id ? null : incident.id)}
            >
              <span className={`incident-status is-${incident.status}`}>
                {words.say(`incidents.${incident.status}`)}
              </span>
              <span className="incident-sentence">{sentenceOf(incident, words)}</span>
              <small>{whenOf(incident, words)}</small>
            </button>
            {opened === incident.id && <IncidentDetail {...props} incident={incident} />}
          </li>
        ))}
      </ul>
    </>
  )
}

const sentenceOf = ({ cause, title }: IncidentView, words: Words): string =>
  cause ? words.sentence(cause) : words.reason({ reason: title, cause: null })

function whenOf({ batches, startMs, assignee }: IncidentView, words: Words): string {
  const first = startMs === null ? batches[0]! : words.shortDay(startMs)
  const span =
    batches.length === 1 ? first : `${first} · ${words.say('incidents.batches', { count: batches.length })}`
  return assignee === null ? span : `${span} · ${assignee}`
}
