/** A column stays open while it scores above the threshold less this, in nats, and above the usual. */
const HYSTERESIS = 0.7
/** A column that scores this share of what opened its incident is as bad as then. */
const AS_BAD = 0.9
/** Nats below which an open incident is not worth telling again: a loose budget alerts on less, once. */
const WORTH_TELLING = 12
/** Quiet batches that close an incident. */
const QUIET_TO_CLOSE = 2
/** Batches after which an incident is closed whatever it does: what lasts is the new normal. */
const LONGEST = 14

/** An incident under way in one column. */
interface Incident {
  /** Score that opened it. */
  readonly opened: number
  peak: number
  quiet: number
  age: number
}

/** Open incidents by column. */
export type OpenIncidents = Map<string, Incident>

/** What a batch is held against: the score that alerts, and the one that half of the past batches reach. */
export interface Bar {
  readonly threshold: number
  readonly usual: number
}

/** What a column's score counts for: itself, or what it adds to the peak of its open incident, from the usual on. */
export function newsOf(open: OpenIncidents, column: string, { score, usual }: News): number {
  const incident = open.get(column)
  return incident ? score - Math.max(0, incident.peak - usual) : score
}

interface News {
  readonly score: number
  readonly usual: number
}

/** Columns that are news above the threshold, and open ones that are as bad as when they were news. */
export interface Sorted {
  readonly alerting: readonly string[]
  readonly continued: readonly string[]
}

/** Sorts a batch's columns, most surprising first, ties by name. */
export function sortColumns(
  open: OpenIncidents,
  columns: ReadonlyMap<string, number>,
  { threshold, usual }: Bar,
): Sorted {
  const alerting: string[] = []
  const continued: string[] = []
  for (const [column, score] of columns) {
    if (newsOf(open, column, { score, usual }) > threshold) alerting.push(column)
    else if (isAsBad(open.get(column), score, threshold)) continued.push(column)
  }
  const worstFirst = (a: string, b: string) => columns.get(b)! - columns.get(a)! || (a < b ? -1 : 1)
  return { alerting: alerting.sort(worstFirst), continued: continued.sort(worstFirst) }
}

const isAsBad = (incident: Incident | undefined, score: number, threshold: number): boolean =>
  incident !== undefined && score > Math.max(threshold, WORTH_TELLING) && score >= AS_BAD * incident.opened

/** Whether a score lets an incident come to rest. */
export const isQuiet = (score: number, { threshold, usual }: Bar): boolean =>
  score <= Math.max(threshold - HYSTERESIS, usual)

/** Whether an incident is over: quiet for long enough, or so old that it is the new normal. */
export const isOver = ({ quiet, age }: { readonly quiet: number; readonly age: number }): boolean =>
  quiet >= QUIET_TO_CLOSE || age > LONGEST

/** Opens, continues and closes incidents after a batch was decided. */
export function advanceIncidents(
  open: OpenIncidents,
  columns: ReadonlyMap<string, number>,
  { alerting, ...bar }: Bar & { readonly alerting: readonly string[] },
): void {
  for (const [column, incident] of open) {
    const score = columns.get(column) ?? 0
    incident.peak = Math.max(incident.peak, score)
    incident.age += 1
    incident.quiet = isQuiet(score, bar) ? incident.quiet + 1 : 0
    if (isOver(incident)) open.delete(column)
  }
  for (const column of alerting)
    if (!open.has(column))
      open.set(column, { opened: columns.get(column)!, peak: columns.get(column)!, quiet: 0, age: 1 })
}
