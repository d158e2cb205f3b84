import { quoteName, quoteText } from '../engines/duckdb.ts'
import type { Partition } from './find-files.ts'
import { quotePath } from './parquet-file.ts'

/** A Parquet file with the hive partitions it lies in. */
export interface RelationPart {
  readonly parquet: string
  readonly partitions: readonly Partition[]
}

/**
 * SQL of one relation over Parquet files: columns united by name, absent ones null, unequal types widened by DuckDB.
 * Partition folders become columns, in place of file columns of the same name.
 */
export function relationOf(parts: readonly RelationPart[]): string {
  const groups = Map.groupBy(parts, (part) => JSON.stringify(part.partitions))
  const types = partitionTypes(parts)
  const selects = [...groups.values()].map((group) => selectOf(group, types))
  return `(${selects.join(' UNION ALL BY NAME ')})`
}

function selectOf(group: readonly RelationPart[], types: ReadonlyMap<string, string>): string {
  const { partitions } = group[0]!
  const files = group.map(({ parquet }) => quotePath(parquet)).join(', ')
  const from = `FROM read_parquet([${files}], union_by_name=true, hive_partitioning=false)`
  if (partitions.length === 0) return `SELECT * ${from}`
  const names = partitions.map(({ name }) => quoteText(name.toLowerCase())).join(', ')
  const literals = partitions.map(({ name, value }) => {
    const literal = value === null ? 'NULL' : quoteText(value)
    return `CAST(${literal} AS ${types.get(name)}) AS ${quoteName(name)}`
  })
  return `SELECT COLUMNS(c -> lower(c) NOT IN (${names})), ${literals.join(', ')} ${from}`
}

/** The narrowest type of each partition column over all folders: date, whole number that prints back, or text. */
function partitionTypes(parts: readonly RelationPart[]): ReadonlyMap<string, string> {
  const all = parts.flatMap(({ partitions }) => partitions)
  const byName = Map.groupBy(all, ({ name }) => name)
  return new Map([...byName].map(([name, each]) => [name, typeOf(each.flatMap(({ value }) => value ?? []))]))
}

function typeOf(values: readonly string[]): string {
  if (values.length === 0) return 'VARCHAR'
  if (values.every(isDate)) return 'DATE'
  return values.every((value) => /^(0|-?[1-9]\d{0,17})$/.test(value)) ? 'BIGINT' : 'VARCHAR'
}

const isDate = (value: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString().startsWith(value)
