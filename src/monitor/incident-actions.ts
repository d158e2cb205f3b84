import { FiableError } from '../data/errors.ts'
import type { Feedback } from '../data/feedback.ts'
import type { Json } from '../data/json.ts'
import type { ActionRecord } from '../tracking/actions.ts'
import type { JudgedBatch } from './baseline.ts'
import type { Incident, IncidentState } from './incidents.ts'

/** What people do about an incident, besides saying what they make of it. */
export type IncidentAction =
  | { readonly kind: 'resolve'; readonly note: string }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'snooze'; readonly untilMs: number }
  /** Null for nobody. */
  | { readonly kind: 'assign'; readonly assignee: string | null }
  | { readonly kind: 'comment'; readonly text: string }

/** One entry of what was done about an incident. */
export interface DoneAction {
  readonly kind: IncidentAction['kind'] | 'feedback'
  readonly author: string
  readonly createdMs: number
  /** Note, comment, assignee or feedback; null where there is nothing more to say. */
  readonly text: string | null
  readonly untilMs: number | null
}

/** `reopened` when it got worse after people had settled it, or when they said so. */
export type IncidentStatus = IncidentState | 'snoozed' | 'resolved' | 'reopened'

/** An incident, and what people did about it. */
export interface HandledIncident extends Incident {
  readonly status: IncidentStatus
  readonly assignee: string | null
  readonly snoozedUntilMs: number | null
  /** What people say of all its batches; null when they say nothing, or not the same of each. */
  readonly feedback: Feedback | null
  /** Oldest first. */
  readonly actions: readonly DoneAction[]
}

/** Where an incident began: found again when another sensitivity derives it under another id. */
interface Anchor {
  readonly batch: string
  readonly column: string
}

type StoredValue = { readonly anchor?: Anchor } & Partial<{
  readonly note: string
  readonly untilMs: number
  readonly assignee: string | null
  readonly text: string
  readonly feedback: Feedback | null
}>

const TEXT_LIMIT = 2000
const NAME_LIMIT = 200

/** An action as it is stored with the incident. */
export const storedAction = (
  incident: Incident,
  { kind: _, ...value }: IncidentAction | { readonly kind: 'feedback'; readonly feedback: Feedback | null },
): Json => ({ ...value, anchor: { batch: incident.batches[0]!, column: incident.column } }) as unknown as Json

/**
 * Refuses what makes no sense.
 *
 * @throws FiableError BAD_ARGUMENT for a snooze that ends in the past or is no time, and for texts that are empty or long.
 */
export function checkAction(action: IncidentAction, nowMs: number): void {
  if (action.kind === 'snooze') checkSnooze(action.untilMs, nowMs)
  if (action.kind === 'comment') checkText('comment', action.text, { least: 1, most: TEXT_LIMIT })
  if (action.kind === 'resolve') checkText('note', action.note, { least: 0, most: TEXT_LIMIT })
  if (action.kind === 'assign' && action.assignee !== null)
    checkText('assignee', action.assignee, { least: 1, most: NAME_LIMIT })
}

function checkSnooze(untilMs: number, nowMs: number): void {
  if (Number.isFinite(untilMs) && untilMs > nowMs && untilMs < 8.64e15) return
  const shown = Math.abs(untilMs) < 8.64e15 ? new Date(untilMs).toISOString() : String(untilMs)
  throw new FiableError(
    'BAD_ARGUMENT',
    `The snooze would end at ${shown}, which must be a time after now (${new Date(nowMs).toISOString()}).`,
    'Give a time to come, such as 3d or 2030-01-31, or resolve the incident instead.',
  )
}

function checkText(what: string, text: string, { least, most }: { least: number; most: number }): void {
  if (text.trim().length >= least && text.length <= most) return
  throw new FiableError(
    'BAD_ARGUMENT',
    `The ${what} has ${text.trim().length} characters, but must have ${least} to ${most}.`,
    `Write ${least === 0 ? 'at most' : `${least} to`} ${most} characters.`,
  )
}

/** Incidents with what people did about each; actions follow an incident that another sensitivity renamed. */
export function handleIncidents(
  incidents: readonly Incident[],
  people: {
    readonly actions: readonly ActionRecord[]
    readonly judged: readonly JudgedBatch[]
    readonly nowMs: number
  },
): readonly HandledIncident[] {
  const ids = new Set(incidents.map(({ id }) => id))
  const owner = (action: ActionRecord): string | undefined =>
    action.incident !== null && ids.has(action.incident) ? action.incident : anchored(incidents, action)
  const byIncident = Map.groupBy(
    people.actions.filter(({ incident }) => incident !== null),
    owner,
  )
  const feedback = new Map(people.judged.map(({ record }) => [record.listing.key, record.feedback]))
  return incidents.map((incident) =>
    handle(incident, {
      actions: byIncident.get(incident.id) ?? [],
      feedback: sharedFeedback(incident, feedback),
      nowMs: people.nowMs,
    }),
  )
}

function anchored(incidents: readonly Incident[], { value }: ActionRecord): string | undefined {
  const { anchor } = value as StoredValue
  if (!anchor) return undefined
  return incidents.find(
    ({ batches, columns }) => batches.includes(anchor.batch) && columns.includes(anchor.column),
  )?.id
}

function sharedFeedback(
  { batches }: Incident,
  feedback: ReadonlyMap<string, Feedback | null>,
): Feedback | null {
  const given = new Set(batches.map((batch) => feedback.get(batch) ?? null))
  return given.size === 1 ? [...given][0]! : null
}

interface People {
  readonly actions: readonly ActionRecord[]
  readonly feedback: Feedback | null
  readonly nowMs: number
}

function handle(incident: Incident, { actions, feedback, nowMs }: People): HandledIncident {
  const last = (...kinds: readonly string[]): ActionRecord | undefined =>
    actions.findLast(({ kind }) => kinds.includes(kind))
  const settled = last('resolve', 'snooze', 'reopen')
  const status = statusOf(incident, { settled, feedback, nowMs })
  return {
    ...incident,
    status,
    assignee: (last('assign')?.value as StoredValue | undefined)?.assignee ?? null,
    snoozedUntilMs: status === 'snoozed' ? ((settled!.value as StoredValue).untilMs ?? null) : null,
    feedback,
    actions: actions.map(doneAction),
  }
}

function statusOf(
  incident: Incident,
  {
    settled,
    feedback,
    nowMs,
  }: Pick<People, 'feedback' | 'nowMs'> & { readonly settled: ActionRecord | undefined },
): IncidentStatus {
  if (feedback === 'expected' || feedback === 'false-alarm') return 'closed'
  if (!settled) return incident.state
  const isWorse = (incident.worsenedMs ?? 0) > settled.createdMs
  if (settled.kind === 'reopen' || isWorse) return incident.state === 'closed' ? 'closed' : 'reopened'
  if (settled.kind === 'resolve') return 'resolved'
  return ((settled.value as StoredValue).untilMs ?? 0) > nowMs ? 'snoozed' : incident.state
}

function doneAction({ kind, value, author, createdMs }: ActionRecord): DoneAction {
  const { note, text, assignee, feedback, untilMs } = value as StoredValue
  return {
    kind: kind as DoneAction['kind'],
    author,
    createdMs,
    text: note || text || assignee || feedback || null,
    untilMs: untilMs ?? null,
  }
}

/** Whether nobody has settled it and it goes on. */
export const isActive = ({ status }: HandledIncident): boolean =>
  status === 'open' || status === 'continued' || status === 'reopened'
