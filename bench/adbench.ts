import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { FiableError } from '../src/data/errors.ts'
import type { RowSample, SampleColumn } from '../src/data/profile.ts'
import { takeSample } from '../src/detectors/rows/take-sample.ts'
import { type Engine, quoteText } from '../src/engines/duckdb.ts'
import { random, shuffled } from '../src/math/random.ts'
import { scan } from '../src/profile/scan.ts'

const folder = path.join(import.meta.dirname, '../../shared/data/adbench')

/** A labelled table, split: half of its normal rows to learn from, the others and the anomalies to tell apart. */
export interface LabelledTable {
  readonly name: string
  readonly learnt: RowSample
  readonly clean: RowSample
  readonly odd: RowSample
}

/** Names of the tables that are there. */
export function tableNames(): readonly string[] {
  if (!existsSync(folder))
    throw new FiableError(
      'NOT_FOUND',
      `${folder} is not there.`,
      'Put tables of the ADBench collection there, as Parquet with a column label (1 = anomaly).',
    )
  return readdirSync(folder)
    .filter((file) => file.endsWith('.parquet'))
    .sort()
}

/** Reads all rows of a table. */
export async function readTable(engine: Engine, file: string): Promise<RowSample> {
  const all = quoteText(path.join(folder, file))
  const [count] = await engine.query(`select count(*)::int as n from read_parquet(${all})`)
  const { sample } = await scan(engine, path.join(folder, file), { sampleRows: Number(count!.n) })
  return sample
}

/** Splits a table as ADBench does for learning from clean rows; at most `most` rows of each part. */
export function splitTable(
  name: string,
  sample: RowSample,
  { seed, most }: { readonly seed: number; readonly most: number },
): LabelledTable {
  const label = sample.columns.find(({ column }) => column.name === 'label')!
  const table = { ...sample, columns: sample.columns.filter((column) => column !== label) }
  const rows = [...Array(sample.rows).keys()]
  const isOdd = (row: number): boolean => valueAt(label, row) === 1
  const draw = random(`split ${seed}`)
  const normal = shuffled(
    rows.filter((row) => !isOdd(row)),
    draw,
  )
  const odd = shuffled(rows.filter(isOdd), draw).slice(0, most)
  const half = normal.length >> 1
  return {
    name: name.replace('.parquet', ''),
    learnt: takeSample(table, normal.slice(0, Math.min(half, most))),
    clean: takeSample(table, normal.slice(half, half + most)),
    odd: takeSample(table, odd),
  }
}

const valueAt = ({ codes, values }: SampleColumn, row: number): number =>
  codes[row] === 0 ? Number.NaN : Number(values[codes[row]! - 1])
