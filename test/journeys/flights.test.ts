import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { type Engine, openEngine, quoteText } from '../../src/engines/duckdb.ts'
import { type Dataset, open, type Project, type Verdict } from '../../src/index.ts'
import { tempFolder } from '../temp-folder.ts'

const DAYS = 30
const COLUMNS = 'date, delay, distance, origin, destination'
/** From this day on clean days are held to the alert budget. */
const SETTLED = 8

const folder = tempFolder()
const data = path.join(folder, 'data')
const flights = path.join(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-3m.parquet')
let engine: Engine
let project: Project
let clean: readonly Verdict[]
let dataset: Dataset

const fileOf = (day: number): string =>
  path.join(data, `flights-2001-01-${String(day).padStart(2, '0')}.parquet`)

/** Flights of one day in the order of the file, each beside the distance of another one, through a select list. */
const write = (columns: string, day: number): Promise<void> =>
  engine.run(
    `copy (
      with flight as (select *, row_number() over () as place from read_parquet(${quoteText(flights)})
        where date::date = date '2001-01-01' + ${day - 1}),
      other as (select distance as other_distance, row_number() over (order by hash(place)) as place from flight)
      select ${columns} from flight join other using (place) order by place
    ) to ${quoteText(fileOf(day))} (format parquet)`,
  )

before(async () => {
  engine = await openEngine()
  await mkdir(data)
  for (let day = 1; day <= DAYS; day++) await write(COLUMNS, day)
  project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  dataset = await project.dataset('flights', { data: 'data', atMost: '1/week' })
  clean = await dataset.check()
})
after(async () => {
  await project.close()
  engine.close()
})

test('of the clean days from the eighth on, at most three alert at one alert a week', (t) => {
  assert.equal(clean.length, DAYS)
  const alerts = clean.slice(SETTLED - 1).filter(({ status }) => status === 'alert')
  t.diagnostic(
    `${alerts.length} alerts: ${alerts.map(({ batch, reason }) => `${batch}: ${reason}`).join(' | ')}`,
  )
  assert.ok(alerts.length <= 3)
  assert.ok(clean.slice(SETTLED - 1).every(({ status }) => status !== 'cannot-judge'))
})

/** As the demonstration spoils its days. */
const spoilings = [
  {
    name: 'delays lost or 999',
    column: 'delay',
    columns:
      'date, case when hash(date, origin, delay) % 8 = 0 then null when hash(date, delay) % 20 = 0 then 999 else delay end as delay, distance, origin, destination',
  },
  {
    name: 'origins mistyped',
    column: 'origin',
    columns:
      "date, delay, distance, case when hash(date, distance) % 12 = 0 then lower(origin) when hash(date, delay) % 25 = 0 then concat(origin[1:2], '0') else origin end as origin, destination",
  },
  {
    name: 'distances shuffled',
    column: 'distance',
    columns: 'date, delay, other_distance as distance, origin, destination',
  },
] as const

for (const { name, column, columns } of spoilings)
  test(`${name}: day 30 alerts, and ${column} is among the first findings`, async (t) => {
    await write(columns, DAYS)
    const verdict = (await dataset.check()).at(-1)!
    t.diagnostic(
      verdict.findings
        .slice(0, 3)
        .map(({ message }) => message)
        .join(' | '),
    )
    assert.equal(verdict.status, 'alert')
    assert.ok(
      verdict.findings.slice(0, 3).some((finding) => finding.columns.includes(column)),
      verdict.findings.map(({ message }) => message).join('\n'),
    )
  })
