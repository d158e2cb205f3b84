import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { quoteText } from '../../src/engines/duckdb.ts'
import { failure, keysOf, openWorkspace, type Workspace } from './workspace.ts'

const parquet = (workspace: Workspace, name: string, select = 'SELECT 1 AS a'): Promise<void> => {
  const file = path.join(workspace.folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  return workspace.engine.run(`COPY (${select}) TO ${quoteText(file)} (FORMAT parquet)`)
}

test('one file is one batch, in the order of the dates in the names', async (t) => {
  const workspace = await openWorkspace(t)
  for (const name of ['fr/o-2024-03-02.csv', 'us/o-2024-03-01.csv', 'fr/o-2024-03-01.csv'])
    workspace.write(`data/${name}`, 'a\n1\n')
  const source = await workspace.open({ data: 'data' })
  const listings = await source.list()
  assert.deepEqual(keysOf(listings), ['fr/o-2024-03-01.csv', 'us/o-2024-03-01.csv', 'fr/o-2024-03-02.csv'])
  assert.equal(listings[0]!.startMs, Date.parse('2024-03-01'))
  assert.equal(listings[0]!.endMs, Date.parse('2024-03-02'))
})

test('names without dates are ordered with their numbers as numbers', async (t) => {
  const workspace = await openWorkspace(t)
  for (const i of [10, 9, 100]) workspace.write(`part-${i}.csv`, 'a\n1\n')
  const source = await workspace.open({ data: 'part-*.csv' })
  assert.deepEqual(keysOf(await source.list()), ['part-9.csv', 'part-10.csv', 'part-100.csv'])
})

test('a hash is that of the bytes, is reused while size and time stay, and changes when a file is rewritten', async (t) => {
  const workspace = await openWorkspace(t)
  const file = workspace.write('x.csv', 'a\n1\n')
  const source = await workspace.open({ data: 'x.csv' })
  const [first] = await source.list()
  // sha256sum of the same bytes, Python hashlib 3.
  assert.equal(first!.contentHash, '309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc')
  const known = new Map([[first!.key, { ...first!, contentHash: 'kept' }]])
  assert.equal((await source.list(known))[0]!.contentHash, 'kept')
  writeFileSync(file, 'a\n2\n')
  utimesSync(file, 1, 1)
  const [second] = await source.list(known)
  assert.notEqual(second!.contentHash, first!.contentHash)
  assert.notEqual(second!.contentHash, 'kept')
})

test('a Parquet file is lent in place; a CSV becomes a snapshot', async (t) => {
  const workspace = await openWorkspace(t)
  await parquet(workspace, 'data/a.parquet', 'SELECT [1, 2] AS list, {x: 1} AS deep FROM range(3)')
  workspace.write('data/b.csv', 'a\n1\n')
  const { batches } = await workspace.readAll({ data: 'data/*' })
  assert.deepEqual(
    batches.map(({ borrowed, rows }) => ({ borrowed, rows })),
    [
      { borrowed: true, rows: 3 },
      { borrowed: false, rows: 1 },
    ],
  )
  assert.equal(batches[0]!.path, path.join(workspace.folder, 'data/a.parquet'))
  assert.equal(path.dirname(batches[1]!.path), workspace.out)
  assert.deepEqual(await workspace.types(batches[0]!), { list: 'INTEGER[]', deep: 'STRUCT(x INTEGER)' })
})

test('a hive partition folder is one batch, and its values are columns', async (t) => {
  const workspace = await openWorkspace(t)
  await parquet(workspace, 'lake/date=2024-01-01/shop=007/a.parquet')
  await parquet(workspace, 'lake/date=2024-01-01/shop=007/b.parquet', 'SELECT 2 AS a')
  workspace.write('lake/date=2024-01-02/shop=a%20b/a.csv', 'a\n3\n')
  const { batches } = await workspace.readAll({ data: 'lake' })
  assert.deepEqual(
    batches.map(({ listing, rows }) => [listing.key, rows]),
    [
      ['2024-01-01/007', 2],
      ['2024-01-02/a b', 1],
    ],
  )
  assert.equal(batches[0]!.listing.startMs, Date.parse('2024-01-01'))
  assert.deepEqual(await workspace.types(batches[0]!), { a: 'INTEGER', date: 'DATE', shop: 'VARCHAR' })
  assert.equal((await workspace.rows(batches[1]!))[0]!.shop, 'a b')
})

test('year, month and day folders give the period of the batch', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('lake/year=2024/month=03/day=05/a.csv', 'a\n3\n')
  const source = await workspace.open({ data: 'lake' })
  const [listing] = await source.list()
  assert.equal(listing!.key, '2024/03/05')
  assert.equal(listing!.startMs, Date.parse('2024-03-05'))
})

test('files of a folder keep their own schemas and formats', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('d/1.csv', 'a\n1\n')
  workspace.write('d/2.ndjson', '{"b":"x"}\n')
  await parquet(workspace, 'd/3.parquet', 'SELECT true AS c')
  workspace.write('d/readme.md', 'no data')
  const { source, batches } = await workspace.readAll({ data: 'd' })
  assert.deepEqual(await Promise.all(batches.map((batch) => workspace.types(batch))), [
    { a: 'BIGINT' },
    { b: 'VARCHAR' },
    { c: 'BOOLEAN' },
  ])
  assert.match(source.notices.join(), /Passed over: .*readme\.md \(no known ending\)/)
})

test('names with spaces, quotes and glob characters are read literally', async (t) => {
  const workspace = await openWorkspace(t)
  const names = [`it's a "file".csv`, '[1].csv', 'a*.csv', 'q?.csv', '[x].parquet', '{a,b}.json']
  for (const name of names.filter((each) => !each.endsWith('parquet')))
    workspace.write(name, name.endsWith('json') ? '{"name":"json"}' : `name\n${name.replaceAll('"', '')}\n`)
  workspace.write('a1.csv', 'name\nwrong\n')
  await parquet(workspace, '{x}.parquet', `SELECT 'parquet' AS name`)
  await workspace.engine.run(
    `COPY (SELECT 'lent' AS name) TO '${workspace.folder}/y.parquet' (FORMAT parquet)`,
  )
  renameSync(path.join(workspace.folder, 'y.parquet'), path.join(workspace.folder, '[x].parquet'))
  for (const name of names) {
    const { batches } = await workspace.readAll({ data: name })
    assert.equal(batches.length, 1, name)
    const [row] = await workspace.rows(batches[0]!)
    const expected = name.endsWith('json')
      ? 'json'
      : name.endsWith('parquet')
        ? 'lent'
        : name.replaceAll('"', '')
    assert.equal(row!.name, expected)
  }
})

test('a directory named x.csv is a folder', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('x.csv/part.csv', 'a\n1\n')
  const { batches } = await workspace.readAll({ data: 'x.csv' })
  assert.deepEqual(keysOf(batches.map(({ listing }) => listing)), ['part.csv'])
  await assert.rejects(workspace.readAll({ data: '*.csv' }), failure('NO_BATCHES', 'x.csv (a folder', '/**'))
})

test('a loop of links ends, and a dangling link is passed over', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('d/a.csv', 'a\n1\n')
  symlinkSync('..', path.join(workspace.folder, 'd/loop'))
  symlinkSync('self', path.join(workspace.folder, 'd/self'))
  for (const data of ['d', 'd/**', 'd/**/*.csv']) {
    const source = await workspace.open({ data })
    assert.equal((await source.list()).length, 1, data)
  }
})

test('a FIFO is refused by name and passed over in a folder, never opened', {
  timeout: 10_000,
}, async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('d/a.csv', 'a\n1\n')
  const made = spawnSync('mkfifo', [path.join(workspace.folder, 'd/pipe.csv')])
  if (made.status !== 0) return t.skip('mkfifo is not available here')
  await assert.rejects(
    workspace.readAll({ data: 'd/pipe.csv' }),
    failure('NOT_READABLE', 'pipe.csv is a FIFO'),
  )
  const { source, batches } = await workspace.readAll({ data: 'd/*.csv' })
  assert.equal(batches.length, 1)
  assert.match(source.notices.join(), /pipe\.csv \(a FIFO\)/)
})

test('nothing found says what was looked for', async (t) => {
  const workspace = await openWorkspace(t)
  await assert.rejects(
    workspace.readAll({ data: 'none-*.csv' }),
    failure('NO_BATCHES', 'none-*.csv', workspace.folder, '.parquet'),
  )
  await assert.rejects(workspace.readAll({ data: 'none.csv' }), failure('NO_BATCHES', 'none.csv'))
  await assert.rejects(workspace.readAll({ data: [] }), failure('BAD_CONFIG', 'data'))
  await assert.rejects(workspace.readAll({ data: 's3://bucket/x' }), failure('BAD_CONFIG', 's3://'))
  workspace.write('x.docx', 'x')
  await assert.rejects(
    workspace.readAll({ data: 'x.docx' }),
    failure('UNSUPPORTED_FORMAT', 'x.docx', '.docx'),
  )
})

test('a Parquet file cut short is refused', async (t) => {
  const workspace = await openWorkspace(t)
  await parquet(workspace, 'x.parquet', 'SELECT i FROM range(1000) t(i)')
  truncateSync(path.join(workspace.folder, 'x.parquet'), 500)
  await assert.rejects(
    workspace.readAll({ data: 'x.parquet' }),
    failure('MALFORMED_FILE', 'x.parquet is cut short', 'PAR1'),
  )
})

test('a damaged footer of a Parquet file is refused', async (t) => {
  const workspace = await openWorkspace(t)
  workspace.write('x.parquet', Buffer.from(`PAR1${'x'.repeat(100)}\x10\0\0\0PAR1`, 'latin1'))
  await assert.rejects(
    workspace.readAll({ data: 'x.parquet' }),
    failure('MALFORMED_FILE', 'x.parquet', 'Parquet'),
  )
})

test('a file that vanished or changed after it was listed is refused', async (t) => {
  const workspace = await openWorkspace(t)
  const file = workspace.write('x.csv', 'a\n1\n')
  const source = await workspace.open({ data: 'x.csv' })
  const [listing] = await source.list()
  workspace.write('x.csv', 'a\n1\n2\n')
  await assert.rejects(
    source.materialise(listing!, workspace.out),
    failure('SOURCE_CHANGED', 'x.csv changed', '4 bytes', 'Run again'),
  )
  rmSync(file)
  await assert.rejects(
    source.materialise(listing!, workspace.out),
    failure('SOURCE_CHANGED', 'x.csv', 'no longer there'),
  )
})

test('a file without read permission is refused', async (t) => {
  if (process.getuid?.() === 0) return t.skip('permissions do not bind root')
  const workspace = await openWorkspace(t)
  chmodSync(workspace.write('x.csv', 'a\n1\n'), 0)
  await assert.rejects(workspace.readAll({ data: 'x.csv' }), failure('NOT_READABLE', 'x.csv', 'chmod'))
})

test('a full disk is named, and leaves nothing half written', async (t) => {
  const workspace = await openWorkspace(t)
  const small = mkdtempSync(path.join(tmpdir(), 'fiable-small-'))
  const mounted =
    process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small])
  t.after(() => {
    spawnSync('umount', [small])
    rmSync(small, { recursive: true, force: true })
  })
  if (mounted === false || mounted.status !== 0) return t.skip('a small tmpfs cannot be mounted here')
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i},${Math.sin(i)}`)
  workspace.write('x.csv', `a,b\n${lines.join('\n')}\n`)
  const source = await workspace.open({ data: 'x.csv' })
  const [listing] = await source.list()
  await assert.rejects(
    source.materialise(listing!, small),
    failure('DISK_FULL', 'disk is full', 'Free space'),
  )
  assert.ok(!existsSync(path.join(small, 'x.parquet')))
  assert.deepEqual(spawnSync('ls', ['-A', small]).stdout.toString(), '')
})
