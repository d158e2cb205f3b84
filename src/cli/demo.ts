import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { BatchListing } from '../data/batch.ts'
import { FiableError } from '../data/errors.ts'
import { type Engine, openEngine, quoteText } from '../engines/duckdb.ts'

export const DEMO_DATASET = 'flights'

const SPOILED = /-spoiled-([\w-]+)\.parquet$/

/** Copies of real days, each spoiled in one way, arriving right after the day they copy. */
const spoilings = [
  {
    day: '2001-03-14',
    name: 'delays-lost',
    columns:
      'date, case when hash(date, origin, delay) % 8 = 0 then null when hash(date, delay) % 20 = 0 then 999 else delay end as delay, distance, origin, destination',
  },
  {
    day: '2001-05-08',
    name: 'origins-mistyped',
    columns:
      "date, delay, distance, case when hash(date, distance) % 12 = 0 then lower(origin) when hash(date, delay) % 25 = 0 then concat(origin[1:2], '0') else origin end as origin, destination",
  },
  {
    day: '2001-06-12',
    name: 'distances-shuffled',
    columns: 'date, delay, other_distance as distance, origin, destination',
  },
] as const

/** Says of a spoiled copy that it is one; null for real batches. */
export function labelOfBatch({ key }: Pick<BatchListing, 'key'>): string | null {
  const spoiled = SPOILED.exec(key)
  return spoiled ? `spoiled on purpose: ${spoiled[1]!.replaceAll('-', ' ')}` : null
}

/**
 * Cuts the three million flights of the `vega-datasets` package into one file a day, with three spoiled copies.
 *
 * Done once: the folder appears whole or not at all.
 *
 * @returns The folder of daily files.
 * @throws FiableError NOT_FOUND when the package is not installed.
 */
export async function prepareDemo(storeFolder: string): Promise<string> {
  const folder = path.join(storeFolder, 'demo', DEMO_DATASET)
  if (existsSync(folder)) return folder
  const part = `${folder}.${process.pid}.part`
  const engine = await openEngine()
  try {
    await rm(part, { recursive: true, force: true })
    await mkdir(part, { recursive: true })
    await engine.run(
      `create table flight as select * from read_parquet(${quoteText(flightsFile())}) where date < timestamp '2001-07-01'`,
    )
    await writeDays(engine, part)
    for (const spoiling of spoilings) await writeSpoiled(engine, part, spoiling)
    await rename(part, folder)
    return folder
  } finally {
    engine.close()
    await rm(part, { recursive: true, force: true })
  }
}

function flightsFile(): string {
  const folders = createRequire(import.meta.url).resolve.paths('vega-datasets') ?? []
  const files = folders.map((folder) => path.join(folder, 'vega-datasets', 'data', 'flights-3m.parquet'))
  const found = files.find((file) => existsSync(file))
  if (found) return found
  throw new FiableError(
    'NOT_FOUND',
    'The demonstration needs the package vega-datasets, which is not installed.',
    'Run `npm install vega-datasets`, or `fiable console` without --demo.',
  )
}

async function writeDays(engine: Engine, folder: string): Promise<void> {
  const days = await engine.query(
    "select distinct strftime(date, '%Y-%m-%d') as day from flight order by day",
  )
  for (const { day } of days)
    await copy(
      engine,
      `select * from flight where date::date = date '${day}'`,
      path.join(folder, `flights-${day}.parquet`),
    )
}

async function writeSpoiled(
  engine: Engine,
  folder: string,
  { day, name, columns }: (typeof spoilings)[number],
): Promise<void> {
  const rows = `select *, row_number() over () as place from flight where date::date = date '${day}'`
  const shuffled = `select distance as other_distance, row_number() over (order by hash(place)) as place from real`
  await copy(
    engine,
    `with real as (${rows}), shuffled as (${shuffled}) select ${columns} from real join shuffled using (place) order by place`,
    path.join(folder, `flights-${day}-spoiled-${name}.parquet`),
  )
}

const copy = (engine: Engine, query: string, file: string): Promise<void> =>
  engine.run(`copy (${query}) to ${quoteText(file)} (format parquet, compression zstd)`)
