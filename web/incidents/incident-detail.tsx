import { type FormEvent, useState } from 'react'
import type { DoneActionView, IncidentActionAsked, IncidentView } from '../../src/api/incident-schemas.ts'
import { useDecision } from '../api/decided-anew.ts'
import { actOnIncident } from '../api/queries.ts'
import type { Timeline } from '../charts/timeline.ts'
import { useWords, type Words } from '../language/words.tsx'
import { FeedbackButtons, feedbacks } from './feedback-buttons.tsx'

interface IncidentDetailProps {
  readonly dataset: string
  readonly incident: IncidentView
  readonly timeline: Timeline
  onSelect(batch: string): void
}

type Act = (action: IncidentActionAsked) => void

/** One incident: what it touches, what was done, and what can be done. */
export function IncidentDetail({ dataset, incident, timeline, onSelect }: IncidentDetailProps) {
  const words = useWords()
  const change = useDecision(dataset, (action: IncidentActionAsked) =>
    actOnIncident(dataset, incident.id, action),
  )
  const act: Act = (action) => change.mutate(action)
  const settled = { act, isBusy: change.isPending, incident }
  return (
    <div className="incident-detail" aria-busy={change.isPending}>
      <dl>
        <dt>{words.say('incidents.columns')}</dt>
        <dd>{incident.columns.map((column) => column || words.say('place.table')).join(', ')}</dd>
        <dt>{words.say('incidents.dimensions')}</dt>
        <dd>{incident.dimensions.map((dimension) => words.say(`dimension.${dimension}`)).join(', ')}</dd>
        <dt>{words.say('incidents.told')}</dt>
        <dd className="incident-batches">
          {incident.batches.map((batch) => (
            <button key={batch} type="button" className="quiet" onClick={() => onSelect(batch)}>
              {dayOf(batch, timeline, words)}
            </button>
          ))}
        </dd>
      </dl>
      <State incident={incident} />
      <FeedbackButtons
        question={words.say('incidents.question')}
        feedback={incident.feedback}
        isBusy={change.isPending}
        onGive={(feedback) => act({ kind: 'feedback', feedback })}
      />
      <Handling {...settled} />
      {change.error && (
        <p role="alert" className="refused">{`${words.say('incidents.refused')} ${change.error.message}`}</p>
      )}
      <History actions={incident.actions} />
    </div>
  )
}

function dayOf(batch: string, { places, verdicts }: Timeline, words: Words): string {
  const place = places.get(batch)
  return place === undefined ? batch : words.batch(verdicts[place]!)
}

function State({ incident: { assignee, snoozedUntilMs } }: { readonly incident: IncidentView }) {
  const words = useWords()
  const said = [
    ...(assignee === null ? [] : [words.say('incidents.assignee', { person: assignee })]),
    ...(snoozedUntilMs === null
      ? []
      : [words.say('incidents.until', { instant: words.instant(snoozedUntilMs) })]),
  ]
  return said.length > 0 ? <p className="muted">{said.join(' · ')}</p> : null
}

interface SettledProps {
  readonly incident: IncidentView
  readonly isBusy: boolean
  readonly act: Act
}

const DAY_MS = 86_400_000
const SNOOZES = [1, 3, 7, 30] as const

function Handling({ incident: { status, isActive }, isBusy, act }: SettledProps) {
  const words = useWords()
  const canReopen = status === 'resolved' || status === 'snoozed'
  return (
    <div className="incident-actions">
      <button
        type="button"
        disabled={isBusy}
        onClick={() => act(canReopen ? { kind: 'reopen' } : { kind: 'resolve' })}
      >
        {words.say(canReopen ? 'incidents.reopen' : 'incidents.resolve')}
      </button>
      <select
        aria-label={words.say('incidents.snooze')}
        value=""
        disabled={isBusy || !isActive}
        onChange={({ target }) =>
          act({ kind: 'snooze', untilMs: Date.now() + Number(target.value) * DAY_MS })
        }
      >
        <option value="">{words.say('incidents.snooze')}</option>
        {SNOOZES.map((days) => (
          <option key={days} value={days}>
            {words.say('incidents.snoozeDays', { days })}
          </option>
        ))}
      </select>
      <Line
        label={words.say('incidents.assign')}
        isBusy={isBusy}
        onSend={(text) => act({ kind: 'assign', assignee: text })}
      />
      <Line
        label={words.say('incidents.comment')}
        isBusy={isBusy}
        onSend={(text) => act({ kind: 'comment', text })}
      />
    </div>
  )
}

interface LineProps {
  readonly label: string
  readonly isBusy: boolean
  onSend(text: string): void
}

/** One line of text to send. */
function Line({ label, isBusy, onSend }: LineProps) {
  const words = useWords()
  const [text, setText] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSend(text.trim())
    setText('')
  }
  return (
    <form className="incident-form" onSubmit={submit}>
      <input
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={2000}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" disabled={isBusy || text.trim() === ''}>
        {words.say('incidents.send')}
      </button>
    </form>
  )
}

function History({ actions }: { readonly actions: readonly DoneActionView[] }) {
  const words = useWords()
  if (actions.length === 0) return null
  return (
    <ol className="incident-history">
      {actions.map((action) => (
        <li key={`${action.createdMs} ${action.kind} ${action.text}`}>
          <small>{words.ago(action.createdMs, Date.now())}</small> {doneOf(action, words)}
        </li>
      ))}
    </ol>
  )
}

function doneOf({ kind, author, text, untilMs }: DoneActionView, words: Words): string {
  const label = words.say(`action.${kind}`, { author })
  if (untilMs !== null) return `${label} → ${words.instant(untilMs)}`
  if (text === null) return label
  const said = kind === 'feedback' ? feedbacks.find((each) => each === text) : undefined
  return words.say('label.with', { label, text: said ? words.say(`feedback.${said}`) : text })
}
