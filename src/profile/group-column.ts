import type { ColumnProfile } from '../data/profile.ts'
import { type Chunk, type Chunks, isValid, readChunks } from '../engines/duckdb-vectors.ts'
import { columnProfile, settled } from './column-profile.ts'
import { isText, type Reading } from './reading.ts'
import type { ScanInput } from './scan.ts'
import { valueFacts } from './value-facts.ts'

/**
 * Profiles a column from one GROUP BY: the engine counts the distinct values, everything else follows from them.
 *
 * Few texts are asked for in order, which the engine is quicker to bring about; it is that of their code units unless some
 * are beyond the basic plane.
 *
 * Costs little more than reading the column when values repeat; for nearly unique columns the kernel is cheaper.
 */
export async function groupColumn(
  input: ScanInput,
  reading: Reading,
  { areFew }: { readonly areFew: boolean },
): Promise<ColumnProfile> {
  const sql = reading.coerced ? coercedGroups(input, reading) : plainGroups(input, reading)
  const chunks = await readChunks(input.engine, areFew && isText(reading.column) ? `${sql} order by k` : sql)
  const groups = isText(reading.column) ? textGroups(chunks) : numberGroups(chunks)
  const facts = valueFacts(reading.column, groups.values)
  return settled(columnProfile(reading.column, { ...groups, facts }, input.found.length))
}

/** Rows of the groups without a value. */
interface Missing {
  nulls: number
  invalid: number
}

interface Groups extends Readonly<Missing> {
  readonly values: Float64Array | string[]
  readonly counts: Float64Array
}

function numberGroups(chunks: Chunks): Groups {
  const values = new Float64Array(chunks.rowCount)
  const counts = new Float64Array(chunks.rowCount)
  const missing = { nulls: 0, invalid: 0 }
  let size = 0
  for (const chunk of chunks) {
    const valid = chunk.valid(0)
    const keys = chunk.numbers(0)
    const rows = chunk.numbers(1)
    for (let i = 0; i < keys.length; i++) {
      if (isValid(valid, i)) {
        values[size] = keys[i]!
        counts[size++] = rows[i]!
      } else addMissing(missing, chunk, i)
    }
  }
  return { values: values.subarray(0, size), counts: counts.subarray(0, size), ...missing }
}

function textGroups(chunks: Chunks): Groups {
  const values: string[] = []
  const counts = new Float64Array(chunks.rowCount)
  const missing = { nulls: 0, invalid: 0 }
  for (const chunk of chunks) {
    const { texts, rows } = presentTexts(chunk, missing)
    counts.set(rows, values.length)
    values.push(...texts)
  }
  return { values, counts: counts.subarray(0, values.length), ...missing }
}

/** The groups of a chunk that have a text: in nearly all chunks, all. */
function presentTexts(
  chunk: Chunk,
  missing: Missing,
): { readonly texts: readonly string[]; readonly rows: Float64Array } {
  const texts = chunk.texts(0)
  const rows = chunk.numbers(1)
  if (!texts.includes(null)) return { texts: texts as string[], rows }
  for (const [i, text] of texts.entries()) if (text === null) addMissing(missing, chunk, i)
  return { texts: texts.filter((text) => text !== null), rows: rows.filter((_, i) => texts[i] !== null) }
}

/** Counts a group without a value: invalid when there was something to read. */
function addMissing(missing: Missing, chunk: Chunk, row: number): void {
  const rows = chunk.numbers(1)[row]!
  if (chunk.numbers(2)[row] === 1) missing.invalid += rows
  else missing.nulls += rows
}

/** A single key keeps the engine on its fastest grouping. */
const plainGroups = (input: ScanInput, reading: Reading): string =>
  `select ${reading.value('k')}, n::double, 0::double from (select ${reading.key} as k, count(*) as n from read_parquet(${input.file}) group by 1)`

/** Nulls and what cannot be read as expected are both null keys: whether there was something tells them apart. */
const coercedGroups = (input: ScanInput, reading: Reading): string =>
  `select ${reading.value('k')}, n::double, f::double from (select ${reading.key} as k, (${reading.source} is not null)::int as f, count(*) as n from read_parquet(${input.file}) group by 1, 2)`
