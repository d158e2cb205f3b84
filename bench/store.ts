import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { artifactsNamed, lineageOf } from '../src/tracking/lineage.ts'
import { metricHistory } from '../src/tracking/metrics.ts'
import { isPostgres } from '../src/tracking/postgres.ts'
import { projectNamed } from '../src/tracking/projects.ts'
import { listRuns } from '../src/tracking/runs.ts'
import { openStore, type Store } from '../src/tracking/store.ts'
import { startPostgres } from '../test/postgres.ts'
import { median } from './cpu.ts'

const DEPTH = 20
const METRIC_RUNS = 1000
const ROUNDS = 9

const notMeasured = [
  'several readers and writers at once',
  'a database on another machine, or larger than memory',
]

/**
 * A store with 100,000 runs and 1,000,000 metrics: time on the clock to list the newest 50 runs, to walk a lineage of depth
 * 20, and to read the history of one metric (1,000 steps); medians of nine. `--quick`: a tenth of the rows.
 */
export async function run(args: readonly string[]): Promise<void> {
  const runs = args.includes('--quick') ? 10_000 : 100_000
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const server = await startPostgres()
  try {
    const sqlite = await measure(await openStore(path.join(folder, 'sqlite')), runs)
    const postgres = await measure(await openStore(server.url, path.join(folder, 'postgres')), runs)
    console.log(`${runs} runs, ${runs * 10} metrics; ms on the clock`)
    console.table({ sqlite, postgres })
    console.log(`Not measured: ${notMeasured.join('; ')}.`)
    console.log(JSON.stringify({ sqlite, postgres }))
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(store: Store, runs: number) {
  try {
    const project = await projectNamed(store.db, 'bench', 1)
    await fill(store, project.id, runs)
    const last = await artifactsNamed(store.db, digestOf(runs))
    const metricRun = runs - METRIC_RUNS + 1
    return {
      listMs: await timed(() => listRuns(store.db, { projectId: project.id })),
      lineageMs: await timed(() => lineageOf(store.db, last, { direction: 'back', depth: DEPTH })),
      historyMs: await timed(() => metricHistory(store.db, metricRun, 'loss')),
    }
  } finally {
    await store.close()
  }
}

const digestOf = (run: number): string => String(run).padStart(64, '0')

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = performance.now()
    await work()
    times.push(performance.now() - before)
  }
  return median(times)
}

/** Runs of one execution each, which uses the artifact of the run before: chains of any depth; and the metrics. */
async function fill({ db }: Store, projectId: number, runs: number): Promise<void> {
  const pad = isPostgres(db) ? sql`lpad(i::text, 64, '0')` : sql`printf('%064d', i)`
  const numbers = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(runs)})`
  const statements = [
    sql`insert into context (id, project_id, type, name, created_ms) ${numbers} select i, ${sql.lit(projectId)}, 'run', 'run ' || i, i from n`,
    sql`insert into run (id, project_id, pipeline, state, parameters, graph, created_ms, epoch, beats, cancel_requested) ${numbers} select i, ${sql.lit(projectId)}, 'train', 'COMPLETE', '{}', '{}', i, 1, 0, 0 from n`,
    sql`insert into execution (id, run_id, path, attempt, component, version, code_version, state, host, created_ms, parameters, epoch, beats) ${numbers} select i, i, 'train', 1, 'train', '1', 'v', 'COMPLETE', 'h', i, '{}', 1, 0 from n`,
    sql`insert into artifact (id, project_id, type, name, digest, uri, bytes, metadata, created_ms) ${numbers} select i, ${sql.lit(projectId)}, 'Model', 'model', ${pad}, 'artifact:', 1, '{}', i from n`,
    sql`insert into event (execution_id, artifact_id, type, key, position) ${numbers} select i, i, 'OUTPUT', 'model', 0 from n`,
    sql`insert into event (execution_id, artifact_id, type, key, position) ${numbers} select i, i - 1, 'INPUT', 'model', 0 from n where i > 1`,
    sql`insert into metric (run_id, execution_id, name, step, value, created_ms) ${numbers}, k(j) as (select 0 union all select j + 1 from k where j < ${sql.lit(runs / 100 - 1)}) select ${sql.lit(runs - METRIC_RUNS)} + n.i, ${sql.lit(runs - METRIC_RUNS)} + n.i, 'loss', j, 0.5, j from n cross join k where n.i <= ${sql.lit(METRIC_RUNS)}`,
  ]
  await db.transaction().execute(async (transaction) => {
    for (const statement of statements) await statement.execute(transaction)
  })
  await sql`analyze`.execute(db)
}
