import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { corruptions } from '../../corruption/index.ts'
import { spoil } from '../../corruption/spoil.ts'
import type { Table } from '../../corruption/table.ts'
import { FiableError } from '../../data/errors.ts'
import type { SampleColumn } from '../../data/profile.ts'
import { type Engine, quoteName, quoteText } from '../../engines/duckdb.ts'
import { scan } from '../../profile/scan.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { double, integer, list, string } from '../parameter.ts'
import { withEngine } from './with-engine.ts'

/** Rows that are spoiled in memory at most. */
const MOST_ROWS = 1_000_000

/** A spoiled copy of a Parquet file. */
export const corrupt = defineComponent({
  name: 'corrupt',
  version: '1',
  about: 'Spoils a copy of a Parquet file of up to a million rows in one named way.',
  inputs: {
    dataset: artifact('Dataset', 'Parquet'),
    corruption: string({ min: 1, about: 'Such as explicit-nulls; another word is answered with the list.' }),
    columns: list({ default: [], about: 'Columns to spoil, as many as the corruption takes.' }),
    fraction: double({ default: 0.1, min: 0.0001, max: 1, about: 'Share of the rows.' }),
    seed: integer({ default: 1 }),
  },
  outputs: { dataset: artifact('Dataset', 'Parquet'), rows: integer() },
  run: ({ inputs, outputs, folder }) =>
    withEngine(folder, async (engine) => {
      const { sample } = await scan(engine, inputs.dataset.path, { sampleRows: MOST_ROWS })
      if (sample.rows < sample.of) throw tooManyRows(sample.of)
      const { corruption: name, fraction, seed } = inputs
      const columns = inputs.columns.map(String)
      const { table } = spoil(sample, { corruption: corruptionNamed(name), columns, fraction, seed })
      await writeTable(engine, table, { folder, target: outputs.dataset.path })
      Object.assign(outputs.dataset.metadata, { rows: table.rows, corruption: name, columns, fraction, seed })
      return { rows: table.rows }
    }),
})

function corruptionNamed(name: string) {
  const found = corruptions.find((corruption) => corruption.name === name)
  if (found) return found
  const known = corruptions.map((corruption) => corruption.name).join(', ')
  throw new FiableError('BAD_ARGUMENT', `There is no corruption ${name}.`, `Choose one of ${known}.`)
}

const tooManyRows = (rows: number): FiableError =>
  new FiableError(
    'BAD_ARGUMENT',
    `The file has ${rows} rows; at most ${MOST_ROWS} are spoiled at once.`,
    'Cut it into shards first.',
  )

/** Writes a table through a file of JSON texts, from which each column is cast to its type. */
async function writeTable(
  engine: Engine,
  { rows, columns }: Table,
  { folder, target }: { readonly folder: string; readonly target: string },
): Promise<void> {
  const file = path.join(folder, 'table.ndjson')
  const texts = Array.from({ length: rows }, (_, row) =>
    JSON.stringify(Object.fromEntries(columns.map((column, c) => [`c${c}`, textAt(column, row)]))),
  )
  await writeFile(file, texts.join('\n'))
  const types = columns.map((_, c) => `c${c}: 'VARCHAR'`).join(', ')
  const casts = columns.map(
    ({ column }, c) => `${castOf(column.storage, column.type, `c${c}`)} as ${quoteName(column.name)}`,
  )
  const read = `read_json(${quoteText(file)}, format = 'newline_delimited', columns = {${types}})`
  await engine.run(`copy (select ${casts.join(', ')} from ${read}) to ${quoteText(target)} (format parquet)`)
}

function textAt({ codes, values }: SampleColumn, row: number): string | null {
  const code = codes[row]!
  return code === 0 ? null : String(values[code - 1])
}

function castOf(storage: string, type: string, column: string): string {
  if (storage === 'time')
    return `epoch_ms(${column}::double::bigint)::${type === 'TIME' ? 'TIMESTAMP' : type}`
  if (storage === 'boolean') return `${column} = '1'`
  return storage === 'number' ? `${column}::double::${type}` : column
}
