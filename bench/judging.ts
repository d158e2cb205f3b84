import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { plainSensitivity } from '../src/calibration/sensitivity.ts'
import { type Engine, openEngine, quoteText } from '../src/engines/duckdb.ts'
import { buildBaseline } from '../src/monitor/baseline.ts'
import { verdictOf } from '../src/monitor/decide.ts'
import { decisionsOf, loadJudged } from '../src/monitor/monitor.ts'
import { open, type Project } from '../src/monitor/project.ts'
import { measure } from '../src/profile/measure.ts'
import { scan } from '../src/profile/scan.ts'
import { viewBatch } from '../src/profile/view.ts'
import { interleaved } from './cpu.ts'
import { flightsFile, flightsTable } from './flights.ts'

const ROUNDS = 15

/**
 * What judging one day of flights costs beside profiling it: measuring it against the history and scoring it, with the history in
 * memory as in a check of many batches; and all that one more batch takes when the history has to be read from the store first.
 *
 * `--quick`: 60 days of history for 180.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { name } = flightsTable()
  const days = args.includes('--quick') ? 60 : 180
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const engine = await openEngine({ threads: 1 })
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder, threads: 1 })
  try {
    process.stderr.write(`checking ${days} days\n`)
    await writeDays(engine, path.join(folder, 'history.parquet'), [1, days])
    await writeDays(engine, path.join(folder, 'day.parquet'), [days + 1, days + 1])
    const dataset = await project.dataset(name, { data: 'history.parquet', by: 'date' })
    await dataset.check()
    const { profile, inMemory, fromStore } = await measureParts(project, {
      engine,
      id: dataset.id,
      day: path.join(folder, 'day.parquet'),
    })
    const [judge, whole] = [inMemory / profile, fromStore / profile]
    console.log(`CPU of one day after ${days}, median of ${ROUNDS}, warm`)
    console.log(`profile                          ${profile.toFixed(1).padStart(7)} ms`)
    console.log(
      `judge, history in memory         ${inMemory.toFixed(1).padStart(7)} ms, ${judge.toFixed(2)} × the profile`,
    )
    console.log(
      `judge, history read from store   ${fromStore.toFixed(1).padStart(7)} ms, ${whole.toFixed(2)} × the profile`,
    )
    console.log('Goal: judging at most 0.3 × the profile.')
    console.log('Not measured: storing the scores and the sample, evidence rows, tables of more columns.')
    console.log(
      JSON.stringify({
        judgeOverProfile: Number(judge.toFixed(3)),
        fromStoreOverProfile: Number(whole.toFixed(3)),
        days,
      }),
    )
  } finally {
    await project.close()
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const writeDays = (engine: Engine, to: string, [first, last]: readonly [number, number]): Promise<void> =>
  engine.run(
    `copy (from read_parquet(${quoteText(flightsFile!)})
      where date::date between date '2001-01-01' + ${first - 1} and date '2001-01-01' + ${last - 1})
    to ${quoteText(to)} (format parquet)`,
  )

interface Place {
  readonly engine: Engine
  /** Of the dataset. */
  readonly id: number
  /** File of the day to judge. */
  readonly day: string
}

async function measureParts({ store }: Project, { engine, id, day }: Place) {
  const tuned = { name: 'flights', sensitivity: plainSensitivity({ alerts: 2, per: 'week' }) }
  const load = async () => {
    const judged = await loadJudged(store, id)
    return { judged, baseline: await buildBaseline({ store, engine, datasetId: id }, judged) }
  }
  const { judged, baseline } = await load()
  const expected = [...baseline.history.columns.values()].map((past) => past.column)
  const scanned = await scan(engine, day, { expected })
  const view = viewBatch({ key: 'day', startMs: null, endMs: null }, scanned.profile, scanned.sample)
  return interleaved(
    {
      profile: () => scan(engine, day, { expected }),
      inMemory: async () =>
        baseline.scorer.score({ metrics: measure(view, baseline.history), startMs: view.startMs }),
      fromStore: async () => {
        const known = await load()
        known.baseline.scorer.score({
          metrics: measure(view, known.baseline.history),
          startMs: view.startMs,
        })
        const decisions = decisionsOf(tuned, known.judged)
        const place = judged.length - 1
        return verdictOf(tuned.name, known.judged, { place, decision: decisions[place]! })
      },
    },
    ROUNDS,
  )
}
