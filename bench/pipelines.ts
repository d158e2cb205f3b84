import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { componentBook } from '../src/pipelines/component-book.ts'
import type { DriveOptions } from '../src/pipelines/drive-run.ts'
import { fleetExecutor } from '../src/pipelines/fleet-executor.ts'
import { localExecutor } from '../src/pipelines/local-executor.ts'
import { definePipeline } from '../src/pipelines/pipeline.ts'
import { openQueue } from '../src/pipelines/queue.ts'
import { runPipeline } from '../src/pipelines/run-pipeline.ts'
import { folderObjects } from '../src/tracking/objects.ts'
import { openStore } from '../src/tracking/store.ts'
import { startPostgres } from '../test/postgres.ts'
import { childrenOf, cpuOf } from './process-cpu.ts'
import { TRIVIAL_MODULE, trivial } from './trivial-step.ts'

const notMeasured = [
  'steps with files: their digests cost what reading them costs',
  'a store on another machine: every step waits for it three times',
]

/**
 * What a step costs beyond what it does: 1,000 steps that do nothing, in reused children of one process, and on a worker of a
 * fleet. CPU is that of the runner and its children; `--quick` runs 100.
 */
export async function run(args: readonly string[]): Promise<void> {
  const steps = args.includes('--quick') ? 100 : 1000
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  try {
    const local = await measureLocal(folder, steps)
    const fleet = await measureFleet(folder, steps)
    console.log(`${steps} steps that do nothing`)
    console.log(
      `  local   ${local.cpuMs.toFixed(2)} ms CPU, ${local.wallMs.toFixed(2)} ms on the clock, each`,
    )
    console.log(
      `  fleet   ${fleet.wallMs.toFixed(2)} ms on the clock, each, one worker with two steps at once`,
    )
    console.log(`Not measured: ${notMeasured.join('; ')}.`)
    console.log(JSON.stringify({ localStepCpuMs: local.cpuMs, fleetStepMs: fleet.wallMs }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const pipelineOf = (steps: number) =>
  definePipeline({
    name: 'trivial',
    about: 'Steps that do nothing.',
    parameters: {},
    build(p) {
      const items = Array.from({ length: steps }, (_, i) => i)
      p.forEach(items, 'integer', (value, q) => q.step(trivial, { value }).outputs)
      return {}
    },
  }).graph

async function measureLocal(folder: string, steps: number) {
  const store = await openStore(path.join(folder, 'local'))
  const objects = folderObjects(store.artifacts)
  const executor = localExecutor({ store, objects, modules: [TRIVIAL_MODULE], parallel: 2, now: Date.now })
  const options: DriveOptions = { store, objects, executor, book: componentBook([trivial]), now: Date.now }
  await runPipeline(pipelineOf(10), { ...options, useCache: false })
  const [before, started] = [cpuWithChildren(), performance.now()]
  await runPipeline(pipelineOf(steps), { ...options, useCache: false })
  const wallMs = (performance.now() - started) / steps
  const cpuMs = (cpuWithChildren() - before) / steps
  await executor.close()
  await store.close()
  return { cpuMs, wallMs }
}

/** CPU of this process and its living children, in ms, as Linux counts it. */
function cpuWithChildren(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + childrenOf(process.pid).reduce((sum, pid) => sum + cpuOf(pid), 0)
}

async function measureFleet(folder: string, steps: number) {
  const postgres = await startPostgres()
  const shared = path.join(folder, 'shared')
  const store = await openStore(postgres.url, shared)
  const executor = fleetExecutor({ store, queue: await openQueue(postgres.url) })
  const main = path.join(import.meta.dirname, '..', 'bin', 'fiable.mjs')
  const place = ['--store', postgres.url, '--artifacts', shared, '--components', TRIVIAL_MODULE]
  const worker = spawn(process.execPath, [main, 'worker', ...place, '--parallel', '2'], { stdio: 'ignore' })
  try {
    const book = componentBook([trivial])
    const options = {
      store,
      objects: folderObjects(store.artifacts),
      executor,
      book,
      now: Date.now,
      useCache: false,
    }
    await runPipeline(pipelineOf(10), options)
    const started = performance.now()
    await runPipeline(pipelineOf(steps), options)
    return { wallMs: (performance.now() - started) / steps }
  } finally {
    worker.kill('SIGKILL')
    await executor.close()
    await store.close()
    await postgres.stop()
  }
}
