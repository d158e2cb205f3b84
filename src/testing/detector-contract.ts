import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { Params } from '../data/params.ts'
import type { Detector, Sample, SamplesDetector, SeriesDetector } from '../detectors/detector.ts'
import { weightedSample } from '../math/ecdf.ts'
import { random, randomNormal, shuffled } from '../math/random.ts'

/**
 * Registers the tests of what every detector owes its users, under `node:test`; for the built-in ones and for yours.
 *
 * Same input, same score; order of rows irrelevant; inputs untouched; a shifted batch scores higher; odd inputs give a
 * finite score or a coded error; saved and loaded, the same score; parameters and source documented.
 */
export function checkDetector(detector: Detector): void {
  checkDeclaration(detector)
  if (detector.kind === 'series') checkSeries(detector)
  else checkSamples(detector)
}

type Rule = (sentence: string, run: () => void) => void

const rulesOf =
  ({ name }: Detector): Rule =>
  (sentence, run) => {
    test(`${name}: ${sentence}`, run)
  }

function checkDeclaration(detector: Detector): void {
  const rule = rulesOf(detector)
  rule('says what it does and where it was published', () => {
    assert.match(detector.name, /^[a-z][a-z0-9-]*$/)
    assert.match(detector.summary, /\.$/)
    assert.match(detector.reference, /\(\d{4}\)/)
  })
  rule('documents every parameter, with a default and a search range inside its bounds', () => {
    for (const [name, param] of Object.entries<Params[string]>(detector.params)) {
      assert.ok(param.about.length > 10, `${name} is not documented`)
      const known =
        param.kind === 'choice'
          ? [param.default, ...(param.search ?? [])].every((choice) => param.choices.includes(choice))
          : [param.default, ...(param.search ?? [])].every((x) => x >= param.min && x <= param.max)
      assert.ok(known, `${name}: default or search range is out of bounds`)
    }
  })
}

const normals = (seed: string, count: number, shift = 0): number[] => {
  const draw = random(seed)
  return Array.from({ length: count }, () => randomNormal(draw) + shift)
}

/** Runs and insists on a finite number at least 0, or an error with a code and a next step. */
function finiteOrCoded(score: () => number): void {
  try {
    const value = score()
    assert.ok(Number.isFinite(value) && value >= 0, `the score is ${value}`)
  } catch (error) {
    assert.ok(error instanceof FiableError, `${error} is no FiableError`)
    assert.ok(error.message && error.fix)
  }
}

const throughJson = (state: Json): Json => JSON.parse(JSON.stringify(state)) as Json

function refusesBadSettings(rule: Rule, fit: (settings: Record<string, number | string>) => unknown): void {
  rule('refuses settings it does not have', () => {
    assert.throws(() => fit({ noSuchSetting: 1 }), { code: 'BAD_ARGUMENT' })
  })
}

function checkSeries(detector: SeriesDetector): void {
  const rule = rulesOf(detector)
  const past = normals('past', 60)
  refusesBadSettings(rule, (settings) => detector.fit(past, settings))
  rule('same input, same score', () => {
    const next = normals('next', 5)
    assert.equal(detector.fit(past).score(next), detector.fit([...past]).score(next))
  })
  rule('a shifted value scores higher, upward and downward, and beyond its limits', () => {
    const fitted = detector.fit(past)
    const clean = fitted.score(normals('next', 8))
    for (const shift of [-8, 8]) assert.ok(fitted.score(normals('next', 8, shift)) > Math.max(clean, 1))
  })
  rule('its limits lie on either side of its centre line', () => {
    const { centerLine, upperLimit, lowerLimit } = detector.fit(past).limits
    assert.ok(lowerLimit < centerLine && centerLine < upperLimit)
  })
  rule('inputs are left untouched', () => {
    const [frozenPast, frozenNext] = [Object.freeze([...past]), Object.freeze(normals('next', 5))]
    detector.fit(frozenPast).score(frozenNext)
  })
  rule('a constant, short, empty or broken past gives a finite score or a coded error', () => {
    for (const odd of [new Array<number>(30).fill(7), [], [1], [1, Number.NaN, 3, 4, 5], [0, 0, 0, 0, 1e300]])
      finiteOrCoded(() => detector.fit(odd).score([7, 8]))
    for (const odd of [[], [Number.NaN], [Number.POSITIVE_INFINITY]])
      finiteOrCoded(() => detector.fit(past).score(odd))
  })
  rule('saved and loaded, it gives the same score and limits', () => {
    const fitted = detector.fit(past)
    const loaded = detector.load(throughJson(fitted.state))
    assert.equal(loaded.score(normals('next', 5)), fitted.score(normals('next', 5)))
    assert.deepEqual(loaded.limits, fitted.limits)
  })
}

const TEXTS = ['north', 'east', 'south', 'west'] as const
/** Texts of four kinds; the shift makes the later kinds rarer. */
function texts(seed: string, count: number, shift = 0): Sample {
  const draw = random(seed)
  const counts = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const text = TEXTS[Math.floor(4 * draw() ** (1 + shift))]!
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return { values: [...counts.keys()], counts: [...counts.values()] }
}

function checkSamples(detector: SamplesDetector): void {
  checkSampleScores(detector, (seed, count, shift) => weightedSample(normals(seed, count, shift)), 'numbers')
  if (detector.takes === 'numbers and texts') checkSampleScores(detector, texts, 'texts')
  else checkRefusesTexts(detector)
  const rule = rulesOf(detector)
  const reference = weightedSample(normals('reference', 500))
  refusesBadSettings(rule, (settings) => detector.fit(reference, settings))
  rule('the order of rows does not matter', () => {
    const rows = normals('batch', 200)
    const fitted = detector.fit(reference)
    const reordered = weightedSample(shuffled(rows, random('order')))
    assert.equal(fitted.score(weightedSample(rows)), fitted.score(reordered))
  })
  rule('constant, single, empty and broken samples give a finite score or a coded error', () => {
    const odd = [[7, 7, 7], [7], [], [Number.NaN], [1e300, -1e300], [0]].map(weightedSample)
    const broken = [
      { values: [2, 1], counts: [1, 1] },
      { values: [1], counts: [0] },
      { values: [Number.NaN], counts: [1] },
    ]
    for (const sample of [...odd, ...broken]) {
      finiteOrCoded(() => detector.fit(reference).score(sample))
      finiteOrCoded(() => detector.fit(sample).score(reference))
    }
  })
  rule('a p-value, where it has one, is a probability that falls with the score', () => {
    const fitted = detector.fit(reference)
    const [clean, shifted] = [0, 1].map((shift) =>
      fitted.pValue(weightedSample(normals('batch', 200, shift))),
    )
    if (clean === null || shifted === null || clean === undefined || shifted === undefined) return
    assert.ok(shifted >= 0 && clean <= 1 && shifted < clean)
  })
}

function checkRefusesTexts(detector: SamplesDetector): void {
  rulesOf(detector)('refuses texts', () => {
    assert.throws(() => detector.fit(texts('reference', 10)), { code: 'BAD_ARGUMENT' })
  })
}

function checkSampleScores(
  detector: SamplesDetector,
  draw: (seed: string, count: number, shift?: number) => Sample,
  what: string,
): void {
  const rule: Rule = (sentence, run) => rulesOf(detector)(`${sentence} (${what})`, run)
  const reference = draw('reference', 500)
  rule('same input, same score', () => {
    const [first, second] = [0, 1].map(() => detector.fit(reference).score(draw('batch', 200)))
    assert.equal(first, second)
  })
  rule('the reference itself scores about 0, a shifted batch higher than a clean one', () => {
    const fitted = detector.fit(reference)
    assert.ok(Math.abs(fitted.score(reference)) < 1e-6)
    assert.ok(fitted.score(draw('batch', 200, 2)) > fitted.score(draw('batch', 200)))
  })
  rule('inputs are left untouched', () => {
    const batch = draw('batch', 50)
    const copy = structuredClone(batch)
    detector.fit(reference).score(batch)
    assert.deepEqual(batch, copy)
  })
  rule('saved and loaded, it gives the same score', () => {
    const fitted = detector.fit(reference)
    const loaded = detector.load(throughJson(fitted.state))
    assert.equal(loaded.score(draw('batch', 80)), fitted.score(draw('batch', 80)))
  })
}
