import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOf } from '../../src/profile/column-history.ts'
import { emptyHistory, replayOf } from '../../src/profile/history.ts'
import { measure } from '../../src/profile/measure.ts'
import { bucketMiddle, bucketOf } from '../../src/profile/number-shape.ts'
import { profileWhole } from '../../src/profile/profile-sample.ts'
import { viewBatch } from '../../src/profile/view.ts'
import { sampleOf } from './sample-of.ts'
import { assertMetrics, historyOf, metricsOn, type Table, times, upTo, valuesOn, viewOf } from './views.ts'

const HOUR = 3.6e6
const DAY = 24 * HOUR
const text = (...cells: (string | null)[]): Table => ({ x: { type: 'VARCHAR', cells } })
const numbers = (cells: readonly (number | null)[], type = 'DOUBLE'): Table => ({ x: { type, cells } })

// Completeness

test('placeholders are counted in a column of more values than are kept, and in its sample', () => {
  const cells = upTo(20_000, (i) => (i % 10 === 0 ? 'N/A' : `item ${i}`)) as string[]
  assertMetrics('x', { placeholderFraction: 0.1 }, { batch: viewOf(text(...cells)) })
  const codes = numbers(upTo(20_000, (i) => (i % 20 === 0 ? -999 : i + 10_000)) as number[])
  assertMetrics('x', { placeholderFraction: 0.05 }, { batch: viewOf(codes) })
})

test('nulls and placeholders are shares of all rows', () => {
  const batch = viewOf(numbers([1, null, -1, 99_999, 0, null, 7, 8], 'INTEGER'))
  assertMetrics('x', { nullFraction: 2 / 8, placeholderFraction: 2 / 8 }, { batch })
})

test('placeholders of texts are told whatever their case and blanks; of times, by their instant', () => {
  assertMetrics(
    'x',
    { placeholderFraction: 5 / 8 },
    { batch: viewOf(text('N/A', ' none ', '', '?', 'Unknown', 'nano', 'a-b', '0')) },
  )
  const epoch = [0, Date.UTC(1900, 0, 1), Date.UTC(9999, 11, 31), DAY, Date.UTC(2024, 0, 1)]
  assertMetrics(
    'x',
    { placeholderFraction: 3 / 5 },
    { batch: viewOf({ x: { type: 'TIMESTAMP', cells: epoch } }) },
  )
})

test('a number is a placeholder in columns of numbers only', () => {
  const cells = [0, 0, 1, 1]
  for (const type of ['BOOLEAN', 'INTEGER'])
    assertMetrics('x', { placeholderFraction: 0 }, { batch: viewOf({ x: { type, cells } }) })
  assertMetrics('x', { placeholderFraction: 0 }, { batch: viewOf(numbers([Date.UTC(1900, 0, 1), 1])) })
  assertMetrics(
    'x',
    { placeholderFraction: 0 },
    { batch: viewOf({ x: { type: 'TIMESTAMP', cells: [-1, 99_999] } }) },
  )
})

test('rows are counted, and the hours since the batch before when both instants are known', () => {
  const before = viewOf(numbers([1]), { startMs: 10 * DAY })
  const history = historyOf(before)
  const at = (startMs: number | null) => viewOf(numbers([1, 2, 3]), { startMs })
  assertMetrics('', { rowCount: 3, hoursSincePrevious: 36 }, { batch: at(11.5 * DAY), history })
  for (const startMs of [null, 10 * DAY, 9 * DAY])
    assert.equal(metricsOn('', at(startMs), history).has('hoursSincePrevious'), false, `${startMs}`)
})

test('a batch without rows has its row count and nothing else', () => {
  const history = historyOf(viewOf(numbers([1, 2])))
  assert.deepEqual(
    measure(viewOf(numbers([])), history).map(({ name, value }) => [name, value]),
    [['rowCount', 0]],
  )
})

test('the stretch of a time column is told in hours from the start of the batch', () => {
  const cells = [5 * DAY + 2 * HOUR, 5 * DAY - HOUR, 5 * DAY + 23.5 * HOUR, null]
  const batch = viewOf({ x: { type: 'TIMESTAMP', cells } }, { startMs: 5 * DAY })
  assertMetrics('x', { firstTimeHours: -1, lastTimeHours: 23.5 }, { batch })
})

// Conformity

test('values that cannot be read as the column’s type are unreadable, not null', () => {
  const sample = sampleOf(numbers([1, 2, null, null, null]))
  const profile = profileWhole(sample, { rowWords: new Uint32Array(10), rowHash: 'none', invalid: [2] })
  const batch = viewBatch({ key: '', startMs: null, endMs: null }, profile, sample)
  assertMetrics('x', { unreadableFraction: 2 / 5, nullFraction: 1 / 5 }, { batch })
})

test('numbers are told apart by their decimals, those that are not finite apart from all', () => {
  const cells = [1, -2, 2.5, 3.25, 4.125, 0.1 + 0.2, 1e300, Number.NaN, Infinity, null]
  assertMetrics(
    'x',
    {
      nonFiniteFraction: 2 / 10,
      wholeFraction: 3 / 7,
      oneDecimalFraction: 1 / 7,
      twoDecimalsFraction: 1 / 7,
      moreDecimalsFraction: 2 / 7,
    },
    { batch: viewOf(numbers(cells)) },
  )
})

test('texts have lengths and an alphabet', () => {
  // Lengths 2, 4, 2, 0: mean 2, mean square (4 + 16 + 4)/4 = 6, variance 6 − 4 = 2. Eight characters.
  assertMetrics(
    'x',
    {
      meanLength: 2,
      lengthDeviation: Math.SQRT2,
      minLength: 0,
      maxLength: 4,
      upperCaseShare: 2 / 8,
      lowerCaseShare: 3 / 8,
      digitShare: 1 / 8,
      spaceShare: 1 / 8,
      otherCharacterShare: 1 / 8,
    },
    { batch: viewOf(text('AB', 'abc1', ' é', '', null)) },
  )
})

test('formats are unseen, rare, and surprising by their past frequency', () => {
  const history = historyOf(viewOf(text(...(times(1998, 'FR') as string[]), 'fr', 'de')))
  const batch = viewOf(text('FR', 'DE', 'it', '75', null))
  const surprise = (past: number): number => -Math.log10((past + 0.5) / 2001)
  assertMetrics(
    'x',
    {
      unseenPatternFraction: 1 / 4,
      rarePatternFraction: 2 / 4,
      patternSurprise: (2 * surprise(1998) + surprise(2) + surprise(0)) / 4,
    },
    { batch, history },
  )
})

test('a never-seen text has unseen words, unseen letters, or a word one letter away from a known one', () => {
  const history = historyOf(viewOf(text('hello world', 'alpha')))
  const batch = viewOf(text('hello world', 'alpha', 'hallo world', 'zzz', 'zzz', 'world hello', 'alph'))
  assertMetrics(
    'x',
    {
      unseenValueFraction: 5 / 7,
      // 'd h' of 'world hello' was never seen either; 'alph' ends on the unseen 'ph '.
      unseenTrigramFraction: 5 / 7,
      // Its words were.
      unseenWordFraction: 4 / 7,
      // 'hallo' is one letter from 'hello'; 'zzz' is too short to tell, and a letter lost is not a letter changed.
      nearMissFraction: 1 / 7,
      nearMissValueFraction: 1 / 6,
    },
    { batch, history },
  )
})

test('before the first batch nothing is novel', () => {
  const metrics = metricsOn('x', viewOf(text('a', 'b')))
  for (const name of ['unseenPatternFraction', 'unseenWordFraction', 'unseenValueFraction'])
    assert.equal(metrics.has(name), false, name)
})

// Uniqueness

test('duplicates are rows that repeat an earlier row in every column', () => {
  const batch = viewOf({
    a: { type: 'INTEGER', cells: [1, 1, 1, 2, 1, null, null] },
    b: { type: 'VARCHAR', cells: ['x', 'x', 'y', 'x', 'x', null, null] },
  })
  assertMetrics('', { duplicateFraction: 3 / 7 }, { batch })
})

test('rows of earlier batches are told among the distinct rows of this one', () => {
  const history = historyOf(viewOf(numbers([1, 2], 'INTEGER')), viewOf(numbers([3, 3, 4], 'INTEGER')))
  const batch = viewOf(numbers([2, 2, 2, 4, 5, 6, 7], 'INTEGER'))
  assertMetrics('', { repeatedFromPastFraction: 2 / 5 }, { batch, history })
})

test('row keys of another hash are not compared', () => {
  const history = historyOf(viewOf(numbers([1, 2])))
  history.rowHash = 'another engine'
  assert.equal(metricsOn('', viewOf(numbers([1, 2])), history).has('repeatedFromPastFraction'), false)
})

test('distinct values are counted, and shared by the rows that hold one', () => {
  const batch = viewOf(text('a', 'a', 'b', 'c', null, null))
  assertMetrics('x', { distinctCount: 3, distinctFraction: 3 / 4 }, { batch })
})

const kinds: readonly (readonly [kind: string, why: string, table: Table])[] = [
  ['identifier', 'whole numbers that never repeat', numbers(upTo(30) as number[], 'BIGINT')],
  ['identifier', 'texts that never repeat', text(...(upTo(30, (i) => `u${i}`) as string[]))],
  ['numeric', 'decimals that never repeat', numbers(upTo(30, (i) => i / 7) as number[])],
  ['numeric', 'whole numbers in few rows', numbers(upTo(20) as number[], 'BIGINT')],
  ['numeric', 'whole numbers that repeat', numbers([...upTo(30), 1] as number[], 'BIGINT')],
  ['categorical', 'texts of few values', text('a', 'b', 'a')],
  [
    'text',
    'texts of many values',
    text(...(upTo(202, (i) => `u${Math.min(i, 201)}`) as string[]), 'u1', 'u2'),
  ],
  ['time', 'instants', { x: { type: 'DATE', cells: upTo(30) } }],
  ['boolean', 'truth values', { x: { type: 'BOOLEAN', cells: [0, 1] } }],
  ['nested', 'lists', { x: { type: 'INTEGER[]', cells: upTo(30, (i) => `[${i}]`) } }],
]
for (const [kind, why, table] of kinds)
  test(`${why} are taken for ${kind}`, () => {
    assert.equal(kindOf(historyOf(viewOf(table)).columns.get('x')!), kind)
  })

test('keys of earlier batches are told for columns that identify rows, and only for those', () => {
  const ids = (from: number): Table => numbers(upTo(30, (i) => from + i) as number[], 'BIGINT')
  const history = historyOf(viewOf(ids(0)), viewOf(ids(30)))
  assertMetrics('x', { knownKeyFraction: 5 / 30 }, { batch: viewOf(ids(55)), history })
  const measurements = numbers(upTo(30, (i) => i / 7) as number[])
  assert.equal(
    metricsOn('x', viewOf(measurements), historyOf(viewOf(measurements))).has('knownKeyFraction'),
    false,
  )
})

test('the size of identifiers is left out: it means nothing', () => {
  const ids = viewOf(numbers(upTo(30) as number[], 'BIGINT'))
  for (const history of [emptyHistory(), historyOf(ids)]) {
    const metrics = metricsOn('x', ids, history)
    for (const name of ['mean', 'quantile50', 'maximum', 'ksDistance', 'frequencyShift', 'valueSpike'])
      assert.equal(metrics.has(name), false, name)
  }
  assert.ok(metricsOn('x', viewOf(numbers([...upTo(30), 1] as number[], 'BIGINT'))).has('mean'))
})

test('the same content under another key is a replay, whatever its dates', () => {
  const table = (day: number, last = 19): Table => ({
    at: { type: 'TIMESTAMP', cells: times(20, day * DAY) },
    n: { type: 'INTEGER', cells: [...upTo(19), last] },
  })
  const history = historyOf(viewOf(table(1, 5), { key: 'monday' }), viewOf(table(2), { key: 'tuesday' }))
  const replay = (batch: Table, key: string) => replayOf(history, viewOf(batch, { key }))
  assert.equal(replay(table(3), 'wednesday'), 'tuesday')
  assert.equal(replay(table(3, 5), 'wednesday'), 'monday')
  assert.equal(replay(table(3, 6), 'wednesday'), null)
  assert.equal(replay(table(2), 'tuesday'), null, 'a batch is no replay of itself')
})

test('batches too small or too plain to compare are no replays', () => {
  const plain = viewOf(text(...(times(40, 'a') as string[])), { key: 'a' })
  const few = viewOf(numbers(upTo(19) as number[]), { key: 'a' })
  for (const batch of [plain, few]) assert.equal(replayOf(historyOf(batch), { ...batch, key: 'b' }), null)
})

// Integrity

test('the most frequent value and the entropy tell how concentrated a column is', () => {
  const batch = viewOf(text('a', 'a', 'b', 'c', null))
  // Of the four values, shares ½, ¼, ¼: entropy ½ ln 2 + 2 · ¼ ln 4 = 1.5 ln 2.
  assertMetrics('x', { topValueFraction: 2 / 5, entropy: 1.5 * Math.LN2 }, { batch })
})

test('never-seen values are told by rows and by values', () => {
  const history = historyOf(viewOf(text('a')), viewOf(text('b', null)))
  const batch = viewOf(text('a', 'c', 'c', 'd', null))
  assertMetrics('x', { unseenValueFraction: 3 / 4, unseenDistinctFraction: 2 / 3 }, { batch, history })
})

test('instants are always new, and not told', () => {
  const batch = viewOf({ x: { type: 'TIMESTAMP', cells: [1, 2] } })
  assert.equal(metricsOn('x', batch, historyOf(batch)).has('unseenValueFraction'), false)
})

/** Standard deviations by which a share rose, with the variance its past shows between batches. */
const zOf = (share: number, before: number, { rows, between }: { rows: number; between: number }): number =>
  (share - before) / Math.sqrt(before / rows + between + 1 / rows ** 2 + 1e-6)

test('a spike is the value that rose most, in standard deviations of its past', () => {
  const letters = (a: number, b: number): Table =>
    text(...(times(a, 'a') as string[]), ...(times(b, 'b') as string[]))
  const batch = viewOf(letters(5, 5))
  assertMetrics(
    'x',
    { valueSpike: zOf(0.5, 0.2, { rows: 10, between: 0 }), valueSpikeFraction: 0.3 },
    { batch, history: historyOf(viewOf(letters(8, 2))) },
  )
  // Shares of b of .1 and .3 have mean .2 and variance .01.
  assertMetrics(
    'x',
    { valueSpike: zOf(0.5, 0.2, { rows: 10, between: 0.01 }), valueSpikeFraction: 0.3 },
    { batch, history: historyOf(viewOf(letters(9, 1)), viewOf(letters(7, 3))) },
  )
})

test('the shift of frequencies is the total variation from the past', () => {
  const shift = (past: Table, now: Table): number | undefined =>
    valuesOn('x', ['frequencyShift'], { batch: viewOf(now), history: historyOf(viewOf(past)) }).frequencyShift
  const close = (actual: number | undefined, expected: number): void =>
    assert.ok(Math.abs(actual! - expected) < 1e-6, `${actual} is not ${expected}`)
  close(shift(text('a', 'a', 'b', 'c'), text('b', 'a', 'c', 'a')), 0)
  // ½ (|¼ − ½| + |¾ − ¼| + |0 − ¼|)
  close(shift(text('a', 'a', 'b', 'c'), text('a', 'b', 'b', 'b')), 0.5)
  close(shift(text('a', 'a', 'b', 'c'), text('d', 'd', 'd', 'e')), 1)
})

test('truth values have their share, and no quantiles', () => {
  const batch = viewOf({ x: { type: 'BOOLEAN', cells: [1, 1, 0, 1, null] } })
  assertMetrics('x', { trueFraction: 3 / 4 }, { batch })
  assert.equal(metricsOn('x', batch).has('mean'), false)
})

test('quantiles are means of the values around them', () => {
  // Of 1 … 100: the 5th percentile is the mean of rows 2.5 to 7.5, (½·3 + 4 + 5 + 6 + 7 + ½·8)/5 = 5.5.
  const batch = viewOf(numbers([...upTo(100), Number.NaN] as number[]))
  assertMetrics(
    'x',
    {
      quantile01: 1.5,
      quantile05: 5.5,
      quantile25: 25.5,
      quantile50: 50.5,
      quantile75: 75.5,
      quantile95: 95.5,
      quantile99: 99.5,
      minimum: 1,
      maximum: 100,
      mean: 50.5,
      standardDeviation: Math.sqrt((100 ** 2 - 1) / 12),
    },
    { batch },
  )
})

test('negative numbers and zeros are shares of the numbers', () => {
  const batch = viewOf(numbers([-1, -2.5, 0, -0, 3, null]))
  assertMetrics('x', { negativeFraction: 2 / 5, zeroFraction: 2 / 5 }, { batch })
})

test('numbers are out of range when beyond all past ones by more than a hundredth', () => {
  const history = historyOf(viewOf(numbers([-10, 5.5, 100])))
  const batch = viewOf(numbers([-10.3, 101.9, -9, 0, 50, 100, -10, 1e9]))
  assertMetrics('x', { outOfRangeFraction: 3 / 8 }, { batch, history })
})

test('the far tails are beyond the 1st and 999th thousandth of the past', () => {
  const history = historyOf(viewOf(numbers(upTo(2000, (i) => i + 0.5) as number[])))
  const batch = viewOf(numbers([1.5, 900, 1000, 2500, 2600, -4, 1200, 1300]))
  assertMetrics('x', { tailFraction: 4 / 8 }, { batch, history })
})

test('the Kolmogorov–Smirnov distance is to the numbers of all past batches together', () => {
  const history = historyOf(viewOf(numbers([1, 2])), viewOf(numbers([4, 8])))
  // Past: ¼ ½ ¾ 1 at 1 2 4 8; batch: ½ at 4, ½ at 16. The widest gap is ½, at 2 and at 8.
  assertMetrics('x', { ksDistance: 0.5 }, { batch: viewOf(numbers([4, 16])), history })
  assertMetrics('x', { ksDistance: 0 }, { batch: viewOf(numbers([8, 4, 2, 1])), history })
  assertMetrics('x', { ksDistance: 1 }, { batch: viewOf(numbers([32])), history })
})

test('the Wasserstein distance is the area between both distributions on the column’s frame', () => {
  const history = historyOf(viewOf(numbers([1, 1, 1, 2])))
  const { center, spread } = history.columns.get('x')!.numbers!.frame!
  const framed = (value: number): number => Math.asinh((bucketMiddle(bucketOf(value)) - center) / spread)
  // A quarter of the rows moved from 1 to 2.
  assertMetrics(
    'x',
    { wassersteinDistance: 0.25 * (framed(2) - framed(1)) },
    { batch: viewOf(numbers([1, 1, 2, 2])), history },
  )
})

test('a column of nulls has its nulls, and no distribution', () => {
  const metrics = metricsOn('x', viewOf(numbers([null, null])))
  assert.deepEqual([...metrics.keys()].sort(), ['nullFraction', 'placeholderFraction', 'unreadableFraction'])
})
