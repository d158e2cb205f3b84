import type { Dimension } from '../data/dimension.ts'
import type { Json } from '../data/json.ts'
import type { Metric } from '../data/metric.ts'
import type { Evidence } from '../data/verdict.ts'
import type { BatchScore, SeriesScore } from '../detectors/table-scorer.ts'
import type { PerCase } from '../math/cases.ts'
import type { Judgement, ScoreRecord } from '../tracking/batches.ts'
import type { AbsoluteFinding } from './absolute-rules.ts'
import type { ColdStart } from './cold-start.ts'

/** What is stored of a judged batch besides the numbers of its series. */
export interface Summary {
  /** Column score in nats, by column. */
  readonly columns: readonly (readonly [string, number])[]
  readonly dimensions: Readonly<Record<Dimension, number>>
  readonly table: number
  /** The strongest case of each size, and what each was worth. */
  readonly cases: PerCase
  readonly worth: PerCase
  /** Batches learnt before. */
  readonly known: number
  readonly absolute: readonly AbsoluteFinding[]
  /** Rows behind the most surprising series, and behind absolute findings, by series key or metric name and column. */
  readonly evidence: readonly (readonly [string, Evidence])[]
  /** On the first batch of the table only. */
  readonly coldStart: {
    readonly withinVariance: readonly (readonly [string, number])[]
    readonly betweenRatio: number | null
  } | null
  /** The version that gave the metrics of the rows; absent in what was stored before versions were. */
  readonly rowModel?: { readonly name: string; readonly version: number } | null
}

/** The scores of one batch as read back. */
export interface StoredScore {
  readonly series: readonly SeriesScore[]
  readonly summary: Summary
}

type Numbers = Record<string, number>

/** Every number of a series score, flat: the metric's own first. */
function numbersOf(score: SeriesScore): Numbers {
  const { metric, tail, key: _, ...numbers } = score
  return {
    value: metric.value,
    support: metric.support,
    frameCenter: metric.frame?.center ?? Number.NaN,
    frameSpread: metric.frame?.spread ?? Number.NaN,
    tailChance: tail.chance,
    tailShape: tail.shape,
    ...numbers,
  }
}

/** The part of a judgement that holds scores. */
export function encodeScores(
  series: readonly SeriesScore[],
  summary: Summary,
): Pick<Judgement, 'series' | 'fields' | 'numbers' | 'summary'> {
  const rows = series.map(numbersOf)
  const fields = Object.keys(rows[0] ?? {})
  const numbers = new Float64Array(fields.length * rows.length)
  for (const [f, field] of fields.entries())
    for (const [i, row] of rows.entries()) numbers[f * rows.length + i] = row[field]!
  return { series: series.map(describe), fields, numbers, summary: summary as unknown as Json }
}

/** What stays the same of a metric from batch to batch. */
function describe({ key, metric }: SeriesScore): { key: string; description: Json } {
  const { name, dimension, entity, instance, columns, scale, side } = metric
  return { key, description: { key, name, dimension, entity, instance, columns, scale, side } }
}

type Description = Omit<Metric, 'value' | 'support' | 'frame'> & { readonly key: string }

/** Reads scores back, bit for bit. */
export function decodeScores(record: ScoreRecord, descriptions: ReadonlyMap<number, Json>): StoredScore {
  const count = record.series.length
  const series = Array.from(record.series, (id, i) => {
    const description = descriptions.get(id) as unknown as Description
    const numbers: Numbers = {}
    for (const [f, field] of record.fields.entries()) numbers[field] = record.numbers[f * count + i]!
    return rebuild(description, numbers)
  })
  return { series, summary: record.summary as unknown as Summary }
}

function rebuild({ key, ...constant }: Description, numbers: Numbers): SeriesScore {
  const { value, support, frameCenter, frameSpread, tailChance, tailShape, ...scored } = numbers
  const frame = Number.isNaN(frameSpread!) ? {} : { frame: { center: frameCenter!, spread: frameSpread! } }
  const metric = { ...constant, value: value!, support: support!, ...frame }
  return {
    key,
    metric,
    tail: { chance: tailChance, shape: tailShape },
    ...scored,
  } as unknown as SeriesScore
}

/** Summarises a batch's score for storing. */
export const summarise = (
  score: BatchScore,
  found: {
    readonly absolute: readonly AbsoluteFinding[]
    readonly evidence: readonly (readonly [string, Evidence])[]
    readonly coldStart: ColdStart | null
    readonly rowModel: Summary['rowModel']
  },
): Summary => ({
  columns: [...score.columns],
  dimensions: score.dimensions,
  table: score.table,
  cases: score.cases,
  worth: score.expected.worth,
  known: score.known,
  absolute: found.absolute,
  evidence: found.evidence,
  rowModel: found.rowModel ?? null,
  coldStart: found.coldStart && { ...found.coldStart, withinVariance: [...found.coldStart.withinVariance] },
})
