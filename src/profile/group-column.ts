import type { ColumnProfile } from '../data/profile.ts'
import { type Chunks, isValid, readChunks } from '../engines/duckdb-vectors.ts'
import { columnProfile } from './column-profile.ts'
import { isText, type Reading } from './reading.ts'
import type { ScanInput } from './scan.ts'
import { valueFacts } from './value-facts.ts'

/**
 * Profiles a column from one GROUP BY: the engine counts the distinct values, everything else follows from them.
 *
 * Costs little more than reading the column when values repeat; for nearly unique columns the kernel is cheaper.
 */
export async function groupColumn(input: ScanInput, reading: Reading): Promise<ColumnProfile> {
  const sql = reading.coerced ? coercedGroups(input, reading) : plainGroups(input, reading)
  const groups = collect(await readChunks(input.engine, sql), isText(reading.column))
  const facts = valueFacts(reading.column, groups.values)
  return columnProfile(reading.column, { ...groups, facts }, input.found.length)
}

interface Groups {
  readonly values: Float64Array | string[]
  readonly counts: Float64Array
  readonly nulls: number
  readonly invalid: number
}

/** Gathers groups of value, rows, and whether there was something to read. */
function collect(groups: Chunks, asTexts: boolean): Groups {
  const values: Float64Array | string[] = asTexts ? [] : new Float64Array(groups.rowCount)
  const counts = new Float64Array(groups.rowCount)
  let [size, nulls, invalid] = [0, 0, 0]
  for (const chunk of groups) {
    const valid = chunk.valid(0)
    const keys = asTexts ? chunk.texts(0) : chunk.numbers(0)
    const rows = chunk.numbers(1)
    const present = chunk.numbers(2)
    for (let i = 0; i < chunk.rowCount; i++) {
      if (isValid(valid, i)) {
        values[size] = keys[i]!
        counts[size++] = rows[i]!
      } else if (present[i] === 1) invalid += rows[i]!
      else nulls += rows[i]!
    }
  }
  return {
    values: asTexts ? values : (values as Float64Array).subarray(0, size),
    counts: counts.subarray(0, size),
    nulls,
    invalid,
  }
}

/** A single key keeps the engine on its fastest grouping. */
const plainGroups = (input: ScanInput, reading: Reading): string =>
  `select ${reading.value('k')}, n::double, 0::double from (select ${reading.key} as k, count(*) as n from read_parquet(${input.file}) group by 1)`

/** Nulls and what cannot be read as expected are both null keys: whether there was something tells them apart. */
const coercedGroups = (input: ScanInput, reading: Reading): string =>
  `select ${reading.value('k')}, n::double, f::double from (select ${reading.key} as k, (${reading.source} is not null)::int as f, count(*) as n from read_parquet(${input.file}) group by 1, 2)`
