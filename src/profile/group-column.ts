import type { ColumnProfile } from '../data/profile.ts'
import { isValid, readChunks } from '../engines/duckdb-vectors.ts'
import { columnProfile } from './column-profile.ts'
import type { Reading } from './reading.ts'
import type { ScanInput } from './scan.ts'
import { valueFacts } from './value-facts.ts'

/**
 * Profiles a column from one GROUP BY: the engine counts the distinct values, everything else follows from them.
 *
 * Costs little more than reading the column when values repeat; for nearly unique columns the kernel is cheaper.
 */
export async function groupColumn(input: ScanInput, reading: Reading): Promise<ColumnProfile> {
  const groups = await readGroups(input, reading)
  const facts = valueFacts(reading.column, groups.values)
  const tally = {
    facts,
    counts: Float64Array.from(groups.counts),
    nulls: groups.nulls,
    invalid: groups.invalid,
  }
  return columnProfile(reading.column, tally, input.found.length)
}

interface Groups {
  readonly values: number[] | string[]
  readonly counts: number[]
  readonly nulls: number
  readonly invalid: number
}

async function readGroups(input: ScanInput, reading: Reading): Promise<Groups> {
  const sql = reading.coerced ? coercedGroups(input, reading) : plainGroups(input, reading)
  const isText = reading.column.storage === 'string' || reading.column.storage === 'nested'
  const values: (number | string)[] = []
  const counts: number[] = []
  let nulls = 0
  let invalid = 0
  for (const chunk of await readChunks(input.engine, sql)) {
    const valid = chunk.valid(0)
    const keys = isText ? chunk.texts(0) : chunk.numbers(0)
    const rows = chunk.numbers(1)
    const present = chunk.numbers(2)
    for (let i = 0; i < chunk.rowCount; i++) {
      if (isValid(valid, i)) {
        values.push(keys[i]!)
        counts.push(rows[i]!)
      } else if (reading.coerced && present[i] === 1) invalid += rows[i]!
      else nulls += rows[i]!
    }
  }
  return { values: values as number[] | string[], counts, nulls, invalid }
}

/** A single key keeps the engine on its fastest grouping. */
const plainGroups = (input: ScanInput, reading: Reading): string =>
  `select ${reading.value('k')}, n::double, 0::double from (select ${reading.key} as k, count(*) as n from read_parquet(${input.file}) group by 1)`

/** Nulls and what cannot be read as expected are both null keys: whether there was something tells them apart. */
const coercedGroups = (input: ScanInput, reading: Reading): string =>
  `select ${reading.value('k')}, n::double, f::double from (select ${reading.key} as k, (${reading.source} is not null)::int as f, count(*) as n from read_parquet(${input.file}) group by 1, 2)`
