import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { SourceDeclaration } from '../../src/sources/source.ts'
import { startPostgres } from '../postgres.ts'
import { failure, keysOf, openWorkspace } from './workspace.ts'

let server: Awaited<ReturnType<typeof startPostgres>>

before(async () => {
  server = await startPostgres()
})
after(() => server.stop())

async function execute(sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(server.url)
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

const PASSWORD = /p@ss word|p%40ss/
const declare = (rest: Omit<SourceDeclaration, 'data'>): SourceDeclaration => ({ data: server.url, ...rest })

test('a table is cut into days, and its types are kept exactly', async (t) => {
  await execute(`CREATE TABLE "Odd orders" (
      id int8, small int2, price numeric(12,2), free numeric, ok bool, day date, at timestamptz, local timestamp,
      clock time, doc json, tags text[], code text, ident uuid, ratio float8, "quote""d" text);
    INSERT INTO "Odd orders" VALUES
      (9007199254740993, 1, 1234567890.12, 1.5, true, '2024-03-01', '2024-03-01 10:00:00.123456+02', '2024-03-01 10:00',
       '10:11:12', '{"a": 1}', '{x,"y z"}', '007', '550e8400-e29b-41d4-a716-446655440000', 'NaN', 'q'),
      (2, null, null, null, false, '0044-03-15 BC', '2024-03-02 00:00Z', null, null, null, null, '', null, '-Infinity', null)`)
  const workspace = await openWorkspace(t)
  const { source, batches } = await workspace.readAll(declare({ table: 'Odd orders', by: 'at' }))
  assert.deepEqual(
    batches.map(({ listing, rows }) => [listing.key, rows]),
    [
      ['2024-03-01', 1],
      ['2024-03-02', 1],
    ],
  )
  assert.deepEqual(await workspace.types(batches[0]!), {
    id: 'BIGINT',
    small: 'SMALLINT',
    price: 'DECIMAL(12,2)',
    free: 'DOUBLE',
    ok: 'BOOLEAN',
    day: 'DATE',
    at: 'TIMESTAMP WITH TIME ZONE',
    local: 'TIMESTAMP',
    clock: 'TIME',
    doc: 'VARCHAR',
    tags: 'VARCHAR',
    code: 'VARCHAR',
    ident: 'UUID',
    ratio: 'DOUBLE',
    'quote"d': 'VARCHAR',
  })
  const [row] = await workspace.rows(batches[0]!)
  assert.equal(row!.id, 9007199254740993n)
  assert.equal(String(row!.price), '1234567890.12')
  assert.equal(String(row!.at), '2024-03-01 08:00:00.123456+00')
  assert.equal(row!.tags, '{x,"y z"}')
  assert.equal(row!.ratio, Number.NaN)
  const [second] = await workspace.rows(batches[1]!)
  assert.equal(second!.code, '')
  assert.match(String(second!.day), /0044-03-15 \(BC\)/)
  assert.doesNotMatch(JSON.stringify([source.description, batches[0]!.listing]), PASSWORD)
  assert.match(batches[0]!.listing.uri, /^postgresql:\/\/127\.0\.0\.1:\d+\/postgres\/Odd orders$/)
})

test('instants are cut by the calendar of the zone, with days of 23 and 25 hours', async (t) => {
  const query = `SELECT timestamptz '2024-01-01 00:00Z' + h * interval '1 hour' AS at FROM generate_series(0, 8783) h;`
  const workspace = await openWorkspace(t)
  for (const [timeZone, spring, autumn] of [
    ['Europe/Paris', '2024-03-31', '2024-10-27'],
    ['America/New_York', '2024-03-10', '2024-11-03'],
  ] as const) {
    const source = await workspace.open(declare({ query, by: 'at', timeZone }))
    const listings = await source.list()
    const rows = async (key: string) =>
      (await source.materialise(listings.find((each) => each.key === key)!, workspace.out)).rows
    assert.deepEqual([await rows(spring), await rows(autumn), await rows('2024-07-01')], [23, 25, 24])
  }
})

test('hours, weeks and months, of dates and of timestamps, are cut', async (t) => {
  const query = `SELECT d::date AS day, d::timestamp AS at FROM unnest('{2024-12-31 05:10,2025-01-01 06:00}'::timestamp[]) d`
  const workspace = await openWorkspace(t)
  const keys = async (by: string, every: 'hour' | 'day' | 'week' | 'month') => {
    const { batches } = await workspace.readAll(declare({ query, by, every, timeZone: 'Europe/Paris' }))
    assert.equal(
      batches.reduce((sum, { rows }) => sum + rows, 0),
      2,
    )
    return keysOf(batches.map(({ listing }) => listing))
  }
  assert.deepEqual(await keys('at', 'hour'), ['2024-12-31T05', '2025-01-01T06'])
  assert.deepEqual(await keys('day', 'week'), ['2025-W01'])
  assert.deepEqual(await keys('day', 'month'), ['2024-12', '2025-01'])
  assert.deepEqual(await keys('day', 'day'), ['2024-12-31', '2025-01-01'])
})

test('a hash stays when other days come, changes with a value, and rows without a date are counted', async (t) => {
  await execute(
    `CREATE TABLE grown (at timestamp, v int); INSERT INTO grown VALUES ('2024-03-01', 1), (null, 2), ('infinity', 3)`,
  )
  const workspace = await openWorkspace(t)
  const source = await workspace.open(declare({ table: 'grown', by: 'at' }))
  const [first] = await source.list()
  assert.equal(source.dropped, 2)
  assert.match(source.description, /2 rows without a date/)
  await execute(`INSERT INTO grown VALUES ('2024-03-02', 1)`)
  const [same] = await source.list()
  assert.equal(same!.contentHash, first!.contentHash)
  await execute(`UPDATE grown SET v = 9 WHERE at = '2024-03-01'`)
  await assert.rejects(
    source.materialise(first!, workspace.out),
    failure('SOURCE_CHANGED', '2024-03-01', 'Run again'),
  )
  const [changed] = await source.list()
  assert.notEqual(changed!.contentHash, first!.contentHash)
})

test('NaN in a numeric column makes it DOUBLE, and it is said', async (t) => {
  const query = `SELECT timestamp '2024-03-01' AS at, 'NaN'::numeric(10,2) AS price`
  const workspace = await openWorkspace(t)
  const { source, batches } = await workspace.readAll(declare({ query, by: 'at' }))
  assert.equal((await workspace.types(batches[0]!)).price, 'DOUBLE')
  assert.match(source.notices.join(), /"price" holds NaN or Infinity/)
})

test('a batch larger than one read is streamed whole', async (t) => {
  const query = `SELECT timestamp '2024-03-01' AS at, i, repeat('x', 100) AS text FROM generate_series(1, 50001) i`
  const workspace = await openWorkspace(t)
  const { batches } = await workspace.readAll(declare({ query, by: 'at' }))
  assert.equal(batches[0]!.rows, 50_001)
  assert.deepEqual(
    readdirSync(workspace.out).filter((file) => !file.endsWith('.parquet')),
    [],
  )
})

/** Ends the connection whose cursor is being read. */
async function killStream(): Promise<void> {
  const client = new pg.Client(server.url)
  await client.connect()
  try {
    for (let tries = 0; tries < 2000; tries++) {
      const { rows } = await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'fiable' AND query LIKE 'SELECT fiable_row.*%to_char%'`,
      )
      if (rows.length > 0) return
    }
    throw new Error('the stream was never seen')
  } finally {
    await client.end()
  }
}

test('a connection that dies while rows stream is a clear error, and nothing is kept', async (t) => {
  await execute(
    `CREATE TABLE slow AS SELECT timestamp '2024-03-01' AS at, i, repeat('x', 500) AS text FROM generate_series(1, 150000) i`,
  )
  const workspace = await openWorkspace(t)
  const source = await workspace.open(declare({ table: 'slow', by: 'at' }))
  const [listing] = await source.list()
  const reading = source.materialise(listing!, workspace.out)
  const killed = killStream()
  await assert.rejects(reading, failure('DATABASE_UNREACHABLE', 'was lost', 'Nothing was kept', 'run again'))
  await killed
  assert.deepEqual(readdirSync(workspace.out), [])
})

test('a server that is not there, a wrong password and a wrong database are DATABASE_UNREACHABLE', async (t) => {
  const workspace = await openWorkspace(t)
  const wrong = async (change: (url: URL) => void) => {
    const url = new URL(server.url)
    change(url)
    const source = await workspace.open({ data: url.href, table: 'x', by: 'at' })
    await source.list()
  }
  const secret = (check: ReturnType<typeof failure>) => (thrown: unknown) => {
    assert.doesNotMatch(
      String(thrown instanceof Error ? thrown.stack + JSON.stringify(thrown) : thrown),
      /s3cr3t/,
    )
    return check(thrown)
  }
  await assert.rejects(
    wrong((url) => {
      url.port = '1'
      url.password = 's3cr3t'
    }),
    secret(failure('DATABASE_UNREACHABLE', 'postgresql://127.0.0.1:1/postgres', 'Check host')),
  )
  await assert.rejects(
    wrong((url) => {
      url.password = 's3cr3t'
    }),
    secret(failure('DATABASE_UNREACHABLE', 'password authentication failed')),
  )
  await assert.rejects(
    wrong((url) => {
      url.pathname = '/nope'
    }),
    failure('DATABASE_UNREACHABLE', '"nope" does not exist'),
  )
})

test('a missing table names those that are there, and a broken query its fault', async (t) => {
  await execute(`CREATE TABLE orders_2024 (at timestamp)`)
  const workspace = await openWorkspace(t)
  const list = async (rest: Omit<SourceDeclaration, 'data'>) => (await workspace.open(declare(rest))).list()
  await assert.rejects(
    list({ table: 'orders_2023', by: 'at' }),
    failure('DATABASE_FAILED', "no table 'orders_2023'", 'orders_2024'),
  )
  await assert.rejects(
    list({ query: 'SELEC 1', by: 'at' }),
    failure('DATABASE_FAILED', 'syntax error', '42601', 'psql'),
  )
  await assert.rejects(list({ table: 'orders_2024', by: 'at' }), failure('NO_BATCHES', 'orders_2024'))
  await assert.rejects(list({ table: 'orders_2024', by: 'a' }), failure('UNKNOWN_COLUMN', "'a'", 'dates: at'))
  await assert.rejects(
    list({ query: `SELECT 'x' AS word, now() AS at`, by: 'word' }),
    failure('NO_DATE_COLUMN', "'word'", 'dates: at', '::timestamptz'),
  )
  await assert.rejects(
    list({ query: 'SELECT now() AS at, 1 AS "At"', by: 'at' }),
    failure('BAD_SCHEMA', "'At'", 'AS'),
  )
})

test('what is declared may not write', async (t) => {
  await execute(`CREATE TABLE kept (at timestamp); INSERT INTO kept VALUES ('2024-03-01');
    CREATE FUNCTION wipe() RETURNS timestamp LANGUAGE sql AS 'DELETE FROM kept RETURNING at'`)
  const workspace = await openWorkspace(t)
  const list = async (query: string) => (await workspace.open(declare({ query, by: 'at' }))).list()
  await assert.rejects(list('SELECT wipe() AS at'), failure('DATABASE_FAILED', 'read-only'))
  await assert.rejects(
    list('SELECT now() AS at) AS x; COMMIT; DELETE FROM kept; SELECT (1'),
    failure('DATABASE_FAILED'),
  )
  assert.equal((await execute('SELECT * FROM kept')).rows.length, 1)
})

test('declarations that lack a part are refused with what to set', async (t) => {
  const workspace = await openWorkspace(t)
  await assert.rejects(workspace.open(declare({ table: 'x' })), failure('BAD_CONFIG', 'by is missing'))
  await assert.rejects(workspace.open(declare({ by: 'at' })), failure('BAD_CONFIG', 'table'))
  await assert.rejects(
    workspace.open({ data: 'postgresql://u:s3cr3t@ho st/x', table: 'x', by: 'at' }),
    (thrown) => {
      assert.doesNotMatch(JSON.stringify(thrown) + (thrown as Error).stack, /s3cr3t/)
      return failure('BAD_CONFIG', 'cannot be parsed')(thrown)
    },
  )
})
