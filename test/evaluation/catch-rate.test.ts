import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catchRateOfMixture, catchRates, type Outcome } from '../../src/evaluation/catch-rate.ts'
import { betaBinomialLogMass, betaBinomialMasses, rangeOfMasses } from '../../src/math/beta-binomial.ts'
import { bootstrap } from '../../src/math/bootstrap.ts'
import { random } from '../../src/math/random.ts'
import { rocAuc } from '../../src/math/roc.ts'

test('the beta-binomial has the masses of SciPy 1.17 (scipy.stats.betabinom)', () => {
  const mass = (hits: number, trials: number, a: number, b: number) =>
    Math.exp(betaBinomialLogMass(hits, { trials, a, b }))
  assert.ok(Math.abs(mass(3, 10, 2, 5) - 0.16483516483516475) < 1e-12)
  assert.ok(Math.abs(mass(0, 12, 0.5, 0.5) - 0.16118025779724127) < 1e-12)
  assert.ok(Math.abs(mass(12, 12, 12.5, 0.5) - 0.7107973661241267) < 1e-12)
})

test('the range of a beta-binomial leaves at most a fortieth on either side, and is the smallest such', () => {
  for (const [trials, a, b] of [
    [12, 12.5, 0.5],
    [30, 4, 9],
    [1, 1, 1],
    [0, 1, 1],
  ] as const) {
    const distribution = { trials, a, b }
    const { low, high } = rangeOfMasses(betaBinomialMasses(distribution))
    const sum = (from: number, to: number) =>
      Array.from({ length: Math.max(0, to - from + 1) }, (_, i) =>
        Math.exp(betaBinomialLogMass(from + i, distribution)),
      ).reduce((total, mass) => total + mass, 0)
    assert.ok(sum(0, low - 1) <= 0.025 && sum(high + 1, trials) <= 0.025)
    assert.ok(sum(0, low) > 0.025 && sum(high, trials) > 0.025)
  }
})

test('a bootstrapped area has the same interval for the same seed, and holds the true area as often as it says', () => {
  const draw = random(1)
  let held = 0
  const rounds = 200
  for (let round = 0; round < rounds; round++) {
    // Uniform on [0, 1) against uniform on [0.5, 1.5): the area is 1 − ½·¼ = 0.875.
    const clean = Array.from({ length: 30 }, draw)
    const spoiled = Array.from({ length: 30 }, () => 0.5 + draw())
    const { low, high } = bootstrap([clean, spoiled], rocAuc, round)
    if (low <= 0.875 && 0.875 <= high) held++
    if (round === 0)
      assert.deepEqual(bootstrap([clean, spoiled], rocAuc, 0), bootstrap([clean, spoiled], rocAuc, 0))
  }
  assert.ok(held / rounds > 0.89 && held / rounds < 0.99, `held ${held} of ${rounds}`)
})

test('a statistic of nothing has no interval', () => {
  const { value, low, high } = bootstrap([[], [1]], rocAuc, 1)
  assert.ok([value, low, high].every(Number.isNaN))
})

/** Trials of 40 groups on 6 columns over two stretches of 10 batches each; stretches and columns shift the chance. */
function simulated(seed: number, { weather, spread }: { readonly weather: number; readonly spread: number }) {
  const draw = random(seed)
  const groups = Array.from({ length: 40 }, (_, g) => ({ name: `g${g}`, level: 6 * draw() - 3 }))
  const columns = Array.from({ length: 6 }, (_, c) => `c${c}`)
  const shifts = new Map(
    groups.flatMap(({ name }) => columns.map((column) => [`${name}/${column}`, spread * (draw() - 0.5)])),
  )
  const stretch = (from: number, perBatch: number): Outcome[] =>
    groups.flatMap(({ name, level }) => {
      const halves = [weather * (draw() - 0.5), weather * (draw() - 0.5)]
      return Array.from({ length: 10 * perBatch }, (_, n) => {
        const i = n % 10
        const column = columns[Math.floor(draw() * columns.length)]!
        const logit = level + shifts.get(`${name}/${column}`)! + halves[i < 5 ? 0 : 1]!
        return { group: name, column, place: from + i, isCaught: draw() < 1 / (1 + Math.exp(-logit)) }
      })
    })
  return {
    past: stretch(0, 1),
    future: stretch(10, 1),
    // Enough on each column for its rate to be one of ten trials or more.
    onColumns: stretch(20, 8),
    groups: groups.map(({ name }) => name),
    columns,
  }
}

function coverage(weather: number, spread: number): { readonly groups: number; readonly columns: number } {
  let [groups, groupsHeld, columns, columnsHeld] = [0, 0, 0, 0]
  for (let seed = 1; seed <= 12; seed++) {
    const world = simulated(seed, { weather, spread })
    const rates = catchRates(world.past)
    const rateOf = (of: readonly Outcome[]) => of.filter(({ isCaught }) => isCaught).length / of.length
    for (const group of world.groups) {
      const of = world.future.filter((outcome) => outcome.group === group)
      const told = rates.ofGroup(group)
      groups++
      if (told.low <= rateOf(of) && rateOf(of) <= told.high) groupsHeld++
      for (const column of world.columns) {
        const onColumn = world.onColumns.filter(
          (outcome) => outcome.group === group && outcome.column === column,
        )
        if (onColumn.length < 10) continue
        const { low, high } = rates.ofColumn(group, column)
        columns++
        if (low <= rateOf(onColumn) && rateOf(onColumn) <= high) columnsHeld++
      }
    }
  }
  return { groups: groupsHeld / groups, columns: columnsHeld / columns }
}

test('ranges hold for new trials as often as they say: alike, on differing columns, in changing weather', (t) => {
  for (const [weather, spread] of [
    [0, 0],
    [0, 6],
    [3, 0],
    [3, 6],
  ] as const) {
    const held = coverage(weather, spread)
    t.diagnostic(
      `weather ${weather}, columns ${spread}: ${held.groups.toFixed(3)}, ${held.columns.toFixed(3)}`,
    )
    assert.ok(held.groups >= 0.93 && held.columns >= 0.93)
  }
})

test('a design effect is found where stretches of the history differ, and none where they do not', () => {
  assert.ok(catchRates(simulated(1, { weather: 0, spread: 0 }).past).designEffect < 1.6)
  assert.ok(catchRates(simulated(1, { weather: 8, spread: 0 }).past).designEffect > 1.6)
})

test('a range narrows with trials and never leaves out what was seen', () => {
  const of = (hits: number, trials: number) =>
    catchRates(
      Array.from({ length: trials }, (_, i) => ({ group: 'g', column: 'c', place: i, isCaught: i < hits })),
    ).ofGroup('g')
  const few = of(9, 10)
  const many = of(900, 1000)
  assert.ok(many.high - many.low < few.high - few.low)
  for (const { rate, low, high } of [few, many, of(0, 5), of(5, 5)]) assert.ok(low <= rate && rate <= high)
  assert.equal(of(5, 5).high, 1)
  assert.ok(of(0, 5).high < 1)
})

test('a group never tried is said to be anything', () => {
  const { low, high, trials } = catchRates([]).ofGroup('none')
  assert.deepEqual([low, high, trials], [0, 1, 0])
})

test('the range of a mixture of faults follows from how batches differ, not from how many trials each has', () => {
  const mixture = (shares: readonly number[], perBatch: number): Outcome[] =>
    shares.flatMap((share, place) =>
      Array.from({ length: perBatch }, (_, i) => ({
        group: `g${i}`,
        column: '',
        place,
        isCaught: i < share * perBatch,
      })),
    )
  const alike = catchRateOfMixture(mixture([0.6, 0.6, 0.6, 0.6], 100))
  assert.deepEqual([alike.low, alike.rate, alike.high], [0.6, 0.6, 0.6])
  const apart = catchRateOfMixture(mixture([0.4, 0.8, 0.5, 0.7], 100))
  // 0.6 ± t(0.975, 3) · s · √(2/4) with s = 0.18257: scipy.stats.t.ppf(0.975, 3) = 3.18245 (SciPy 1.17).
  assert.ok(Math.abs(apart.high - (0.6 + 3.18245 * 0.18257 * Math.SQRT1_2)) < 1e-4 || apart.high === 1)
  assert.ok(Math.abs(apart.low - (0.6 - 3.18245 * 0.18257 * Math.SQRT1_2)) < 1e-4)
  const alarming = catchRateOfMixture(mixture([0.6, 0.6, 0.6, 0.6], 100), { hits: 0, trials: 4 })
  assert.ok(alarming.high > 0.6 && alarming.low === 0.6)
})
