import { createHash } from 'node:crypto'
import { isOver, isQuiet } from '../calibration/incidents.ts'
import type { Decision } from '../calibration/replay-decisions.ts'
import type { Dimension } from '../data/dimension.ts'
import type { Finding } from '../data/verdict.ts'
import type { JudgedBatch } from './baseline.ts'
import { findingsOf } from './findings.ts'

/** `open` on the batch it began with, `continued` while it goes on, `closed` after two quiet batches or fourteen of any. */
export type IncidentState = 'open' | 'continued' | 'closed'

/** What one cause did, over columns, consecutive batches and dimensions. */
export interface Incident {
  /** Ten hex digits, the same for the same dataset, first batch, leading column and dimension. */
  readonly id: string
  readonly dataset: string
  readonly state: IncidentState
  /** Whether somebody was called; else it only went to the digest. */
  readonly level: 'page' | 'digest'
  /** The most surprising column of the first batch; empty for the table. */
  readonly column: string
  readonly dimension: Dimension
  /** What was most surprising on the first batch, as a sentence. */
  readonly title: string
  /** The finding that the title says; null when no single metric stands out. */
  readonly finding: Finding | null
  /** All columns and dimensions touched, the leading ones first. */
  readonly columns: readonly string[]
  readonly dimensions: readonly Dimension[]
  /** Batches that told of it, oldest first. */
  readonly batches: readonly string[]
  /** Of these, the ones on which it got worse than it had been. */
  readonly worsened: readonly string[]
  /** When the last of these was judged; null when it never got worse. */
  readonly worsenedMs: number | null
  /** First instant of its first batch (epoch ms), when known. */
  readonly startMs: number | null
  /** When its last telling batch was judged. */
  readonly lastMs: number
  /** Highest column score, nats. */
  readonly peak: number
}

/** An incident while the history is gone through. */
interface Growing {
  readonly id: string
  readonly first: JudgedBatch
  readonly title: string
  readonly finding: Finding | null
  readonly columns: Set<string>
  readonly dimensions: Set<Dimension>
  readonly told: JudgedBatch[]
  readonly worsened: JudgedBatch[]
  isPaged: boolean
  peak: number
  quiet: number
  age: number
  isClosed: boolean
}

/**
 * Groups the alerts of a history into incidents, oldest first: a replay of stored scores and of the decisions under the
 * sensitivity in force, so that another sensitivity derives them anew.
 *
 * Columns that alert on one batch are one incident when a finding names both, when they share a metric or the number of
 * rows at fault, or when the table itself alerts. A later batch belongs to the open incident whose column
 * it touches again.
 */
export function incidentsOf(
  dataset: string,
  judged: readonly JudgedBatch[],
  decisions: readonly Decision[],
): readonly Incident[] {
  const all: Growing[] = []
  judged.forEach((batch, place) => {
    const decision = decisions[place]!
    const groups = groupsOn(batch, decision)
    const open = all.filter(({ isClosed }) => !isClosed)
    for (const incident of open) age(incident, decision)
    for (const group of groups) {
      const known = openWith(
        open.filter(({ isClosed }) => !isClosed),
        group,
      )
      if (known) grow(known, { batch, decision, group })
      else all.push(begin(dataset, { batch, decision, group }))
    }
  })
  return all.map((incident) => finish(dataset, incident))
}

/** Columns that alert on one batch for one cause, most surprising first, with what was found in them. */
interface Group {
  readonly columns: readonly string[]
  readonly findings: readonly Finding[]
}

interface Told {
  readonly batch: JudgedBatch
  readonly decision: Decision
  readonly group: Group
}

function groupsOn({ score }: JudgedBatch, decision: Decision): readonly Group[] {
  const ruled = score.summary.absolute.flatMap(({ columns }) => (columns.length > 0 ? columns : ['']))
  const columns = [...new Set([...ruled, ...decision.columns, ...decision.continued])]
  if (columns.length === 0) return []
  const findings = findingsOf(score, decision, () => [])
  const links = columns.map((column) => ({ column, tokens: tokensOf(column, findings) }))
  return components(links).map((group) => ({
    columns: group,
    findings: findings.filter((finding) => group.some((column) => isAbout(finding, column))),
  }))
}

const isAbout = ({ columns }: Pick<Finding, 'columns'>, column: string): boolean =>
  column === '' ? columns.length === 0 : columns.includes(column)

/** What a column shares with others that have the same cause. */
function tokensOf(column: string, findings: readonly Finding[]): ReadonlySet<string> {
  const own = findings.filter((finding) => isAbout(finding, column))
  return new Set(
    own.flatMap(({ metric, evidence, columns }) => [
      `metric ${metric}`,
      ...(columns.length > 1 ? [`pair ${columns.join('\u001f')}`] : []),
      ...(evidence?.total ? [`rows ${evidence.total}`] : []),
    ]),
  )
}

interface Linked {
  readonly column: string
  readonly tokens: ReadonlySet<string>
}

/** Connected columns; the table is connected to all. Order is kept. */
function components(links: readonly Linked[]): readonly (readonly string[])[] {
  if (links.some(({ column }) => column === '')) return [links.map(({ column }) => column)]
  const groups: { columns: string[]; tokens: Set<string> }[] = []
  for (const { column, tokens } of links) {
    const related = groups.filter((group) => [...tokens].some((token) => group.tokens.has(token)))
    const [first, ...others] = related
    if (!first) {
      groups.push({ columns: [column], tokens: new Set(tokens) })
      continue
    }
    for (const other of others) groups.splice(groups.indexOf(other), 1)
    first.columns.push(...others.flatMap(({ columns }) => columns), column)
    for (const set of [tokens, ...others.map((other) => other.tokens)])
      for (const token of set) first.tokens.add(token)
  }
  return groups.map(({ columns }) => columns)
}

/** The open incident that a group belongs to: the one that its most surprising known column began or joined first. */
function openWith(open: readonly Growing[], { columns }: Group): Growing | undefined {
  for (const column of columns) {
    const known = open.find((incident) => incident.columns.has(column))
    if (known) return known
  }
  return undefined
}

function begin(dataset: string, told: Told): Growing {
  const { batch, decision, group } = told
  const [column = ''] = group.columns
  const [top] = group.findings
  const dimension = top?.dimension ?? leadingDimension(decision)
  const incident: Growing = {
    id: idOf(dataset, keyOf(batch), column, dimension),
    first: batch,
    title: top?.message ?? 'Several metrics are unusual together.',
    finding: top ?? null,
    columns: new Set(),
    dimensions: new Set([dimension]),
    told: [],
    worsened: [],
    isPaged: false,
    peak: 0,
    quiet: 0,
    age: 1,
    isClosed: false,
  }
  add(incident, told)
  return incident
}

const idOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\u001f')).digest('hex').slice(0, 10)

const leadingDimension = ({ batch }: Decision): Dimension =>
  (Object.entries(batch.dimensions) as [Dimension, number][]).sort((a, b) => b[1] - a[1])[0]![0]

/** One batch later, before it is known whether the batch tells of the incident. */
function age(incident: Growing, decision: Decision): void {
  const own = decision.batch.columns
  const isResting = [...incident.columns].every((column) => isQuiet(own.get(column) ?? 0, decision))
  incident.age += 1
  incident.quiet = isResting ? incident.quiet + 1 : 0
  incident.isClosed = isOver(incident)
}

function grow(incident: Growing, told: Told): void {
  const { batch, decision, group } = told
  if (group.columns.some((column) => decision.columns.includes(column))) incident.worsened.push(batch)
  incident.quiet = 0
  add(incident, told)
}

function add(incident: Growing, { batch, decision, group }: Told): void {
  incident.told.push(batch)
  for (const column of group.columns) incident.columns.add(column)
  for (const { dimension } of group.findings) incident.dimensions.add(dimension)
  for (const [column, score] of decision.batch.columns)
    if (incident.columns.has(column)) incident.peak = Math.max(incident.peak, score)
  if (decision.alert) incident.isPaged = true
}

function finish(dataset: string, incident: Growing): Incident {
  const { id, first, title, finding, told, worsened, peak, isPaged } = incident
  const [columns, dimensions] = [[...incident.columns], [...incident.dimensions]]
  return {
    id,
    dataset,
    state: stateOf(incident),
    level: isPaged ? 'page' : 'digest',
    column: columns[0]!,
    dimension: dimensions[0]!,
    title,
    finding,
    columns,
    dimensions,
    batches: told.map(keyOf),
    worsened: worsened.map(keyOf),
    worsenedMs: worsened.at(-1)?.record.judgedMs ?? null,
    startMs: first.record.listing.startMs,
    lastMs: told.at(-1)!.record.judgedMs,
    peak,
  }
}

const keyOf = ({ record }: JudgedBatch): string => record.listing.key

function stateOf({ isClosed, age: batches }: Growing): IncidentState {
  if (isClosed) return 'closed'
  return batches === 1 ? 'open' : 'continued'
}
