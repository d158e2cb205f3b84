import { replayDecisions, type ScoredBatch, startReplay } from '../src/calibration/replay-decisions.ts'
import { parseSensitivity, type Sensitivity } from '../src/calibration/sensitivity.ts'
import { hearSeries } from '../src/detectors/hearing.ts'
import { type BatchScore, createTableScorer } from '../src/detectors/table-scorer.ts'
import { simulateHistory } from '../test/calibration/simulated-history.ts'

const SERIES = 200
const RUNS = 25

const asked: readonly Sensitivity[] = [
  parseSensitivity({ atMost: '0.5/week', floors: { integrity: '1 %', conformity: '2 %' } }),
  parseSensitivity({ atMost: '2/week', strict: true }),
  parseSensitivity({ atMost: '4/week', dimensions: { completeness: '25 %', consistency: '1/month' } }),
]

/**
 * How long a change of sensitivity takes to be told for a year of daily batches of 200 series, and whether it says exactly
 * what a full run under it would have said: scored, decided and learnt batch by batch.
 */
export async function run(): Promise<void> {
  const { arrivals } = simulateHistory(1, { series: SERIES })
  const stored = scoresOf(arrivals)
  const times: number[] = []
  let identical = true
  for (const sensitivity of asked) {
    for (let i = 0; i < RUNS; i++) {
      const before = performance.now()
      replayDecisions(heardUnder(sensitivity, stored), sensitivity)
      times.push(performance.now() - before)
    }
    const decideNext = startReplay(sensitivity)
    const anew = heardUnder(sensitivity, scoresOf(arrivals)).map((batch) => decideNext(batch))
    identical &&=
      JSON.stringify(anew) === JSON.stringify(replayDecisions(heardUnder(sensitivity, stored), sensitivity))
  }
  const sorted = times.sort((a, b) => a - b)
  const medianMs = sorted[sorted.length >> 1]!
  console.log(
    `a year × ${SERIES} series decided again in ${medianMs.toFixed(2)} ms (median of ${times.length}), slowest ${sorted.at(-1)!.toFixed(2)} ms`,
  )
  console.log(identical ? 'identical, bit for bit, with a full run' : 'NOT identical with a full run')
  console.log('Not measured: reading the stored scores, and drawing the answer.')
  console.log(JSON.stringify({ medianMs: Number(medianMs.toFixed(3)), identical }))
}

interface Stored {
  readonly score: BatchScore
  readonly startMs: number | null
}

function scoresOf(arrivals: ReturnType<typeof simulateHistory>['arrivals']): readonly Stored[] {
  const scorer = createTableScorer()
  return arrivals.map((arrival) => {
    const score = scorer.score(arrival)
    scorer.learn(arrival)
    return { score, startMs: arrival.startMs }
  })
}

/** Stored surprises combined under the floors of a sensitivity, as decisions see them. */
const heardUnder = (sensitivity: Sensitivity, stored: readonly Stored[]): readonly ScoredBatch[] =>
  stored.map(({ score, startMs }) => ({
    ...score,
    ...hearSeries({ ...score, worth: score.expected.worth }, sensitivity),
    worth: score.expected.worth,
    startMs,
    absolute: false,
  }))
