import { existsSync } from 'node:fs'
import { observedRate } from '../src/calibration/observed-rate.ts'
import { replayDecisions, type ScoredBatch } from '../src/calibration/replay-decisions.ts'
import { plainSensitivity } from '../src/calibration/sensitivity.ts'
import { corruptions } from '../src/corruption/index.ts'
import { spoil } from '../src/corruption/spoil.ts'
import { FiableError } from '../src/data/errors.ts'
import type { RowSample } from '../src/data/profile.ts'
import { createTableScorer } from '../src/detectors/table-scorer.ts'
import { openEngine } from '../src/engines/duckdb.ts'
import { rehearse, type Stand } from '../src/monitor/rehearsal.ts'
import { simulateHistory } from '../test/calibration/simulated-history.ts'
import { flightsTable } from './flights.ts'
import { retailFile, retailTable } from './retail.ts'
import type { TwinTable } from './twins/job.ts'

const BUDGETS = [0.5, 1, 2, 4] as const
/** Weeks that the budget is given to settle. */
const LEARNING_WEEKS = 8
const WEEK_MS = 7 * 86_400_000
const SIMULATED = 24
/** Benign changes are made to every so many-th batch, from this place on. */
const BENIGN = { every: 10, from: 60 } as const

const benign = corruptions.filter(({ dimension }) => dimension === null)

interface History {
  readonly name: string
  readonly scores: readonly ScoredBatch[]
  /** Per benign change: twins that alerted at 2 a week, all of them, and clean batches at the same places that did. */
  readonly benign: ReadonlyMap<string, Benign>
}

interface Benign {
  alerts: number
  of: number
  clean: number
}

/**
 * Whether alert budgets hold: alerts observed over alerts asked from the ninth week on, on two real tables and on
 * simulated ones (seasons, shared factors, heavy tails, level shifts, holidays); how many weeks of strict mode keep to it;
 * and whether benign changes alert more than clean batches.
 *
 * `--quick` takes the simulated tables and the flights only.
 */
export async function run(args: readonly string[]): Promise<void> {
  const histories = [
    ...(args.includes('--quick') || !existsSync(retailFile) ? [] : [await realHistory(retailTable)]),
    await realHistory(flightsTable()),
    ...Array.from({ length: SIMULATED }, (_, i) => simulated(i + 1)),
  ]
  const ratios = histories.flatMap(({ name, scores }) =>
    BUDGETS.map((alerts) => ({ name, alerts, ratio: ratioOf(scores, alerts) })),
  )
  const strict = histories.flatMap(({ scores }) => BUDGETS.map((alerts) => strictShareOf(scores, alerts)))
  print(ratios)
  const worst = ratios.reduce((far, each) => (distance(each.ratio) > distance(far.ratio) ? each : far))
  const strictShare = strict.reduce((sum, share) => sum + share, 0) / strict.length
  const counted = histories.flatMap((history) => [...history.benign])
  const rateOf = (
    of: (each: Benign) => number,
    among: readonly (readonly [string, Benign])[] = counted,
  ): number =>
    among.reduce((sum, [, each]) => sum + of(each), 0) / among.reduce((sum, [, each]) => sum + each.of, 0)
  const benignRate = rateOf(({ alerts }) => alerts)
  const cleanRate = rateOf(({ clean }) => clean)
  console.log(
    `worst: ${worst.name} at ${worst.alerts} a week, ${worst.ratio.toFixed(2)} times as many as asked`,
  )
  console.log(`strict: ${(strictShare * 100).toFixed(1)} % of the weeks keep to the budget`)
  console.log(
    `benign changes alert in ${(benignRate * 100).toFixed(1)} %, the clean batches at their places in ${(cleanRate * 100).toFixed(1)} %, at 2 a week`,
  )
  for (const [name, among] of Map.groupBy(counted, ([change]) => change))
    console.log(
      `  ${name.padEnd(16)} ${(100 * rateOf(({ alerts }) => alerts, among)).toFixed(1)} % against ${(100 * rateOf(({ clean }) => clean, among)).toFixed(1)} %`,
    )
  console.log('Not measured: hourly and irregular arrivals, feedback, several tables that share a budget.')
  console.log(
    JSON.stringify({
      ratios: ratios.map(({ ratio }) => Number(ratio.toFixed(3))),
      worstRatio: Number(worst.ratio.toFixed(3)),
      strictShare: Number(strictShare.toFixed(4)),
      benignOverClean: Number((benignRate / Math.max(cleanRate, 1e-9)).toFixed(3)),
      benignRate,
      cleanRate,
    }),
  )
}

const distance = (ratio: number): number => Math.abs(Math.log(Math.max(ratio, 1e-3)))

async function realHistory(table: TwinTable): Promise<History> {
  const engine = await openEngine({ threads: 1 })
  const scores: ScoredBatch[] = []
  const counts = new Map<string, Benign>()
  try {
    for await (const stand of rehearse(table.batches(engine), { alerts: 2, per: 'week' })) {
      scores.push(scoredOf(stand))
      const place = scores.length - 1
      if (place % 20 === 0) process.stderr.write(`${table.name}: batch ${place} of ${table.days}\n`)
      if (place >= BENIGN.from && place % BENIGN.every === 0) await tryBenign(stand, counts)
    }
  } finally {
    engine.close()
  }
  return { name: table.name, scores, benign: counts }
}

const scoredOf = ({ batch: { listing }, clean: { score, absolute } }: Stand): ScoredBatch => ({
  ...score,
  worth: score.expected.worth,
  startMs: listing.startMs,
  absolute: absolute.length > 0,
})

async function tryBenign(stand: Stand, counts: Map<string, Benign>): Promise<void> {
  const { sample, listing } = stand.batch
  for (const corruption of benign) {
    const count = counts.get(corruption.name) ?? { alerts: 0, of: 0, clean: 0 }
    counts.set(corruption.name, count)
    for (const columns of choicesFor(corruption, sample))
      try {
        const { table } = spoil(
          sample,
          { corruption, columns, fraction: 1, seed: listing.key },
          stand.previous,
        )
        count.of += 1
        count.alerts += Number((await stand.judge({ ...table, of: table.rows })).isAlert)
        count.clean += Number(stand.clean.isAlert)
      } catch (thrown) {
        if (!(thrown instanceof FiableError)) throw thrown
      }
  }
}

/** None, or each column that the change accepts; changes of two columns are left out. */
const choicesFor = (
  { takes, accepts }: (typeof benign)[number],
  sample: RowSample,
): readonly (readonly string[])[] =>
  takes === 0
    ? [[]]
    : sample.columns.filter((column) => accepts([column], sample)).map(({ column }) => [column.name])

function simulated(seed: number): History {
  const scorer = createTableScorer()
  const scores = simulateHistory(seed).arrivals.map((arrival) => {
    const score = scorer.score(arrival)
    scorer.learn(arrival)
    return { ...score, worth: score.expected.worth, startMs: arrival.startMs, absolute: false }
  })
  return { name: `simulated ${seed}`, scores, benign: new Map() }
}

function ratioOf(scores: readonly ScoredBatch[], alerts: number): number {
  const decisions = replayDecisions(scores, { alerts, per: 'week' })
  const start = scores[0]!.startMs! + LEARNING_WEEKS * WEEK_MS
  const settled = scores.findIndex(({ startMs }) => startMs! >= start)
  return observedRate(scores.slice(settled), decisions.slice(settled), 1000)!.perWeek / alerts
}

/** Share of the weeks with no more pages than asked; of fortnights, where less than one a week is asked. */
function strictShareOf(scores: readonly ScoredBatch[], alerts: number): number {
  const decisions = replayDecisions(scores, {
    ...plainSensitivity({ alerts, per: 'week' }),
    strict: true,
  })
  const weeks = Map.groupBy(
    scores.map(({ startMs }, i) => ({
      startMs: startMs!,
      alert: decisions[i]!.alert && !scores[i]!.absolute,
    })),
    ({ startMs }) => Math.floor((startMs / 86_400_000 + 3) / 7),
  )
  const kept = [...weeks.values()].filter(
    (week) => week.filter(({ alert }) => alert).length <= Math.max(1, alerts),
  )
  return kept.length / weeks.size
}

function print(ratios: readonly { name: string; alerts: number; ratio: number }[]): void {
  console.log('alerts observed over asked, from the ninth week on')
  console.log(`${''.padEnd(16)}${BUDGETS.map((alerts) => `${alerts} a week`.padStart(12)).join('')}`)
  for (const [name, row] of Map.groupBy(ratios, (each) => each.name))
    console.log(`${name.padEnd(16)}${row.map(({ ratio }) => ratio.toFixed(2).padStart(12)).join('')}`)
}
