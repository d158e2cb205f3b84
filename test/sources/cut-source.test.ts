import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { BatchListing } from '../../src/data/batch.ts'
import { failure, keysOf, openWorkspace } from './workspace.ts'

const known = (listings: readonly BatchListing[]) =>
  new Map(listings.map((listing) => [listing.key, listing]))

test('rows are cut into days across files, and each batch holds its own rows only', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('d/a.csv', 'at,v\n2024-03-01 10:00:00,1\n2024-03-02 00:00:00,2\n')
  workspace.write('d/b.csv', 'at,v\n2024-03-01 23:59:59,3\n')
  const { batches } = await workspace.readAll({ data: 'd', by: 'at' })
  assert.deepEqual(
    batches.map(({ listing, rows }) => [listing.key, rows]),
    [
      ['2024-03-01', 2],
      ['2024-03-02', 1],
    ],
  )
  assert.deepEqual(await workspace.types(batches[0]!), { at: 'TIMESTAMP', v: 'BIGINT' })
  assert.equal(batches[0]!.listing.endMs, Date.parse('2024-03-02'))
})

test('the rows of a batch keep the order of the file, however large it is', async (t) => {
  const workspace = await openWorkspace(t)
  const rows = `SELECT i, timestamp '2024-03-01' + to_days((i % 2)::int) AS at FROM range(600000) t(i)`
  await workspace.engine.run(`COPY (${rows}) TO '${workspace.folder}/x.parquet' (ROW_GROUP_SIZE 20480)`)
  const { batches } = await workspace.readAll({ data: 'x.parquet', by: 'at' })
  for (const { path: file } of batches) {
    const [found] = await workspace.engine.query(
      `SELECT count(*)::int AS n, count_if(i < before)::int AS moved FROM (SELECT i, lag(i) OVER (ORDER BY file_row_number) AS before FROM read_parquet('${file}', file_row_number=true))`,
    )
    assert.deepEqual({ ...found }, { n: 300_000, moved: 0 })
  }
})

test('keys of hours, weeks and months are ISO 8601', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at\n2024-12-31 05:10:00\n2025-01-01 06:00:00\n')
  const keys = async (every: 'hour' | 'week' | 'month') =>
    keysOf(await (await workspace.open({ data: 'a.csv', by: 'at', every })).list())
  assert.deepEqual(await keys('hour'), ['2024-12-31T05', '2025-01-01T06'])
  assert.deepEqual(await keys('week'), ['2025-W01'])
  assert.deepEqual(await keys('month'), ['2024-12', '2025-01'])
})

for (const [timeZone, spring, autumn] of [
  ['Europe/Paris', '2024-03-31', '2024-10-27'],
  ['America/New_York', '2024-03-10', '2024-11-03'],
] as const)
  test(`instants are cut by the calendar of ${timeZone}, with days of 23 and 25 hours`, async (t) => {
    const workspace = await openWorkspace(t)
    await workspace.engine.run(
      `COPY (SELECT TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (h) HOUR AS at FROM range(8784) r(h))
       TO '${workspace.folder}/x.parquet' (FORMAT parquet)`,
    )
    const source = await workspace.open({ data: 'x.parquet', by: 'at', timeZone })
    const listings = await source.list()
    const rows = async (key: string) => {
      const listing = listings.find((each) => each.key === key)!
      const hours = (listing.endMs! - listing.startMs!) / 3_600_000
      assert.equal((await source.materialise(listing, workspace.out)).rows, hours)
      return hours
    }
    assert.deepEqual([await rows(spring), await rows(autumn), await rows('2024-07-01')], [23, 25, 24])
  })

test('texts are read as dates: with offsets, day first, month first and in eight digits', async (t) => {
  const workspace = await openWorkspace(t)
  const keys = async (values: readonly string[], timeZone = 'UTC') => {
    workspace.write('a.csv', `at;x\n${values.map((value) => `${value};1`).join('\n')}\n`)
    return keysOf(await (await workspace.open({ data: 'a.csv', by: 'at', timeZone })).list())
  }
  assert.deepEqual(await keys(['25/03/2024 10:00', '01/04/2024 11:30']), ['2024-03-25', '2024-04-01'])
  assert.deepEqual(await keys(['3/25/2024', '4/1/2024']), ['2024-03-25', '2024-04-01'])
  assert.deepEqual(await keys(['25.03.2024', '1.4.2024']), ['2024-03-25', '2024-04-01'])
  assert.deepEqual(await keys(['20240325', '20240401']), ['2024-03-25', '2024-04-01'])
  assert.deepEqual(await keys(['2024-03-25T23:30:00Z', '2024-03-26 12:00'], 'Europe/Paris'), ['2024-03-26'])
  await assert.rejects(
    keys(['01/04/2024', '05/03/2024']),
    failure('NO_DATE_COLUMN', "'at'", 'could be swapped', 'year first'),
  )
})

test('rows without a date are in no batch, but counted and said', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at,v\n2024-03-01,1\n,2\n,3\n')
  const { source, batches } = await workspace.readAll({ data: 'a.csv', by: 'at' })
  assert.equal(batches.length, 1)
  assert.equal(source.dropped, 2)
  assert.match(source.description, /2 rows without a date are in no batch/)
  assert.match(source.notices.join(), /2 rows have no date in 'at'/)
})

test('a column of texts that are no dates is refused with three of them, and with the columns that would do', async (t) => {
  const workspace = await openWorkspace(t)
  const lines = Array.from({ length: 50 }, (_, i) => `2024-03-01,2024-03-01,word${i % 7}`)
  workspace.write('a.csv', `day,mostly,name\n${lines.join('\n')}\n2024-03-01,2024-03-01,2024-03-01\n`)
  await assert.rejects(
    workspace.readAll({ data: 'a.csv', by: 'name' }),
    failure(
      'NO_DATE_COLUMN',
      "'name'",
      /'word\d', 'word\d', 'word\d'/,
      '99 %',
      'Set by to a column of dates: day, mostly',
    ),
  )
})

test('texts are dates when at least 99 % of them are', async (t) => {
  const workspace = await openWorkspace(t)
  const write = (good: number) => workspace.write('a.csv', `at\n${'2024-03-01\n'.repeat(good)}unknown\n`)
  write(99)
  const { source } = await workspace.readAll({ data: 'a.csv', by: 'at' })
  assert.equal(source.dropped, 1)
  write(98)
  await assert.rejects(
    workspace.readAll({ data: 'a.csv', by: 'at' }),
    failure('NO_DATE_COLUMN', "'unknown'", '98.9 %'),
  )
})

test('an unknown column is refused with the near ones', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'created_at,v\n2024-03-01,1\n')
  await assert.rejects(
    workspace.readAll({ data: 'a.csv', by: 'creatd_at' }),
    failure('UNKNOWN_COLUMN', "'creatd_at'", 'Near: created_at', 'Set by to a column of dates: created_at'),
  )
  const upper = await workspace.readAll({ data: 'a.csv', by: 'Created_At' })
  assert.equal(upper.batches.length, 1)
})

test('a column of booleans, and one without values, cannot cut', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'flag,none\ntrue,\n')
  await assert.rejects(
    workspace.readAll({ data: 'a.csv', by: 'flag' }),
    failure('NO_DATE_COLUMN', 'BOOLEAN', 'there is none here'),
  )
  await assert.rejects(
    workspace.readAll({ data: 'a.csv', by: 'none' }),
    failure('NO_DATE_COLUMN', 'null in every row'),
  )
})

test('files of unequal schemas are united by name, and it is said', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('d/a.csv', 'at,v\n2024-03-01,1\n')
  workspace.write('d/b.ndjson', '{"at":"2024-03-01","w":"x"}\n')
  const { source, batches } = await workspace.readAll({ data: 'd', by: 'at' })
  assert.deepEqual(await workspace.types(batches[0]!), { at: 'DATE', v: 'BIGINT', w: 'VARCHAR' })
  assert.match(source.notices.join(), /2 different schemas: columns are united by name/)
})

test('a hive partition can cut', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('lake/date=2024-01-01/a.csv', 'v\n1\n')
  workspace.write('lake/date=2024-01-02/a.csv', 'v\n2\n')
  const { batches } = await workspace.readAll({ data: 'lake', by: 'date', every: 'month' })
  assert.deepEqual(
    batches.map(({ listing, rows }) => [listing.key, rows]),
    [['2024-01', 2]],
  )
})

test('a hash does not depend on the order of rows or on other days, and changes with a value', async (t) => {
  const workspace = await openWorkspace(t)
  const hashes = async (content: string) => {
    rmSync(path.join(workspace.folder, 'a.csv'), { force: true })
    workspace.write('a.csv', content)
    const listings = await (await workspace.open({ data: 'a.csv', by: 'at' })).list()
    return listings.map(({ contentHash }) => contentHash)
  }
  const [day] = await hashes('at,v\n2024-03-01,1\n2024-03-01,2\n')
  const [reordered, other] = await hashes('at,v\n2024-03-02,9\n2024-03-01,2\n2024-03-01,1\n')
  const [changed] = await hashes('at,v\n2024-03-01,1\n2024-03-01,3\n')
  const [wider] = await hashes('at,v,new\n2024-03-01,1,\n2024-03-01,2,\n2024-03-02,1,x\n')
  assert.equal(reordered, day)
  assert.equal(wider, day)
  assert.notEqual(other, day)
  assert.notEqual(changed, day)
})

test('only batches not known are cut out together; a known one is still read alone', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at,v\n2024-03-01,1\n2024-03-02,2\n2024-03-03,3\n')
  const source = await workspace.open({ data: 'a.csv', by: 'at' })
  const listings = await source.list()
  await source.list(known(listings.slice(0, 2)))
  for (const [i, listing] of listings.entries()) {
    const batch = await source.materialise(listing, workspace.out)
    assert.equal((await workspace.rows(batch))[0]!.v, BigInt(i + 1))
  }
})

test('files that change between list and materialise are refused', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at,v\n2024-03-01,1\n')
  const source = await workspace.open({ data: 'a.csv', by: 'at' })
  const [listing] = await source.list()
  workspace.write('a.csv', 'at,v\n2024-03-01,1\n2024-03-01,2\n')
  await assert.rejects(
    source.materialise(listing!, workspace.out),
    failure('SOURCE_CHANGED', 'a.csv', 'Run again'),
  )
})

test('a source of no rows gives no batch, and a file of 0 bytes is named', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at,v\n')
  await assert.rejects(workspace.readAll({ data: 'a.csv', by: 'at' }), failure('NO_DATE_COLUMN', "'at'"))
  workspace.write('b.csv', '')
  await assert.rejects(workspace.readAll({ data: 'b.csv', by: 'at' }), failure('EMPTY_SOURCE', 'b.csv'))
})

test('a column called like the partition column of the cut is kept', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at,fiable_period\n2024-03-01,1\n')
  const { batches } = await workspace.readAll({ data: 'a.csv', by: 'at' })
  assert.deepEqual(Object.keys(await workspace.types(batches[0]!)), ['at', 'fiable_period'])
})

test('closing removes all copies from the work folder', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('a.csv', 'at\n2024-03-01\n')
  const { source } = await workspace.readAll({ data: 'a.csv', by: 'at' })
  await source.close()
  assert.deepEqual(readdirSync(path.join(workspace.folder, '.work')), [])
})
