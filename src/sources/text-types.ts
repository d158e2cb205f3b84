import type { Engine } from '../engines/duckdb.ts'
import { textHash } from './file-hash.ts'

/** A type that texts may be read as, when every value of a column allows it. */
export interface TextType {
  /** DuckDB type name. */
  readonly name: string
  /** SQL: whether a text can be read without loss; null for null. */
  accepts(text: string): string
  /** SQL: the text as this type. */
  read(text: string): string
}

/** A type whose texts DuckDB can cast and that fit `form`, which keeps out what would be lost. */
const castable = (name: string, form: (text: string) => string): TextType => ({
  name,
  accepts: (text) => `(try_cast(${text} AS ${name}) IS NOT NULL AND ${form(text)})`,
  read: (text) => `CAST(${text} AS ${name})`,
})

/** A column without values stays text, and is asked again when values turn up. */
const nothing: TextType = {
  name: 'NULL',
  accepts: (text) => `nullif(${text} IS NULL, true)`,
  read: () => 'CAST(NULL AS VARCHAR)',
}

/** Whole numbers that print back as they were written: `00123`, `+33…` and `1_000` stay text. */
const integer: TextType = {
  name: 'BIGINT',
  accepts: (text) => `(CAST(try_cast(${text} AS BIGINT) AS VARCHAR) IS NOT DISTINCT FROM ${text})`,
  read: (text) => `CAST(${text} AS BIGINT)`,
}

/** No sign but minus, no digit groups, no leading zero: what such texts lose as numbers, codes need. */
const plainNumber = (text: string): string =>
  `${text} NOT LIKE '+%' AND strpos(${text}, '_') = 0
   AND (ltrim(${text}, ' -') NOT LIKE '0_%' OR ltrim(${text}, ' -') LIKE '0.%' OR lower(ltrim(${text}, ' -')) LIKE '0e%')`

/** What most numbers look like: a text of this form is plain and can be cast, told at a third of the cost. */
const usualNumber = (text: string): string => `regexp_full_match(${text}, '-?(0|[1-9]\\d{0,15})(\\.\\d+)?')`

/** Digits only, as long as a decimal can hold. */
const longInteger = castable(
  'DECIMAL(38,0)',
  (text) => `CAST(try_cast(${text} AS DECIMAL(38,0)) AS VARCHAR) = ${text}`,
)

const anyPoint = castable(
  'DOUBLE',
  (text) =>
    `${plainNumber(text)} AND (length(${text}) <= 38 OR strpos(${text}, '.') > 0 OR strpos(lower(${text}), 'e') > 0)`,
)

const point: TextType = {
  ...anyPoint,
  accepts: (text) => `(${usualNumber(text)} OR ${anyPoint.accepts(text)})`,
}

const withPoint = (text: string): string => `replace(${text}, ',', '.')`

/** `1250,5`, as written with `;` between cells. */
const comma: TextType = {
  name: 'DOUBLE',
  accepts: (text) => `(strpos(${text}, '.') = 0 AND ${point.accepts(withPoint(text))})`,
  read: (text) => point.read(withPoint(text)),
}

/** An instant without an offset has nothing but digits and their marks after the day. */
const hasNoOffset = (text: string): string => `regexp_full_match(${text}, '\\d{4}-\\d\\d-\\d\\d[T\\d:. ]*')`

const times: readonly TextType[] = [
  castable('DATE', (text) => `${text} LIKE '____-__-__'`),
  castable('TIME', (text) => `${text} LIKE '__:__%'`),
  castable('TIMESTAMP', hasNoOffset),
  castable('TIMESTAMP WITH TIME ZONE', (text) => `${text} LIKE '____-__-__%:%' AND NOT ${hasNoOffset(text)}`),
]

/** Text as it is: what remains when no narrower type takes every value. */
export const text: TextType = {
  name: 'VARCHAR',
  accepts: (cell) => `(${cell} = ${cell})`,
  read: (cell) => cell,
}

/**
 * The types of CSV cells, narrowest first. Times only year first (ISO 8601): whether 05/03 is May or March would change
 * from file to file. Whole numbers beyond 64 bits are DECIMAL(38,0), which Parquet keeps exactly.
 */
export const cellTypes = (delimiter: string): readonly TextType[] => [
  nothing,
  castable('BOOLEAN', (cell) => `lower(${cell}) IN ('true', 'false')`),
  integer,
  longInteger,
  point,
  ...(delimiter === ',' ? [] : [comma]),
  ...times,
  text,
]

/** The types of JSON strings: times only, since JSON has its own numbers. */
export const stringTypes: readonly TextType[] = [nothing, ...times, text]

/** The types of JSON numbers beyond 64-bit integers. */
export const numberTypes: readonly TextType[] = [nothing, longInteger, point, text]

/** Where texts are whose types are asked for. */
export interface TextColumns {
  /** SQL of a relation. */
  readonly relation: string
  /** SQL of its text columns. */
  readonly columns: readonly string[]
}

/**
 * The narrowest type that takes every value, for each text column of a relation.
 *
 * A type that does not hold costs 25 µs per value to find out, one that holds 0.1 µs: so types are chosen by a few
 * values, put to all of them, and chosen again with what was refused, until nothing is. The relation is read once per
 * round, mostly two.
 *
 * @param types - Narrowest first; the last takes every text.
 * @param guess - Types to start from, one per column; by default the first of all.
 */
export async function narrowestTypes(
  engine: Engine,
  { relation, columns }: TextColumns,
  types: readonly TextType[],
  guess: readonly TextType[] = columns.map(() => types[0]!),
): Promise<readonly TextType[]> {
  if (columns.length === 0) return []
  const evidence = `fiable_evidence_${textHash(`${relation}${columns}`).slice(0, 16)}`
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${evidence} (place VARCHAR, value VARCHAR)`)
  try {
    let chosen = guess
    while (await collectRefused(engine, { relation, columns }, { evidence, chosen }))
      chosen = await typesOf(engine, evidence, { types, chosen })
    return chosen
  } finally {
    await engine.run(`DROP TABLE ${evidence}`)
  }
}

/** Refused values of a column that are looked at in one round. */
const REFUSED = 50

/**
 * Adds to the evidence values that the chosen types refuse; false when there are none.
 *
 * All cells go through one column, since DuckDB takes milliseconds to bind each expression.
 */
async function collectRefused(
  engine: Engine,
  { relation, columns }: TextColumns,
  { evidence, chosen }: { readonly evidence: string; readonly chosen: readonly TextType[] },
): Promise<boolean> {
  const asked = columns.flatMap((column, c) => (chosen[c] === text ? [] : [`${column} AS "${c}"`]))
  if (asked.length === 0) return false
  const places = Map.groupBy(chosen.keys(), (c) => chosen[c]!)
  const accepted = [...places].map(
    ([type, at]) => `WHEN place IN (${at.map((c) => `'${c}'`).join(', ')}) THEN ${type.accepts('value')}`,
  )
  const [added] = await engine.query(
    `INSERT INTO ${evidence} SELECT place, value
     FROM (UNPIVOT (SELECT ${asked.join(', ')} FROM ${relation}) ON COLUMNS(*) INTO NAME place VALUE value)
     WHERE NOT CASE ${accepted.join(' ')} END
     QUALIFY row_number() OVER (PARTITION BY place) <= ${REFUSED}`,
  )
  return Number(added!.Count) > 0
}

async function typesOf(
  engine: Engine,
  evidence: string,
  { types, chosen }: { readonly types: readonly TextType[]; readonly chosen: readonly TextType[] },
): Promise<readonly TextType[]> {
  const asked = types.map((type, t) => `bool_and(${type.accepts('value')}) AS "${t}"`).join(', ')
  const rows = await engine.query(`SELECT place, ${asked} FROM ${evidence} GROUP BY place`)
  const taken = new Map(rows.map((row) => [row.place, types.find((_, t) => row[`${t}`] === true)!]))
  return chosen.map((type, c) => taken.get(`${c}`) ?? type)
}

/** Marks the error a guarded read raises. */
export const GUARD = 'fiable: value is not of the type the sample showed'

/** SQL that reads a text column as a type, and raises an error at a value that is none. */
export function guarded(type: TextType, column: string): string {
  if (type === text) return column
  const read = `WHEN ${type.accepts(column)} THEN ${type.read(column)}`
  return `CASE WHEN ${column} IS NULL THEN NULL ${read} ELSE error('${GUARD}') END`
}
