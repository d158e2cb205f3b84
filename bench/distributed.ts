import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openEngine, quoteText } from '../src/engines/duckdb.ts'
import { profileShards } from '../src/pipelines/built-in-pipelines.ts'
import { componentBook } from '../src/pipelines/component-book.ts'
import { builtInComponents } from '../src/pipelines/components/index.ts'
import { fleetExecutor } from '../src/pipelines/fleet-executor.ts'
import { localExecutor } from '../src/pipelines/local-executor.ts'
import { definePipeline } from '../src/pipelines/pipeline.ts'
import { openQueue } from '../src/pipelines/queue.ts'
import { runPipeline } from '../src/pipelines/run-pipeline.ts'
import { listExecutions } from '../src/tracking/executions.ts'
import { folderObjects } from '../src/tracking/objects.ts'
import { openStore } from '../src/tracking/store.ts'
import { startPostgres } from '../test/postgres.ts'
import { measureShardedTraining } from './sharded-training.ts'
import { TRIVIAL_MODULE, trivial } from './trivial-step.ts'

const WORKERS = 4
const KILLS = 8
const main = path.join(import.meta.dirname, '..', 'bin', 'fiable.mjs')

const notMeasured = ['several machines: workers and database share this one']

/**
 * 1,000 steps on four workers, eight of which are killed at random and replaced; and the profile of 30 million rows in shards,
 * on two processes against one, in one run; and forests and autoencoders trained in shards against single ones. `--quick`:
 * 100 steps, two kills, 1 million rows, four tables. `--training`: only the last part.
 */
export async function run(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick')
  if (args.includes('--training')) return console.log(JSON.stringify(await measureShardedTraining(quick)))
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  try {
    const tasks = quick ? 100 : 1000
    const counts = await measureKills(folder, { tasks, kills: quick ? 2 : KILLS })
    const profile = await measureProfile(folder, quick ? 1e6 : 30e6)
    console.log(`${tasks} steps, ${WORKERS} workers, killed ${quick ? 2 : KILLS} times:`, counts)
    console.log(
      'profile in shards, two processes over one, on the clock:',
      profile.profileWallRatio.toFixed(2),
    )
    const training = await measureShardedTraining(quick)
    console.log('forest of four shards less a single one, AUROC:', training.forestAurocDelta)
    console.log('validation loss of 2 and 4 workers over one:', training.autoencoderLossRatio)
    console.log(
      'sequential steps saved: those of one over theirs, to within 3 % of its loss:',
      training.sequentialStepsRatio,
    )
    console.log(`Not measured: ${notMeasured.join('; ')}.`)
    console.log(JSON.stringify({ tasks, ...counts, ...profile, ...training }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Killing {
  readonly tasks: number
  readonly kills: number
}

async function measureKills(folder: string, { tasks, kills }: Killing) {
  const postgres = await startPostgres()
  const shared = path.join(folder, 'shared')
  const store = await openStore(postgres.url, shared)
  const executor = fleetExecutor({ store, queue: await openQueue(postgres.url), leaseMs: 4000 })
  const place = ['--store', postgres.url, '--artifacts', shared, '--components', TRIVIAL_MODULE]
  const start = (): ChildProcess =>
    spawn(process.execPath, [main, 'worker', ...place, '--parallel', '2'], { stdio: 'ignore' })
  const workers = Array.from({ length: WORKERS }, start)
  const killOne = (): void => {
    const at = Math.floor(Math.random() * WORKERS)
    workers[at]!.kill('SIGKILL')
    workers[at] = start()
  }
  let complete = 0
  const every = Math.floor(tasks / (kills + 1))
  try {
    const { runId } = await runPipeline(trivialPipeline(tasks), {
      store,
      executor,
      objects: folderObjects(store.artifacts),
      book: componentBook([trivial]),
      now: Date.now,
      useCache: false,
      onEvent: ({ state }) => {
        if (state === 'COMPLETE' && ++complete % every === 0 && complete / every <= kills) killOne()
      },
    })
    const executions = await listExecutions(store.db, runId)
    const done = executions.filter(({ state }) => state === 'COMPLETE').map(({ path: where }) => where)
    const distinct = new Set(done).size
    return { done: distinct, twice: done.length - distinct, lost: tasks - distinct }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await executor.close()
    await store.close()
    await postgres.stop()
  }
}

const trivialPipeline = (tasks: number) =>
  definePipeline({
    name: 'trivial',
    about: 'Steps that do nothing.',
    parameters: {},
    build(p) {
      const items = Array.from({ length: tasks }, (_, i) => i)
      p.forEach(items, 'integer', (value, q) => q.step(trivial, { value }).outputs)
      return {}
    },
  }).graph

async function measureProfile(folder: string, rows: number) {
  const data = path.join(folder, 'rows.parquet')
  await writeRows(data, rows)
  const one = await profileOn(1, { folder, data })
  const two = await profileOn(2, { folder, data })
  return { profileWallRatio: two.wallMs / one.wallMs, profileIdentical: one.digest === two.digest }
}

async function writeRows(file: string, rows: number): Promise<void> {
  const engine = await openEngine()
  try {
    await engine.run(
      `copy (select i as id, hash(i, 1) % 1000 as quantity, round((hash(i, 2) % 100000) / 97, 2) as price,
       'country ' || hash(i, 3) % 40 as country, timestamp '2024-01-01' + to_seconds((i / 40)::int) as at
       from range(${rows}) t(i)) to ${quoteText(file)} (format parquet, row_group_size 122880)`,
    )
  } finally {
    engine.close()
  }
}

/** The whole pipeline on so many processes, in a store of its own; the clock runs for the shards and their merge. */
async function profileOn(
  processes: number,
  { folder, data }: { readonly folder: string; readonly data: string },
) {
  const store = await openStore(path.join(folder, `store-${processes}`))
  const objects = folderObjects(store.artifacts)
  const executor = localExecutor({ store, objects, modules: [], parallel: processes, now: Date.now })
  const book = componentBook(builtInComponents)
  let started = 0
  const onEvent = ({ path: step, state }: { readonly path: string; readonly state: string }): void => {
    if (step === 'plan-shards' && state === 'COMPLETE') started = performance.now()
  }
  const parameters = { data, shards: 4 }
  try {
    const options = { store, objects, executor, book, now: Date.now, parameters, onEvent }
    const { outputs, error } = await runPipeline(profileShards.graph, options)
    const profile = outputs.profile
    if (profile?.kind !== 'artifacts') throw new Error(error ?? 'no profile was made')
    return { wallMs: performance.now() - started, digest: profile.artifacts[0]!.digest }
  } finally {
    await executor.close()
    await store.close()
  }
}
