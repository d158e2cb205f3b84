import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { open } from '../../src/index.ts'
import { type AbsoluteFinding, absoluteFindings } from '../../src/monitor/absolute-rules.ts'
import { emptyHistory } from '../../src/profile/history.ts'
import { profileWhole } from '../../src/profile/profile-sample.ts'
import { type BatchView, viewBatch } from '../../src/profile/view.ts'
import { type Cell, sampleOf } from '../profile/sample-of.ts'
import { historyOf, type Table, times, upTo, viewOf } from '../profile/views.ts'
import { tempFolder } from '../temp-folder.ts'

/** A row number that tells rows apart without identifying them, and a column under test. */
const tableOf = (cells: readonly Cell[], type = 'DOUBLE'): Table => ({
  row: { type: 'DOUBLE', cells: upTo(cells.length, (i) => i + 0.5) },
  x: { type, cells },
})
const filled = (rows: number, nulls = 0): Table => tableOf([...times(nulls, null), ...upTo(rows - nulls)])

/** The one finding of a metric, or none. */
function found(metric: string, batch: BatchView, ...past: readonly Table[]): AbsoluteFinding | undefined {
  const findings = absoluteFindings(batch, historyOf(...past.map((table) => viewOf(table))))
  const those = findings.filter((finding) => finding.metric === metric)
  assert.ok(those.length <= 1, JSON.stringify(those))
  return those[0]
}

test('nulls in a column that never had any: from 5 % of the rows on', () => {
  const finding = found('nullFraction', viewOf(filled(100, 5)), filled(100))
  assert.equal(finding?.value, 0.05)
  assert.equal(finding.dimension, 'completeness')
  assert.deepEqual(finding.columns, ['x'])
  assert.match(finding.message, /^x is null in 5 % of the rows; it never was before\.$/)
  assert.equal(found('nullFraction', viewOf(filled(100, 4)), filled(100)), undefined)
})

test('nulls in a column that had one are left to statistics, until nothing else is there', () => {
  assert.equal(found('nullFraction', viewOf(filled(100, 99)), filled(100, 1)), undefined)
  assert.match(found('nullFraction', viewOf(filled(100, 100)), filled(100, 1))!.message, /entirely null/)
  assert.equal(found('nullFraction', viewOf(filled(100, 100)), filled(100, 100)), undefined)
})

test('“never” means something from 100 rows on', () => {
  assert.equal(found('nullFraction', viewOf(filled(50, 25)), filled(99)), undefined)
  assert.ok(found('nullFraction', viewOf(filled(50, 25)), filled(50), filled(50)))
})

/** A batch of 100 rows in which so many values could not be read. */
function unreadable(invalid: number): BatchView {
  const sample = sampleOf(tableOf([...times(invalid, null), ...upTo(100 - invalid)]))
  const profile = profileWhole(sample, {
    rowWords: Uint32Array.from({ length: 200 }, (_, i) => i),
    rowHash: 'none',
    invalid: [0, invalid],
  })
  return viewBatch({ key: '', startMs: null, endMs: null }, profile, sample)
}

test('values that cannot be read as the column’s type: from 5 % on, whatever little was seen before', () => {
  const finding = found('unreadableFraction', unreadable(5), filled(3))
  assert.equal(finding?.value, 0.05)
  assert.equal(finding.dimension, 'conformity')
  assert.match(finding.message, /5 % of x cannot be read as DOUBLE/)
  assert.equal(found('unreadableFraction', unreadable(4), filled(3)), undefined)
})

const repeated = (rows: number, duplicates: number): Table => ({
  x: { type: 'DOUBLE', cells: [...upTo(rows - duplicates, (i) => i + 0.5), ...times(duplicates, 1.5)] },
})

test('duplicates in a table that never had any: from 5 % of the rows on', () => {
  const finding = found('duplicateFraction', viewOf(repeated(100, 5)), repeated(100, 0))
  assert.equal(finding?.value, 0.05)
  assert.equal(finding.dimension, 'uniqueness')
  assert.equal(finding.entity, 'table')
  assert.equal(found('duplicateFraction', viewOf(repeated(100, 4)), repeated(100, 0)), undefined)
  assert.equal(found('duplicateFraction', viewOf(repeated(100, 50)), repeated(100, 1)), undefined)
  assert.equal(found('duplicateFraction', viewOf(repeated(100, 50)), repeated(99, 0)), undefined)
})

const keys = (rows: number, again: number, type = 'BIGINT'): Table => ({
  row: { type: 'DOUBLE', cells: upTo(rows, (i) => i + 0.5) },
  id: { type, cells: [...upTo(rows - again), ...times(again, 1)] },
})

test('a key that never repeated: when more than 1 % of it does', () => {
  const finding = found('distinctFraction', viewOf(keys(100, 2)), keys(100, 0))
  assert.equal(finding?.value, 0.98)
  assert.match(finding.message, /^id never repeated within a batch; now 2 % of its values do\.$/)
  assert.equal(found('distinctFraction', viewOf(keys(100, 1)), keys(100, 0)), undefined)
  assert.equal(
    found('distinctFraction', viewOf(keys(200, 50)), keys(200, 1)),
    undefined,
    'it repeated before',
  )
  assert.equal(found('distinctFraction', viewOf(keys(100, 50, 'DOUBLE')), keys(100, 0, 'DOUBLE')), undefined)
})

test('a column gone, and a column come; one of another type is read as before', () => {
  const two: Table = { a: { type: 'DOUBLE', cells: [1] }, b: { type: 'VARCHAR', cells: ['x'] } }
  const other: Table = { b: { type: 'DOUBLE', cells: [1] }, c: { type: 'VARCHAR', cells: ['x'] } }
  const findings = absoluteFindings(viewOf(other), historyOf(viewOf(two)))
  assert.deepEqual(
    findings.map(({ metric, message }) => [metric, message]),
    [
      ['columnMissing', 'Column a is missing.'],
      ['columnAdded', 'Column c (VARCHAR) is new.'],
    ],
  )
  const whole: Table = { a: { type: 'INTEGER', cells: [1] }, b: two.b! }
  assert.deepEqual(absoluteFindings(viewOf(whole), historyOf(viewOf(two))), [], 'numbers stay numbers')
})

test('the content of an earlier batch under another name', () => {
  const history = historyOf(viewOf(filled(50), { key: 'monday' }))
  const [finding] = absoluteFindings(viewOf(filled(50), { key: 'tuesday' }), history)
  assert.equal(finding?.metric, 'batchReplayed')
  assert.match(finding.message, /same content as monday/)
  assert.deepEqual(absoluteFindings(viewOf(filled(51), { key: 'tuesday' }), history), [])
})

test('a batch without rows, the first one too', () => {
  for (const history of [emptyHistory(), historyOf(viewOf(filled(1)))]) {
    const findings = absoluteFindings(viewOf(filled(0)), history)
    assert.deepEqual(
      findings.map(({ metric, value, message }) => ({ metric, value, message })),
      [{ metric: 'rowCount', value: 0, message: 'The batch has no rows.' }],
    )
  }
})

test('of a first batch with rows no rule says anything', () => {
  assert.deepEqual(absoluteFindings(viewOf(filled(100, 60)), emptyHistory()), [])
})

test('the second file alerts on its nulls, whatever the alert budget', async (t) => {
  const folder = tempFolder(t)
  mkdirSync(path.join(folder, 'data'))
  const csv = (nulls: number): string =>
    `row,x\n${Array.from({ length: 120 }, (_, i) => `${i}.5,${i < nulls ? '' : i % 7}\n`).join('')}`
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  const dataset = await project.dataset('d', { data: 'data', atMost: '0.01/month' })
  for (const [day, nulls, status] of [
    [1, 0, 'cannot-judge'],
    [2, 6, 'alert'],
  ] as const) {
    writeFileSync(path.join(folder, 'data', `d-2024-01-0${day}.csv`), csv(nulls))
    const verdict = (await dataset.check()).at(-1)!
    assert.equal(verdict.status, status)
    assert.equal(
      verdict.findings.some(({ absolute }) => absolute),
      status === 'alert',
    )
  }
})
