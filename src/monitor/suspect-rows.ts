import type { Metric } from '../data/metric.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import { distributionOf, quantileOf } from '../profile/bucket-distribution.ts'
import { type ColumnHistory, pastShare } from '../profile/column-history.ts'
import { isPlaceholder } from '../profile/completeness.ts'
import { hasKey, isKept } from '../profile/count-table.ts'
import type { History } from '../profile/history.ts'
import type { BatchView } from '../profile/view.ts'

/** Values beyond these quantiles of the past are suspects when a distribution moved. */
const FAR = [0.005, 0.995] as const

/** Rows of a sample, 1 for a suspect. */
export type Suspects = Uint8Array

/**
 * The rows of a batch's sample that a metric is about: the nulls, the never-seen, the far-out, the repeated ones.
 *
 * @returns null for a metric that points at no row, or at none of these.
 */
export function suspectRows(
  { name, columns, entity }: Pick<Metric, 'name' | 'columns' | 'entity'>,
  batch: BatchView,
  history: History,
): Suspects | null {
  if (entity === 'table') return name === 'duplicateFraction' ? repeatedRows(batch.sample) : null
  if (entity === 'pair') return rowsOfPair(name, columns, batch)
  const [column] = columns
  const view = batch.columns.get(column!)
  const past = history.columns.get(column!)
  if (!view?.sample || !past) return null
  const isSuspect = suspicion(name, { view: { ...view, sample: view.sample }, past })
  return isSuspect ? orNull(markCodes(view.sample, isSuspect)) : null
}

interface Seen {
  readonly view: { readonly sample: SampleColumn; readonly sampleHashes: Float64Array }
  readonly past: ColumnHistory
}

/** Whether the value of a code is suspect; code 0 is null. */
type IsSuspect = (code: number) => boolean

function suspicion(name: string, seen: Seen): IsSuspect | null {
  const { view, past } = seen
  const { values, column } = view.sample
  if (name === 'nullFraction' || name === 'unreadableFraction') return (code) => code === 0
  if (name === 'placeholderFraction')
    return (code) => code > 0 && isPlaceholder(values[code - 1]!, column.storage)
  if (name.startsWith('valueSpike') || name === 'topValueFraction') return risenValue(seen)
  if (past.numbers && /quantile|minimum|maximum|mean|Deviation|Range|tail|Distance|negative/.test(name))
    return farOut(seen)
  return (code) => {
    const hash = view.sampleHashes[code]!
    return code > 0 && isKept(hash, past.values.level) && !hasKey(past.values, hash)
  }
}

/** The value whose share of the rows rose most. */
function risenValue({ view: { sample, sampleHashes }, past }: Seen): IsSuspect {
  const counts = new Uint32Array(sample.values.length + 1)
  for (const code of sample.codes) counts[code]!++
  let risen = 0
  let most = 0
  for (let code = 1; code < counts.length; code++) {
    const rise = counts[code]! / sample.codes.length - pastShare(past, sampleHashes[code]!)
    if (rise > most) [most, risen] = [rise, code]
  }
  return (code) => code === risen && risen > 0
}

function farOut({ view: { sample }, past }: Seen): IsSuspect {
  const distribution = distributionOf(past.numbers!.pool)
  const [low, high] = FAR.map((probability) => quantileOf(distribution, probability)) as [number, number]
  return (code) => {
    const value = sample.values[code - 1] as number | undefined
    return value !== undefined && (value < low || value > high || !Number.isFinite(value))
  }
}

function markCodes({ codes, values }: SampleColumn, isSuspect: IsSuspect): Suspects {
  const marks = Uint8Array.from({ length: values.length + 1 }, (_, code) => Number(isSuspect(code)))
  return Uint8Array.from(codes, (code) => marks[code]!)
}

/** Rows of a group whose `to` is null against most of it. */
function rowsOfPair(name: string, [from, to]: readonly string[], batch: BatchView): Suspects | null {
  const [a, b] = [batch.columns.get(from!)?.sample, batch.columns.get(to!)?.sample]
  if (!a || !b || name !== 'nullsAgainstGroupFraction') return null
  return orNull(Uint8Array.from(a.codes, (code, row) => Number(code > 0 && b.codes[row] === 0)))
}

function repeatedRows({ rows, columns }: RowSample): Suspects | null {
  const keys = Array.from({ length: rows }, (_, row) => columns.map(({ codes }) => codes[row]).join())
  const seen = new Map<string, number>()
  for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1)
  return orNull(Uint8Array.from(keys, (key) => Number(seen.get(key)! > 1)))
}

const orNull = (marks: Suspects): Suspects | null => (marks.includes(1) ? marks : null)
