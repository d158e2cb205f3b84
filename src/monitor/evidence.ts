import type { Metric } from '../data/metric.ts'
import type { Evidence } from '../data/verdict.ts'
import { type Engine, quoteName, quoteText } from '../engines/duckdb.ts'
import { type ColumnHistory, pastShare } from '../profile/column-history.ts'
import { isPlaceholder } from '../profile/completeness.ts'
import { hasKey, isKept } from '../profile/count-table.ts'
import type { History } from '../profile/history.ts'
import { numberedRows } from '../profile/reading.ts'
import type { BatchView, ColumnView } from '../profile/view.ts'

/** Rows shown per finding. */
const SHOWN = 10
/** Columns read in one statement: more would make the engine hold a row group of all of them. */
const COLUMNS_AT_ONCE = 16
/** Values listed in a predicate: more make it unreadable and slow. */
const LISTED = 200

/** The rows a metric is about, as a DuckDB predicate with the reason in words. */
interface Selection {
  readonly predicate: string
  readonly description: string
}

/**
 * Looks up the rows behind some findings while the batch is at hand, each named by a key.
 *
 * Metrics that are about no particular rows, such as a median, have none. All rows are brought at once: whoever wants a
 * few rows of many columns makes the engine read nearly all.
 */
export async function evidenceFor(
  engine: Engine,
  path: string,
  found: {
    readonly metrics: readonly { readonly key: string; readonly metric: Metric }[]
    readonly batch: BatchView
    readonly history: History
  },
): Promise<readonly (readonly [string, Evidence])[]> {
  const numbered = numberedRows(quoteText(path), found.batch.columns.keys())
  const located: Located[] = []
  for (const { key, metric } of found.metrics) {
    const selection = select(metric, found.batch, found.history)
    const rows = selection && (await locate(engine, numbered, selection))
    if (rows && rows.total > 0) located.push({ key, ...selection, ...rows })
  }
  const columns = [...found.batch.columns.keys()].slice(0, 60)
  const cells = await cellsOf(engine, numbered, { columns, rows: located.flatMap(({ rows }) => rows) })
  return located.map(({ key, rows, ...evidence }) => [
    key,
    { ...evidence, columns, rows: rows.map((row) => cells.get(row)!) },
  ])
}

/** A selection with how many rows it has, and the numbers of those to show. */
interface Located extends Selection {
  readonly key: string
  readonly total: number
  readonly rows: readonly number[]
}

async function locate(
  engine: Engine,
  numbered: string,
  { predicate }: Selection,
): Promise<Pick<Located, 'total' | 'rows'>> {
  const found = await engine.query(
    `with found as materialized (select fiable_row from ${numbered} where ${predicate})
     select fiable_row, (select count(*) from found) as total from found limit ${SHOWN}`,
  )
  return { total: Number(found[0]?.total ?? 0), rows: found.map((row) => Number(row.fiable_row)) }
}

/** The cells of some rows as text, by row number. */
async function cellsOf(
  engine: Engine,
  numbered: string,
  { columns, rows }: { readonly columns: readonly string[]; readonly rows: readonly number[] },
): Promise<ReadonlyMap<number, Evidence['rows'][number]>> {
  const cells = new Map<number, (string | null)[]>(rows.map((row) => [row, []]))
  for (let first = 0; rows.length > 0 && first < columns.length; first += COLUMNS_AT_ONCE) {
    const some = columns.slice(first, first + COLUMNS_AT_ONCE)
    const texts = some.map((name, i) => `${quoteName(name)}::varchar as c${i}`)
    const found = await engine.query(
      `select fiable_row, ${texts} from ${numbered} where fiable_row in (${rows})`,
    )
    for (const row of found)
      cells.get(Number(row.fiable_row))!.push(...some.map((_, i) => row[`c${i}`] as string | null))
  }
  return cells
}

function select(metric: Metric, batch: BatchView, history: History): Selection | null {
  if (metric.entity === 'table') return metric.name === 'duplicateFraction' ? duplicates(batch) : null
  const name = metric.columns[0]!
  const column = batch.columns.get(name)
  if (!column || metric.entity === 'pair') return null
  return selectInColumn(metric.name, { name, column, past: history.columns.get(name) })
}

const duplicates = (batch: BatchView): Selection => {
  const all = [...batch.columns.keys()].map(quoteName).join(', ')
  return {
    predicate: `true qualify count(*) over (partition by ${all}) > 1`,
    description: 'rows that occur more than once',
  }
}

interface InColumn {
  readonly name: string
  readonly column: ColumnView
  readonly past: ColumnHistory | undefined
}

function selectInColumn(metric: string, found: InColumn): Selection | null {
  const quoted = quoteName(found.name)
  switch (metric) {
    case 'nullFraction':
      return { predicate: `${quoted} is null`, description: `${found.name} is null` }
    case 'placeholderFraction':
      return placeholders(found)
    case 'unreadableFraction':
      return {
        predicate: `${quoted} is not null and try_cast(${quoted} as ${found.column.profile.column.type}) is null`,
        description: `${found.name} cannot be read as ${found.column.profile.column.type}`,
      }
    case 'distinctFraction':
    case 'distinctCount':
      return {
        predicate: `true qualify ${quoted} is not null and count(*) over (partition by ${quoted}) > 1`,
        description: `${found.name} repeats`,
      }
    case 'negativeFraction':
      return { predicate: `${quoted} < 0`, description: `${found.name} is negative` }
    case 'zeroFraction':
      return { predicate: `${quoted} = 0`, description: `${found.name} is zero` }
    default:
      return selectUnusual(metric, found)
  }
}

const NOVELTIES = new Set(
  'unseenPatternFraction rarePatternFraction patternSurprise unseenTrigramFraction unseenWordFraction nearMissFraction nearMissValueFraction unseenValueFraction unseenDistinctFraction upperCaseShare lowerCaseShare digitShare spaceShare otherCharacterShare'.split(
    ' ',
  ),
)
const RANGES = new Set(
  'outOfRangeFraction tailFraction minimum maximum standardDeviation quantile01 quantile99'.split(' '),
)

function selectUnusual(metric: string, found: InColumn): Selection | null {
  const { past, column } = found
  if (!past) return null
  if (NOVELTIES.has(metric))
    return among(
      found,
      (_, hash) => isKept(hash, past.values.level) && !hasKey(past.values, hash),
      'was never seen before',
    )
  if (metric.startsWith('valueSpike') || metric === 'topValueFraction') return spike(found, past)
  if (RANGES.has(metric) && past.numbers) return outside(found, past.numbers)
  return column.profile.invalid > 0 ? selectInColumn('unreadableFraction', found) : null
}

function outside({ name }: InColumn, numbers: { readonly min: number; readonly max: number }): Selection {
  const quoted = quoteName(name)
  return {
    predicate: `(${quoted} < ${numbers.min} or ${quoted} > ${numbers.max})`,
    description: `${name} is outside ${numbers.min} … ${numbers.max}`,
  }
}

/** The one value whose share rose most. */
function spike({ name, column }: InColumn, past: ColumnHistory): Selection | null {
  const { values, counts } = column.profile.frequencies
  let best = -1
  let rise = 0
  for (let i = 0; i < values.length; i++) {
    const extra = counts[i]! / column.profile.rows - pastShare(past, column.hashes[i]!)
    if (extra <= rise) continue
    rise = extra
    best = i
  }
  const literal = best >= 0 ? literalOf(values[best]!, column) : null
  return literal === null
    ? null
    : { predicate: `${quoteName(name)} = ${literal}`, description: `${name} is ${values[best]}` }
}

/** Looked for in the sample when the frequencies do not hold every value. */
function placeholders(found: InColumn): Selection | null {
  const { profile, sample } = found.column
  const { values } = profile.frequencies.level > 0 && sample ? sample : profile.frequencies
  const chosen = [...values].filter((value) => isPlaceholder(value, profile.column.storage))
  return oneOf(found, chosen, 'stands for a missing value')
}

function among(
  found: InColumn,
  accept: (value: number | string, hash: number) => boolean,
  why: string,
): Selection | null {
  const { profile, hashes } = found.column
  const { values } = profile.frequencies
  const chosen: (number | string)[] = []
  for (let i = 0; i < values.length && chosen.length < LISTED; i++)
    if (accept(values[i]!, hashes[i]!)) chosen.push(values[i]!)
  return oneOf(found, chosen, why)
}

function oneOf(
  { name, column }: InColumn,
  values: readonly (number | string)[],
  why: string,
): Selection | null {
  const literals = values.slice(0, LISTED).flatMap((value) => literalOf(value, column) ?? [])
  return literals.length > 0
    ? { predicate: `${quoteName(name)} in (${literals.join(', ')})`, description: `${name} ${why}` }
    : null
}

/** A value as SQL; null when it was shortened and no longer equals what is in the file. */
function literalOf(value: number | string, column: ColumnView): string | null {
  if (typeof value === 'string') return value.length > 256 ? null : quoteText(value)
  const { storage } = column.profile.column
  if (storage === 'boolean') return value === 1 ? 'true' : 'false'
  return storage === 'time' ? `epoch_ms(${Math.trunc(value)})` : String(value)
}
