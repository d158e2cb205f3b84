import type { Engine } from '../engines/duckdb.ts'

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

/** Digits only, as long as a decimal can hold. */
const longInteger = castable(
  'DECIMAL(38,0)',
  (text) => `CAST(try_cast(${text} AS DECIMAL(38,0)) AS VARCHAR) = ${text}`,
)

const point = castable(
  'DOUBLE',
  (text) =>
    `${plainNumber(text)} AND (length(${text}) <= 38 OR strpos(${text}, '.') > 0 OR strpos(lower(${text}), 'e') > 0)`,
)

const withPoint = (text: string): string => `replace(${text}, ',', '.')`

/** `1250,5`, as written with `;` between cells. */
const comma: TextType = {
  name: 'DOUBLE',
  accepts: (text) => `(strpos(${text}, '.') = 0 AND ${point.accepts(withPoint(text))})`,
  read: (text) => point.read(withPoint(text)),
}

const clock = (text: string): string => `substr(${text}, 12)`
const hasOffset = (text: string): string =>
  `(${['%Z', '%UTC', '%+%', '%-%'].map((mark) => `${clock(text)} LIKE '${mark}'`).join(' OR ')})`

const times: readonly TextType[] = [
  castable('DATE', (text) => `${text} LIKE '____-__-__'`),
  castable('TIME', (text) => `${text} LIKE '__:__%'`),
  castable('TIMESTAMP', (text) => `${text} LIKE '____-__-__%' AND NOT ${hasOffset(text)}`),
  castable('TIMESTAMP WITH TIME ZONE', (text) => `${text} LIKE '____-__-__%:%' AND ${hasOffset(text)}`),
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

/**
 * The narrowest type that takes every value, for each text column of a relation.
 *
 * All cells go through one column, since DuckDB takes milliseconds to bind each expression: 1000 columns × 10 types as
 * expressions of their own take 10 s.
 *
 * @param relation - SQL of a relation; read once.
 * @param columns - SQL of text columns.
 */
export async function narrowestTypes(
  engine: Engine,
  relation: string,
  columns: readonly string[],
  types: readonly TextType[],
): Promise<readonly TextType[]> {
  if (columns.length === 0) return []
  const asked = types
    .map((type, t) => `coalesce(bool_and(${type.accepts('value')}), true) AS "${t}"`)
    .join(', ')
  const cells = columns.map((column, c) => `${column} AS "${c}"`).join(', ')
  const rows = await engine.query(
    `SELECT place, ${asked} FROM (UNPIVOT (SELECT ${cells} FROM ${relation}) ON COLUMNS(*) INTO NAME place VALUE value)
     GROUP BY place`,
  )
  const taken = new Map(rows.map((row) => [row.place, types.find((_, t) => row[`${t}`] === true)!]))
  return columns.map((_, c) => taken.get(`${c}`) ?? nothing)
}

/** Marks the error a guarded read raises. */
export const GUARD = 'fiable: value is not of the type the sample showed'

/** SQL that reads a text column as a type, and raises an error at a value that is none. */
export function guarded(type: TextType, column: string): string {
  if (type === text) return column
  const read = `WHEN ${type.accepts(column)} THEN ${type.read(column)}`
  return `CASE WHEN ${column} IS NULL THEN NULL ${read} ELSE error('${GUARD}') END`
}
