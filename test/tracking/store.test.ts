import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import {
  type Judgement,
  listBatches,
  listScores,
  listSeries,
  recordJudgement,
} from '../../src/tracking/batches.ts'
import { declareDataset, listDatasets, listSettings, saveSetting } from '../../src/tracking/datasets.ts'
import { STORE_VERSION } from '../../src/tracking/schema.ts'
import { openStore, type Store } from '../../src/tracking/store.ts'
import { tempFolder } from '../temp-folder.ts'

async function opened(t: TestContext, folder = tempFolder(t)): Promise<Store> {
  const store = await openStore(folder)
  t.after(() => store.close())
  return store
}

const judgementOf = (datasetId: number, key: string, contentHash = 'a'): Judgement => ({
  datasetId,
  listing: { key, startMs: 1, endMs: 2, uri: `/data/${key}`, contentHash, bytes: 10, modifiedMs: 1.5 },
  rows: 3,
  profileDigest: 'p',
  sampleDigest: 's',
  judgedMs: 4,
  inBaseline: true,
  label: null,
  series: [
    { key: 'one', description: { name: 'nullFraction' } },
    { key: 'two', description: { name: 'rowCount' } },
  ],
  fields: ['value', 'surprise'],
  numbers: Float64Array.of(0.1, Number.NaN, Number.POSITIVE_INFINITY, -0),
  summary: { table: 1, columns: [['__proto__', 2]] },
})

test('a judgement is read back bit for bit, NaN and infinities included', async (t) => {
  const { db } = await opened(t)
  const { id } = await declareDataset(db, { name: 'd', declaration: { data: 'x' } }, 1)
  const record = await recordJudgement(db, judgementOf(id, 'k'))
  const score = (await listScores(db, id)).get(record.id)!
  assert.deepEqual([...score.numbers], [0.1, Number.NaN, Number.POSITIVE_INFINITY, -0])
  assert.deepEqual(score.summary, judgementOf(id, 'k').summary)
  assert.deepEqual(
    [...score.series].map((series) => (series > 0 ? true : series)),
    [true, true],
  )
  assert.equal((await listSeries(db, id)).size, 2)
})

test('the same content judged twice is stored once: the first judgement stands', async (t) => {
  const { db } = await opened(t)
  const { id } = await declareDataset(db, { name: 'd', declaration: {} }, 1)
  const first = await recordJudgement(db, judgementOf(id, 'k'))
  const second = await recordJudgement(db, { ...judgementOf(id, 'k'), judgedMs: 99 })
  assert.deepEqual(second, first)
  assert.equal((await listBatches(db, id)).length, 1)
})

test('changed content is a new revision in the same place; the old one leaves the baseline', async (t) => {
  const { db } = await opened(t)
  const { id } = await declareDataset(db, { name: 'd', declaration: {} }, 1)
  for (const key of ['a', 'b', 'c']) await recordJudgement(db, judgementOf(id, key))
  await recordJudgement(db, judgementOf(id, 'b', 'changed'))
  const batches = await listBatches(db, id)
  assert.deepEqual(
    batches.map(({ listing, revision }) => [listing.key, revision]),
    [
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ],
  )
  assert.equal(
    (await db.selectFrom('batch').selectAll().where('is_current', '=', 0).execute())[0]!.in_baseline,
    0,
  )
})

test('a judgement that fails half way leaves nothing', async (t) => {
  const { db } = await opened(t)
  const { id } = await declareDataset(db, { name: 'd', declaration: {} }, 1)
  const broken = {
    ...judgementOf(id, 'k'),
    summary: {
      toJSON: () => {
        throw new Error('no')
      },
    } as never,
  }
  await assert.rejects(recordJudgement(db, broken))
  assert.equal((await listBatches(db, id)).length, 0)
  assert.equal((await db.selectFrom('series').selectAll().execute()).length, 0)
})

test('settings are versioned, and saying the same again adds no version', async (t) => {
  const { db } = await opened(t)
  const { id } = await declareDataset(db, { name: 'd', declaration: {} }, 1)
  for (const atMost of ['2/week', '2/week', '1/week'])
    await saveSetting(db, id, { value: { atMost }, author: 'ada', nowMs: 5 })
  assert.deepEqual(
    (await listSettings(db, id)).map(({ value }) => value),
    [{ atMost: '1/week' }, { atMost: '2/week' }],
  )
})

test('two handles write at once without losing or refusing anything', async (t) => {
  const folder = tempFolder(t)
  const stores = await Promise.all([opened(t, folder), opened(t, folder)])
  const ids = await Promise.all(stores.map(({ db }) => declareDataset(db, { name: 'd', declaration: {} }, 1)))
  assert.equal(ids[0]!.id, ids[1]!.id)
  await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      recordJudgement(stores[i % 2]!.db, judgementOf(ids[0]!.id, `k${i}`)),
    ),
  )
  const batches = await listBatches(stores[0]!.db, ids[0]!.id)
  assert.equal(batches.length, 40)
  assert.equal(new Set(batches.map(({ slot }) => slot)).size, 40)
})

test('a store of a newer version is refused and left as it is', async (t) => {
  const folder = tempFolder(t)
  await (await openStore(folder)).close()
  const database = new DatabaseSync(path.join(folder, 'store.sqlite'))
  database.exec(`update meta set value = '${STORE_VERSION + 1}' where key = 'version'`)
  database.close()
  await assert.rejects(openStore(folder), { code: 'STORE_NEWER' })
})

test('a file that is no database, and a folder that is a file, are refused by name', async (t) => {
  const folder = tempFolder(t)
  mkdirSync(path.join(folder, 'text'))
  writeFileSync(
    path.join(folder, 'text', 'store.sqlite'),
    'not a database, but long enough to be read as one. '.repeat(50),
  )
  await assert.rejects(openStore(path.join(folder, 'text')), { code: 'STORE_CORRUPT' })
  writeFileSync(path.join(folder, 'file'), '')
  await assert.rejects(openStore(path.join(folder, 'file')), { code: 'NOT_READABLE' })
})

test('a store whose lock another process keeps is called busy', { timeout: 30_000 }, async (t) => {
  const folder = tempFolder(t)
  const { db } = await opened(t, folder)
  const other = new DatabaseSync(path.join(folder, 'store.sqlite'))
  t.after(() => other.close())
  other.exec('begin immediate')
  await assert.rejects(saveSetting(db, 1, { value: 1, author: 'ada', nowMs: 1 }), { code: 'STORE_BUSY' })
  other.exec('rollback')
  assert.deepEqual(await listDatasets(db), [])
})

test('an artifact is stored once under its digest, and a missing one is named', async (t) => {
  const { artifacts, folder } = await opened(t)
  const digest = await artifacts.put(Buffer.from('hello'))
  assert.equal(
    digest,
    '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    'SHA-256 of hello, FIPS 180-4',
  )
  assert.equal(await artifacts.put(Buffer.from('hello')), digest)
  assert.equal((await artifacts.get(digest)).toString(), 'hello')
  assert.deepEqual(readdirSync(path.join(folder, 'artifacts', 'tmp')), [])
  await assert.rejects(artifacts.get('0'.repeat(64)), { code: 'STORE_CORRUPT' })
})
