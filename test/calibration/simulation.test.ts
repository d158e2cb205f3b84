import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScoredBatch } from '../../src/calibration/replay-decisions.ts'
import { replayDecisions } from '../../src/calibration/replay-decisions.ts'
import { parseSensitivity, plainSensitivity } from '../../src/calibration/sensitivity.ts'
import { createTableScorer } from '../../src/detectors/table-scorer.ts'
import { median } from '../../src/math/robust.ts'
import type { History } from './simulated-history.ts'
import { simulateHistory } from './simulated-history.ts'

const SETS = 6
/** The first eight weeks are for learning. */
const FROM = 56
const BUDGETS = [0.5, 1, 2, 4] as const

function scoresOf({ arrivals }: History): ScoredBatch[] {
  const scorer = createTableScorer()
  return arrivals.map((arrival) => {
    const { columns, dimensions, cases, expected, provisional } = scorer.score(arrival)
    scorer.learn(arrival)
    return {
      startMs: arrival.startMs,
      columns,
      dimensions,
      cases,
      worth: expected.worth,
      provisional,
      absolute: false,
    }
  })
}

function observedOverAsked(scores: readonly ScoredBatch[], alerts: number): number {
  const decisions = replayDecisions(scores, { alerts, per: 'week' }).slice(FROM)
  return decisions.filter(({ alert }) => alert).length / ((decisions.length / 7) * alerts)
}

const sets = Array.from({ length: SETS }, (_, i) => scoresOf(simulateHistory(i + 1)))
const spoiled = Array.from({ length: SETS }, (_, i) => {
  const history = simulateHistory(i + 1, { incidentSize: 8 })
  return { history, scores: scoresOf(history) }
})

for (const alerts of BUDGETS) {
  test(`asked for ${alerts} a week, a simulated year gets between 0.8 and 1.2 times as many`, (t) => {
    const ratios = sets.map((scores) => observedOverAsked(scores, alerts))
    t.diagnostic(`observed/asked: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`)
    assert.ok(median(ratios) > 0.8 && median(ratios) < 1.2)
    assert.ok(Math.min(...ratios) > 0.7 && Math.max(...ratios) < 1.3)
  })

  test(`asked for ${alerts} a week, a year with an incident a fortnight keeps to the budget too`, (t) => {
    const ratios = spoiled.map(({ scores }) => observedOverAsked(scores, alerts))
    t.diagnostic(`observed/asked: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`)
    assert.ok(median(ratios) > 0.8 && median(ratios) < 1.2)
  })
}

/** Fraction of planted incidents for which their column was named while they were fresh. */
function caught(alerts: number, kind: string): number {
  let [hit, all] = [0, 0]
  for (const { history, scores } of spoiled) {
    const decisions = replayDecisions(scores, { alerts, per: 'week' })
    for (const incident of history.incidents.filter((planted) => planted.kind === kind)) {
      const fresh = decisions.slice(incident.day, incident.day + incident.days)
      hit += Number(fresh.some(({ columns }) => columns.includes(incident.column)))
      all += 1
    }
  }
  return hit / all
}

test('planted incidents are mostly caught, the more the larger the budget', (t) => {
  for (const [alerts, spike, shift, ramp] of [
    [1, 0.65, 0.65, 0.25],
    [2, 0.75, 0.75, 0.45],
  ] as const) {
    const seen = ['spike', 'shift', 'ramp'].map((kind) => caught(alerts, kind))
    t.diagnostic(`${alerts} a week: spike, shift, ramp caught ${seen.map((x) => x.toFixed(2)).join(' ')}`)
    assert.ok(seen[0]! >= spike && seen[1]! >= shift && seen[2]! >= ramp)
  }
})

for (const alerts of [0.5, 1, 2] as const)
  test(`strict: no week of a simulated year has more than ${Math.max(1, alerts)} pages when ${alerts} is asked`, () => {
    const strict = { ...plainSensitivity({ alerts, per: 'week' }), strict: true }
    for (const { scores } of spoiled) {
      const decisions = replayDecisions(scores, strict)
      const weeks = Map.groupBy(
        scores.flatMap(({ startMs }, i) => (decisions[i]!.alert ? [startMs!] : [])),
        (startMs) => Math.floor((startMs / 86_400_000 + 3) / 7),
      )
      assert.ok([...weeks.values()].every((pages) => pages.length <= Math.max(1, alerts)))
    }
  })

test('what strict keeps from paging is in the digest', () => {
  const mean = plainSensitivity({ alerts: 2, per: 'week' })
  for (const { scores } of spoiled) {
    const [loose, strict] = [
      replayDecisions(scores, mean),
      replayDecisions(scores, { ...mean, strict: true }),
    ]
    loose.forEach(({ alert }, i) => {
      if (alert) assert.ok(strict[i]!.alert || strict[i]!.digest)
    })
  }
})

test('a dimension with a budget of its own keeps to it, and the whole to the whole', (t) => {
  const ratios = sets.map((scores) => {
    const asked = parseSensitivity({ atMost: '2/week', dimensions: { completeness: '0.5/week' } })
    const decisions = replayDecisions(scores, asked).slice(FROM)
    const weeks = decisions.length / 7
    const own = decisions.filter(({ dimensions }) => dimensions.includes('completeness')).length / weeks
    return { whole: decisions.filter(({ alert }) => alert).length / weeks / 2, own: own / 0.5 }
  })
  t.diagnostic(ratios.map(({ whole, own }) => `${whole.toFixed(2)} ${own.toFixed(2)}`).join('  '))
  const owns = median(ratios.map(({ own }) => own))
  assert.ok(owns > 0.8 && owns < 1.2)
  for (const { whole, own } of ratios) assert.ok(own < 1.5 && whole > 0.8 && whole < 1.2)
})
