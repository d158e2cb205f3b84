import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { FiableError } from '../../src/data/errors.ts'
import { listActions, listFeedback, type NewAction, recordAction } from '../../src/tracking/actions.ts'
import { listBatches, recordJudgement, setBaseline } from '../../src/tracking/batches.ts'
import { declareDataset } from '../../src/tracking/datasets.ts'
import { openStore, type Store } from '../../src/tracking/store.ts'
import { tempFolder } from '../temp-folder.ts'

async function opened(t: TestContext, folder = tempFolder(t)): Promise<Store> {
  const store = await openStore(folder)
  t.after(() => store.close())
  return store
}

/** A dataset with one batch; returns their ids. */
async function oneBatch({ db }: Store): Promise<{ readonly datasetId: number; readonly batchId: number }> {
  const { id: datasetId } = await declareDataset(db, { name: 'd', declaration: {} }, 1)
  const { id: batchId } = await recordJudgement(db, {
    datasetId,
    listing: { key: 'k', startMs: 1, endMs: 2, uri: '/k', contentHash: 'a', bytes: 1, modifiedMs: 1 },
    rows: 3,
    profileDigest: 'p',
    sampleDigest: 's',
    judgedMs: 4,
    inBaseline: true,
    label: null,
    series: [],
    fields: [],
    numbers: Float64Array.of(),
    summary: {},
  })
  return { datasetId, batchId }
}

const feedbackOf = (datasetId: number): NewAction => ({
  datasetId,
  kind: 'feedback',
  incident: null,
  value: { note: 'ü' },
  author: 'ana',
  createdMs: 7,
})

test('feedback overrides what the monitor found, and taken back leaves what it found meanwhile', async (t) => {
  const store = await opened(t)
  const { datasetId, batchId } = await oneBatch(store)
  const inBaseline = async (): Promise<boolean> => (await listBatches(store.db, datasetId))[0]!.inBaseline
  await recordAction(store.db, feedbackOf(datasetId), [{ batchId, feedback: 'real' }])
  assert.equal(await inBaseline(), false)
  await setBaseline(store.db, batchId, false)
  await recordAction(store.db, feedbackOf(datasetId), [{ batchId, feedback: 'expected' }])
  assert.equal(await inBaseline(), true)
  await recordAction(store.db, feedbackOf(datasetId), [{ batchId, feedback: null }])
  assert.equal((await listFeedback(store.db, datasetId)).get(batchId), 'real')
  await recordAction(store.db, feedbackOf(datasetId), [{ batchId, feedback: null }])
  assert.equal((await listFeedback(store.db, datasetId)).size, 0)
  assert.equal(await inBaseline(), false)
  assert.equal((await listActions(store.db, datasetId)).length, 4, 'nothing is ever deleted')
})

test('an action whose batch does not exist is stored neither whole nor in part', async (t) => {
  const store = await opened(t)
  const { datasetId, batchId } = await oneBatch(store)
  const told = [batchId, 999].map((id) => ({ batchId: id, feedback: 'real' as const }))
  await assert.rejects(recordAction(store.db, feedbackOf(datasetId), told), FiableError)
  assert.deepEqual(await listActions(store.db, datasetId), [])
  assert.equal((await listFeedback(store.db, datasetId)).size, 0)
})

test('a store of the version before is upgraded, and keeps what it holds', async (t) => {
  const folder = tempFolder(t)
  const before = await openStore(folder)
  const { datasetId } = await oneBatch(before)
  await before.close()
  const database = new DatabaseSync(path.join(folder, 'store.sqlite'))
  database.exec("drop table feedback; drop table action; update meta set value = '3' where key = 'version'")
  database.close()
  const after = await opened(t, folder)
  assert.equal((await listBatches(after.db, datasetId)).length, 1)
  await recordAction(after.db, feedbackOf(datasetId))
  assert.deepEqual(
    (await listActions(after.db, datasetId)).map(({ value, author }) => ({ value, author })),
    [{ value: { note: 'ü' }, author: 'ana' }],
  )
})
