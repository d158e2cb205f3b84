import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random, shuffled } from '../../src/math/random.ts'
import { inFrame } from '../../src/profile/number-frame.ts'
import { describeRule, learnRules, mineRules, ruleBook, violationOf } from '../../src/profile/rules.ts'
import { type Cell, sampleOf } from './sample-of.ts'
import { assertMetrics, historyOf, metricsOn, type Table, times, upTo, valuesOn, viewOf } from './views.ts'

// Pairs

/** Cities with their countries, each pair as often as said. */
function cities(...pairs: readonly (readonly [city: string, country: string, rows: number])[]): Table {
  return {
    city: { type: 'VARCHAR', cells: pairs.flatMap(([city, , rows]) => times(rows, city)) },
    country: { type: 'VARCHAR', cells: pairs.flatMap(([, country, rows]) => times(rows, country)) },
  }
}

const atlas = historyOf(
  viewOf(cities(['Paris', 'FR', 50], ['Lyon', 'FR', 30], ['Berlin', 'DE', 20])),
  viewOf(cities(['Bonn', 'DE', 40], ['Nice', 'FR', 20], ['Nice', 'IT', 20])),
)

test('a dependency is violated by the rows against the majority of their group; single rows tell nothing', () => {
  // Paris 3 of 4 in FR, Lyon 2 of 2, one row of Bonn: of six rows in groups, one is against the majority.
  const batch = viewOf(cities(['Paris', 'FR', 3], ['Paris', 'DE', 1], ['Lyon', 'FR', 2], ['Bonn', 'DE', 1]))
  assertMetrics('city → country', { dependencyViolationFraction: 1 / 6 }, { batch, history: atlas })
})

test('a pair is unseen when its first value is known, and contradicts when that value always had another', () => {
  const batch = viewOf(
    cities(['Paris', 'DE', 2], ['Nice', 'DE', 1], ['Nice', 'IT', 1], ['Rome', 'IT', 2], ['Lyon', 'FR', 4]),
  )
  assertMetrics(
    'city → country',
    // Paris was always in FR; Nice in two countries, so that a third contradicts nothing; Rome is not known.
    { unseenPairFraction: 3 / 10, contradictionFraction: 2 / 10 },
    { batch, history: atlas },
  )
})

test('the surprise of pairs is the mean of minus the decimal logarithm of their past share, from 100 rows on', () => {
  const pairs = cities(['Paris', 'FR', 60], ['Paris', 'DE', 10], ['Lyon', 'FR', 30], ['Rome', 'IT', 9])
  const surprise = (pair: number, from: number): number => Math.max(0, -Math.log10((pair + 0.5) / (from + 1)))
  const expected = (60 * surprise(50, 50) + 10 * surprise(0, 50) + 30 * surprise(30, 30)) / 100
  assertMetrics('city → country', { pairSurprise: expected }, { batch: viewOf(pairs), history: atlas })
  const few = viewOf(cities(['Paris', 'FR', 99]))
  assert.equal(metricsOn('city → country', few, atlas).has('pairSurprise'), false)
})

test('a pair whose column is gone is passed over; of one whose rows are all null only the nulls are told', () => {
  const { city } = cities(['Paris', 'FR', 3])
  assert.equal(metricsOn('city → country', viewOf({ city: city! }), atlas).size, 0)
  const nulls = viewOf({ city: city!, country: { type: 'VARCHAR', cells: times(3, null) } })
  assert.deepEqual([...metricsOn('city → country', nulls, atlas).keys()], ['nullsAgainstGroupFraction'])
})

test('a null among the rows of a group that has none, or a value among nulls, is against its group', () => {
  const batch = viewOf({
    city: { type: 'VARCHAR', cells: ['Paris', 'Paris', 'Paris', 'Lyon', 'Lyon', 'Lyon', 'Bonn'] },
    country: { type: 'VARCHAR', cells: ['FR', 'FR', null, null, null, 'FR', null] },
  })
  assertMetrics('city → country', { nullsAgainstGroupFraction: 2 / 6 }, { batch, history: atlas })
})

test('kinds of values never or seldom seen together are told, however usual each is alone', () => {
  type Row = readonly [code: string, amount: number]
  const table = (cells: readonly Row[]): Table => ({
    code: { type: 'VARCHAR', cells: cells.map(([code]) => code) },
    amount: { type: 'DOUBLE', cells: cells.map(([, amount]) => amount) },
  })
  const usual = Array.from(
    { length: 1000 },
    (_, i): Row => (i % 4 === 0 ? ['C1', -1 - (i % 5)] : ['A', 2 + (i % 7)]),
  )
  const history = historyOf(viewOf(table(usual)), viewOf(table(usual)))
  // A cancellation code (letters and digits) with a positive amount: both known, never together.
  const batch = viewOf(table([...usual.slice(0, 90), ...Array.from({ length: 10 }, (): Row => ['C1', 5])]))
  const metrics = metricsOn('amount → code', batch, history)
  const values = metrics.size > 0 ? metrics : metricsOn('code → amount', batch, history)
  assert.equal(values.get('unseenClassPairFraction')!.value, 0.1)
  assert.equal(values.get('rareClassPairFraction')!.value, 0.1)
  assert.ok(values.get('classPairSurprise')!.value > 0.1 * 3)
})

test('a value of another column that its own never had is stray; a new one of neither is not', () => {
  const batch = viewOf(cities(['Paris', 'FR', 6], ['FR', 'Paris', 2], ['Oslo', 'NO', 2]))
  assert.equal(metricsOn('city', batch, atlas).get('strayValueFraction')!.value, 0.2)
  assert.equal(metricsOn('country', batch, atlas).get('strayValueFraction')!.value, 0.2)
})

/** Four groups of 30 rows, and a number that the group determines. */
const grouped = (numberOf: (group: number, row: number) => number): Table => ({
  group: { type: 'VARCHAR', cells: upTo(120, (i) => `g${i % 4}`) },
  x: { type: 'DOUBLE', cells: upTo(120, (i) => numberOf(i % 4, i)) },
})
const determined = grouped((group) => 10 * group + 0.5)
const groups = historyOf(viewOf(determined), viewOf(determined), viewOf(determined))

test('coherence is 1 when groups determine a number, and near 0 when it is shuffled among them', () => {
  assertMetrics('group → x', { groupCoherence: 1 }, { batch: viewOf(determined), history: groups })
  const { x } = determined
  const mixed = { ...determined, x: { ...x!, cells: shuffled(x!.cells, random('mixed')) } }
  const { groupCoherence } = valuesOn('group → x', ['groupCoherence'], {
    batch: viewOf(mixed),
    history: groups,
  })
  assert.ok(Math.abs(groupCoherence!) < 0.1, `${groupCoherence}`)
})

test('coherence is the intra-class correlation of the ranks', () => {
  // Mid-ranks ¼ and ¾. Within each group of 7, one row differs: squares 7 · 1/7 · 6/7 · ¼ = 3/14, both 3/7, over
  // 14 − 2 rows of freedom; over all rows the variance is 1/16. 1 − (3/7/12)/(1/16) = 3/7.
  const batch = viewOf({
    group: { type: 'VARCHAR', cells: [...times(7, 'g1'), ...times(7, 'g2')] },
    x: { type: 'DOUBLE', cells: [...times(6, 0.5), 1.5, ...times(6, 1.5), 0.5] },
  })
  assertMetrics('group → x', { groupCoherence: 3 / 7 }, { batch, history: groups })
})

test('residuals tell the rows that are far from what their group was', () => {
  const clean = valuesOn('group → x', ['meanResidual', 'farResidualFraction'], {
    batch: viewOf(determined),
    history: groups,
  })
  assert.ok(clean.meanResidual! < 1e-3, `${clean.meanResidual}`)
  assert.equal(clean.farResidualFraction, 0)
  const moved = viewOf(grouped((group, row) => 10 * (row < 40 ? (group + 2) % 4 : group) + 0.5))
  assertMetrics('group → x', { farResidualFraction: 39 / 120 }, { batch: moved, history: groups })
})

test('what a group was is the mean of all its rows, whatever their order', () => {
  // On its frame, 30 rows of each group: 20 at the group's number, 10 one spread above.
  const wide = (order: (row: number) => number): Table =>
    grouped((group, row) => 10 * group + 0.5 + (order(Math.ceil(row / 4)) <= 10 ? 5 : 0))
  const residualOf = (order: (row: number) => number): number => {
    const batch = viewOf(wide((row) => row))
    const history = historyOf(viewOf(wide(order)), batch, batch)
    return valuesOn('group → x', ['meanResidual'], { batch, history }).meanResidual!
  }
  const [first, last] = [residualOf((row) => row), residualOf((row) => 31 - row)]
  assert.ok(Math.abs(first - last) < 1e-6, `${first} and ${last}`)
  const frame = historyOf(viewOf(wide((row) => row))).columns.get('x')!.numbers!.frame!
  const framed = (value: number): number => inFrame(frame, value)
  // A third of the rows lies ⅔ of the way from the mean, two thirds ⅓: 4/9 of the distance, averaged over the groups.
  const gaps = [0, 1, 2, 3].map((group) => framed(10 * group + 5.5) - framed(10 * group + 0.5))
  const expected = ((4 / 9) * gaps.reduce((sum, gap) => sum + gap, 0)) / 4
  assert.ok(Math.abs(first - expected) < 1e-3, `${first} is not ${expected}`)
})

test('numbers that are not finite are left out of what a group was', () => {
  const broken = viewOf(
    grouped((group, row) => (row < 9 ? [Number.NaN, Infinity][row % 2]! : 10 * group + 0.5)),
  )
  const history = historyOf(viewOf(determined), broken, viewOf(determined))
  const { meanResidual } = valuesOn('group → x', ['meanResidual'], { batch: viewOf(determined), history })
  assert.ok(meanResidual! < 1e-3, `${meanResidual}`)
})

const together = historyOf(
  viewOf({
    a: { type: 'DOUBLE', cells: upTo(40, (i) => i / 2) },
    b: { type: 'DOUBLE', cells: upTo(40, (i) => i) },
  }),
)

test('two numeric columns have their rank correlation, and how often the first is greater or equal', () => {
  const batch = viewOf({
    a: { type: 'DOUBLE', cells: [1, 2, 3, 4, 5, null, 6] },
    b: { type: 'DOUBLE', cells: [2, 1, 4, 3, 5, 7, null] },
  })
  // Spearman: 1 − 6 Σd²/(n(n² − 1)) = 1 − 6 · 4/(5 · 24).
  assertMetrics(
    'a → b',
    { rankCorrelation: 0.8, greaterFraction: 2 / 5, equalFraction: 1 / 5 },
    { batch, history: together },
  )
  assert.equal(metricsOn('b → a', batch, together).has('rankCorrelation'), false, 'told once')
})

test('identifiers, instants and constants are in no pair', () => {
  const table: Table = {
    id: { type: 'BIGINT', cells: upTo(40) },
    at: { type: 'TIMESTAMP', cells: upTo(40) },
    one: { type: 'VARCHAR', cells: times(40, 'x') },
    a: { type: 'DOUBLE', cells: upTo(40) },
    b: { type: 'DOUBLE', cells: upTo(40) },
  }
  const pairs = historyOf(viewOf(table)).pairs.pairs.map(({ from, to }) => `${from} → ${to}`)
  assert.deepEqual(pairs.sort(), ['a → b', 'b → a'])
})

test('columns without bearing on each other are no pair', () => {
  const draw = random('independent')
  const table = (): Table => ({
    a: { type: 'VARCHAR', cells: upTo(2000, () => `a${Math.floor(draw() * 5)}`) },
    b: { type: 'VARCHAR', cells: upTo(2000, () => `b${Math.floor(draw() * 5)}`) },
  })
  assert.deepEqual(historyOf(viewOf(table())).pairs.pairs, [])
})

// Rules

const ROWS = 200

/** Rules of a table of 200 rows whose columns are functions of the row's own draws. */
function minedFrom(columns: Record<string, (draw: readonly number[]) => Cell>, type = 'DOUBLE'): string[] {
  const draw = random('rules')
  const draws = Array.from({ length: ROWS }, () => [draw(), draw(), draw()])
  const table = Object.fromEntries(
    Object.entries(columns).map(([name, of]) => [name, { type, cells: draws.map(of) }]),
  )
  return mineRules(sampleOf(table)).map(describeRule)
}

const cents = (value: number): number => Math.round(value * 100) / 100
const net = ([u]: readonly number[]): number => cents(10 + 90 * u!)
const tax = ([, v]: readonly number[]): number => cents(1 + 40 * v!)
const count = ([, , w]: readonly number[]): number => 1 + Math.floor(9 * w!)

test('a sum is found, once', () => {
  const mined = minedFrom({ net, tax, gross: (row) => cents(net(row) + tax(row)) })
  assert.deepEqual(
    mined.filter((rule) => rule.includes('=')),
    ['gross = net + tax'],
  )
})

test('a product is found although it is rounded to cents', () => {
  const mined = minedFrom({ net, count, total: (row) => cents(count(row) * net(row)) })
  assert.deepEqual(
    mined.filter((rule) => rule.includes('=')),
    ['total = net × count'],
  )
})

test('an order of columns that move together is found: of instants, of numbers', () => {
  const start = ([u]: readonly number[]): number => Math.floor(1e9 * u!)
  const end = (row: readonly number[]): number => start(row) + Math.floor(1e7 * row[1]!)
  assert.deepEqual(minedFrom({ end, start }, 'TIMESTAMP'), ['start ≤ end'])
  assert.deepEqual(minedFrom({ net, gross: (row) => net(row) + 5 * row[1]! }), ['net ≤ gross'])
})

const trivial: readonly (readonly [why: string, columns: Parameters<typeof minedFrom>[0]])[] = [
  ['an order of columns that lie far apart', { net, far: (row) => net(row) + 1000 }],
  [
    'an order of columns that do not move together',
    { low: ([u]) => 100 * u! ** 20, high: ([, v]) => 100 - v! ** 20 },
  ],
  [
    'a sum with almost only zeros',
    { net, none: ([, v]) => (v! < 0.05 ? 3.25 : 0), sum: (row) => net(row) + (row[1]! < 0.05 ? 3.25 : 0) },
  ],
  [
    'a product with almost only ones',
    { net, one: ([, v]) => (v! < 0.05 ? 2 : 1), product: (row) => net(row) * (row[1]! < 0.05 ? 2 : 1) },
  ],
  [
    'a product that is almost always zero',
    { net, some: ([, v]) => (v! < 0.05 ? 2 : 0), product: (row) => net(row) * (row[1]! < 0.05 ? 2 : 0) },
  ],
  [
    'the double and the square of a column',
    { net, double: (row) => 2 * net(row), square: (row) => net(row) ** 2 },
  ],
  ['a constant', { net, constant: () => 7 }],
]
for (const [why, columns] of trivial)
  test(`${why} makes no rule of arithmetic or order worth watching`, () => {
    const mined = minedFrom(columns)
    const told = why.startsWith('an order') ? mined : mined.filter((rule) => rule.includes('='))
    assert.deepEqual(told, [])
  })

test('a rule may be broken by one row in 200 while it is mined, not by two', () => {
  const broken = (most: number): string[] => {
    let left = most
    return minedFrom({ net, tax, gross: (row) => cents(net(row) + tax(row)) + (left-- > 0 ? 5 : 0) })
  }
  assert.ok(broken(1).includes('gross = net + tax'))
  assert.ok(!broken(2).includes('gross = net + tax'))
})

test('fewer than 50 rows with all values make no rule', () => {
  const gross = (most: number): string[] => {
    let left = most
    return minedFrom({ net, tax, gross: (row) => (left-- > 0 ? cents(net(row) + tax(row)) : null) })
  }
  assert.ok(gross(50).includes('gross = net + tax'))
  assert.deepEqual(
    gross(49).filter((rule) => rule.includes('=')),
    [],
  )
})

/** Sums of which some are wrong by one, from the first row on. */
function sums(wrong: number, rows = 100): Table {
  const draw = random('sums')
  const a = upTo(rows, () => Math.floor(draw() * 50)) as number[]
  const b = upTo(rows, () => Math.floor(draw() * 50)) as number[]
  return {
    a: { type: 'INTEGER', cells: a },
    b: { type: 'INTEGER', cells: b },
    sum: { type: 'INTEGER', cells: a.map((value, i) => value + b[i]! + (i < wrong ? 1 : 0)) },
  }
}
const rule = { kind: 'sum', columns: ['sum', 'a', 'b'] } as const

test('whole numbers must add up exactly; the share of the rows that do not is told', () => {
  assert.deepEqual(violationOf(rule, sampleOf(sums(3))), { fraction: 3 / 100, rows: 100 })
  const history = historyOf(viewOf(sums(0)))
  assertMetrics('sum = a + b', { ruleViolationFraction: 7 / 100 }, { batch: viewOf(sums(7)), history })
})

test('rows with a null are not judged by a rule, and without its column the rule is silent', () => {
  const { a, b, sum } = sums(3)
  const some = { a: a!, b: b!, sum: { ...sum!, cells: sum!.cells.map((cell, i) => (i < 2 ? null : cell)) } }
  assert.deepEqual(violationOf(rule, sampleOf(some)), { fraction: 1 / 98, rows: 98 })
  assert.equal(violationOf(rule, sampleOf({ a: a!, b: b! })).rows, 0)
  assert.equal(metricsOn('sum = a + b', viewOf({ a: a!, b: b! }), historyOf(viewOf(sums(0)))).size, 0)
})

test('a rule that a warm-up batch breaks is dropped; later it stays, and is told as broken', () => {
  const wrongIn = (batches: readonly number[]): boolean => {
    const book = ruleBook()
    for (const wrong of batches) learnRules(book, viewOf(sums(wrong)))
    return book.rules.some((found) => describeRule(found) === 'sum = a + b')
  }
  assert.equal(wrongIn([0, 0]), true)
  assert.equal(wrongIn([0, 10]), false)
  assert.equal(wrongIn([0, 0, 0, 0, 0, 0, 100]), true)
})

test('batches too small to mine wait for a telling one', () => {
  const history = historyOf(viewOf(sums(0, 49)), viewOf(sums(0, 60)))
  assert.ok(metricsOn('sum = a + b', viewOf(sums(0)), history).has('ruleViolationFraction'))
})
