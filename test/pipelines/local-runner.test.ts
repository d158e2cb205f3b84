import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { cancelRun, isOrphaned } from '../../src/pipelines/cancel-run.ts'
import type { Component } from '../../src/pipelines/component.ts'
import { componentBook } from '../../src/pipelines/component-book.ts'
import { integer } from '../../src/pipelines/parameter.ts'
import { compare, definePipeline } from '../../src/pipelines/pipeline.ts'
import { resumeRun, runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { listExecutions } from '../../src/tracking/executions.ts'
import { claimRun, findRun, listRuns, requestCancel } from '../../src/tracking/runs.ts'
import { tempFolder } from '../temp-folder.ts'
import { localRunner } from './runner.ts'
import {
  add,
  count,
  elsewhere,
  garbage,
  killed,
  make,
  misbehave,
  show,
  silent,
  slow,
  sound,
  stumble,
} from './sample-components.ts'
import { thenSlow } from './then-slow.ts'

const fan = definePipeline({
  name: 'fan',
  about: 'Makes numbers and adds them.',
  parameters: { below: integer({ default: 4 }) },
  build(p, { below }) {
    const { numbers } = p.step(count, { below }).outputs
    const each = p.forEach(numbers, 'integer', (value, q) => ({ data: q.step(make, { value }).outputs.data }))
    const { total } = p.step(add, { data: each.outputs.data }).outputs
    p.when(compare(total, '>', 100), (then) => then.step(show, { text: 'large' }, { name: 'large' }))
    p.onExit(show, (status) => ({ status }))
    return { total }
  },
})

const only = <C extends Component>(component: C, inputs: object) =>
  definePipeline({
    name: 'only',
    about: 'One step.',
    parameters: {},
    build(p) {
      p.step(component as Component, inputs as never, { name: 'it' })
      return {}
    },
  }).graph

test('a pipeline runs in children, leaves traces of every step, and keeps what was printed', async (t) => {
  const runner = await localRunner(t)
  const { runId, state, outputs } = await runPipeline(fan.graph, runner)
  assert.equal(state, 'COMPLETE')
  assert.deepEqual(outputs.total, { kind: 'parameter', value: 6 })
  const executions = await listExecutions(runner.store.db, runId)
  assert.deepEqual(executions.map(({ path: where }) => where).sort(), [
    'add',
    'count',
    'each/0/make',
    'each/1/make',
    'each/2/make',
    'each/3/make',
    'show',
  ])
  assert.ok(
    executions.every((execution) => execution.state === 'COMPLETE' && execution.startedMs && execution.host),
  )
  const made = executions.find(({ path: where }) => where === 'each/3/make')!
  assert.deepEqual(made.outputs?.parameters, { twice: 6 })
  assert.equal(readFileSync(await runner.objects.pathOf(made.logDigest!), 'utf8'), 'making 3\n')
  assert.equal((await findRun(runner.store.db, runId)).state, 'COMPLETE')
  assert.equal(runner.events.at(-1)?.done, 7)
  assert.ok(!existsSync(path.join(runner.store.folder, 'runs', String(runId), String(made.id))))
})

test('what was made from the same inputs is not made again, and what changed is', async (t) => {
  const runner = await localRunner(t)
  await runPipeline(fan.graph, { ...runner, parameters: { below: 3 } })
  runner.events.length = 0
  const { outputs } = await runPipeline(fan.graph, { ...runner, parameters: { below: 4 } })
  assert.deepEqual(outputs.total, { kind: 'parameter', value: 6 })
  const ran = runner.events.filter(({ state }) => state === 'COMPLETE').map(({ path: where }) => where)
  assert.deepEqual(ran.sort(), ['add', 'count', 'each/3/make'])
  runner.events.length = 0
  await runPipeline(fan.graph, { ...runner, parameters: { below: 4 }, useCache: false })
  assert.ok(runner.events.every(({ state }) => state !== 'CACHED'))
})

for (const how of ['throw', 'kill', 'exit'] as const)
  test(`a step that fails by ${how} is started again, and its attempts are all told`, async (t) => {
    const runner = await localRunner(t)
    const counter = path.join(tempFolder(t), 'counter')
    const { state, runId } = await runPipeline(only(stumble, { counter, times: 2, how }), runner)
    assert.equal(state, 'COMPLETE')
    const states = (await listExecutions(runner.store.db, runId)).map((execution) => execution.state)
    assert.deepEqual(states, ['FAIL', 'FAIL', 'COMPLETE'])
  })

test('a step that keeps failing fails the run with its own words', async (t) => {
  const runner = await localRunner(t)
  const counter = path.join(tempFolder(t), 'counter')
  const result = await runPipeline(only(stumble, { counter, times: 99, how: 'throw' }), runner)
  assert.equal(result.state, 'FAIL')
  assert.match(result.error ?? '', /it: stumbled 3/)
  assert.equal((await findRun(runner.store.db, result.runId)).error, result.error)
})

test('a step that hangs is killed when its time is over', { timeout: 30_000 }, async (t) => {
  const runner = await localRunner(t)
  const counter = path.join(tempFolder(t), 'counter')
  const result = await runPipeline(only(stumble, { counter, times: 1, how: 'hang' }), runner)
  assert.equal(result.state, 'COMPLETE')
  const [first] = await listExecutions(runner.store.db, result.runId)
  assert.match(first?.error ?? '', /did not end within 1500 ms and was killed/)
})

const broken: readonly (readonly [string, Component, object, RegExp])[] = [
  ['writes garbage as its output', garbage as Component, {}, /is not JSON: "<html>not json"/],
  ['writes no output', silent as Component, {}, /ended without writing its output file/],
  ['exits 137', killed as Component, {}, /ended with exit code 137/],
  ['gives a file that is not its own', elsewhere as Component, {}, /gave \/etc\/hostname as its output data/],
  ['writes no file', misbehave as Component, { how: 'nothing' }, /wrote no file for its output data/],
  ['fills the disk', misbehave as Component, { how: 'full' }, /found the disk full: ENOSPC/],
  [
    'links elsewhere',
    misbehave as Component,
    { how: 'link', target: '/etc/hostname' },
    /outside of its folder/,
  ],
]

for (const [what, component, inputs, message] of broken)
  test(`a step that ${what} fails, and says so`, async (t) => {
    const runner = await localRunner(t)
    const { state, error } = await runPipeline(only(component, inputs), runner)
    assert.equal(state, 'FAIL')
    assert.match(error ?? '', message)
  })

test('a program in any language keeps the contract, and its print is kept', async (t) => {
  const runner = await localRunner(t)
  const { state, runId } = await runPipeline(only(sound as Component, {}), runner)
  assert.equal(state, 'COMPLETE')
  const [execution] = await listExecutions(runner.store.db, runId)
  assert.deepEqual(execution?.outputs?.parameters, { value: 7 })
  assert.equal(readFileSync(await runner.objects.pathOf(execution!.logDigest!), 'utf8'), 'from a program\n')
})

const pair = definePipeline({
  name: 'pair',
  about: 'Two that wait.',
  parameters: { ms: integer() },
  build(p, { ms }) {
    p.step(slow, { ms, tag: 'a' })
    p.step(slow, { ms, tag: 'b' })
    return {}
  },
})

test('steps that do not need each other run at the same time', async (t) => {
  const runner = await localRunner(t)
  const { runId } = await runPipeline(pair.graph, { ...runner, parameters: { ms: 700 } })
  const [a, b] = await listExecutions(runner.store.db, runId)
  assert.ok(a!.startedMs! < b!.endedMs! && b!.startedMs! < a!.endedMs!)
})

test('a run is cancelled by its signal, and from another process through the store', async (t) => {
  const runner = await localRunner(t)
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 600)
  const own = await runPipeline(pair.graph, { ...runner, parameters: { ms: 60_000 }, signal: stop.signal })
  assert.equal(own.state, 'ABORT')
  const onRun = (id: number): void => void pause(600).then(() => requestCancel(runner.store.db, id))
  const other = await runPipeline(pair.graph, { ...runner, parameters: { ms: 60_001 }, onRun })
  assert.equal(other.state, 'ABORT')
  const executions = await listExecutions(runner.store.db, other.runId)
  assert.deepEqual(new Set(executions.map(({ state }) => state)), new Set(['ABORT']))
})

test('one runner drives a run at a time', async (t) => {
  const runner = await localRunner(t)
  const stop = new AbortController()
  let second: Promise<unknown> = Promise.resolve()
  const onRun = (id: number): void => {
    second = assert.rejects(resumeRun(id, runner), { code: 'CONFLICT' }).finally(() => stop.abort())
  }
  await runPipeline(pair.graph, { ...runner, parameters: { ms: 60_000 }, onRun, signal: stop.signal })
  await second
})

test('a runner whose run was taken over stops, and writes nothing more', async (t) => {
  const runner = await localRunner(t)
  let taken = 0
  const onRun = (id: number): void => {
    taken = id
    void pause(500).then(async () => claimRun(runner.store.db, await findRun(runner.store.db, id), 'another'))
  }
  const run = runPipeline(pair.graph, { ...runner, parameters: { ms: 60_000 }, onRun })
  await assert.rejects(run, { code: 'CONFLICT' })
  assert.equal((await findRun(runner.store.db, taken)).owner, 'another')
})

test('a killed runner leaves no process behind, and another goes on from what was complete', {
  timeout: 60_000,
}, async (t) => {
  const folder = path.join(tempFolder(t), 'store')
  const pids = await killMidway(folder)
  await pause(1500)
  assert.deepEqual(pids.filter(isRunning), [])
  const runner = await localRunner(t, { folder })
  const [run] = await listRuns(runner.store.db)
  assert.equal(run?.state, 'RUNNING')
  await runner.store.db.updateTable('run').set({ parameters: '{"ms":10}' }).execute()
  const { state, outputs } = await resumeRun(run!.id, runner)
  assert.equal(state, 'COMPLETE')
  assert.deepEqual(outputs.total, { kind: 'parameter', value: 3 })
  const executions = await listExecutions(runner.store.db, run!.id)
  assert.deepEqual(executions.map(({ path: where, state: how }) => `${where} ${how}`).sort(), [
    'a COMPLETE',
    'b COMPLETE',
    'sum COMPLETE',
    'wait ABORT',
    'wait COMPLETE',
  ])
})

/** Starts a runner, kills it while its slow step runs; returns the children it had. */
async function killMidway(folder: string): Promise<readonly number[]> {
  const script = path.join(import.meta.dirname, 'run-and-die.ts')
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (said.includes('wait RUNNING')) break
  }
  await pause(300)
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
  child.kill('SIGKILL')
  return children.trim().split(' ').filter(Boolean).map(Number)
}

/** A process that ended and that nobody has waited for yet is not running. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ')
}

test('a run whose runner was killed is known to be orphaned, and is cancelled at once', {
  timeout: 60_000,
}, async (t) => {
  const folder = path.join(tempFolder(t), 'store')
  await killMidway(folder)
  const { store } = await localRunner(t, { folder })
  const [run] = await listRuns(store.db)
  await pause(200)
  assert.equal(isOrphaned(run!), true)
  assert.equal(await cancelRun(store, run!.id, 1), 'cancelled')
  assert.equal(await cancelRun(store, run!.id, 1), 'ended')
  assert.equal((await findRun(store.db, run!.id)).state, 'ABORT')
  const states = (await listExecutions(store.db, run!.id)).map(({ state }) => state)
  assert.ok(!states.includes('RUNNING') && !states.includes('START'))
})

test('a failed run is retried from where it failed', async (t) => {
  const runner = await localRunner(t)
  const counter = path.join(tempFolder(t), 'counter')
  const graph = only(stumble, { counter, times: 4, how: 'throw' })
  const first = await runPipeline(graph, runner)
  assert.equal(first.state, 'FAIL')
  assert.equal((await resumeRun(first.runId, runner)).state, 'COMPLETE')
  await assert.rejects(resumeRun(first.runId, runner), { code: 'CONFLICT' })
})

test('an artifact that is missing or was changed is refused', async (t) => {
  const runner = await localRunner(t)
  const stop = new AbortController()
  const spoilt = runPipeline(thenSlow.graph, {
    ...runner,
    parameters: { ms: 60_000 },
    signal: stop.signal,
    onEvent: ({ path: where, state }) => void (where === 'wait' && state === 'RUNNING' && stop.abort()),
  })
  const { runId } = await spoilt
  const made = (await listExecutions(runner.store.db, runId)).find(({ path: where }) => where === 'a')!
  writeFileSync(runner.store.artifacts.pathOf(made.outputs!.artifacts.data!.digest), '999')
  await runner.store.db.updateTable('run').set({ parameters: '{"ms":1}' }).execute()
  const { state, error } = await resumeRun(runId, runner)
  assert.equal(state, 'FAIL')
  assert.match(error ?? '', /cannot be used: its content has the digest/)
})

test('a component version that disappeared is named when the run is taken up again', async (t) => {
  const runner = await localRunner(t)
  const counter = path.join(tempFolder(t), 'counter')
  const { runId } = await runPipeline(only(stumble, { counter, times: 99, how: 'throw' }), runner)
  const newer = componentBook([{ ...(stumble as Component), version: '2' }])
  await assert.rejects(
    resumeRun(runId, { ...runner, book: newer }),
    /it is stumble@1, which is not known here/,
  )
})

test('parameters out of range are refused before a run is stored', async (t) => {
  const runner = await localRunner(t)
  const run = runPipeline(fan.graph, { ...runner, parameters: { below: 'many' } })
  await assert.rejects(run, /below must be of type integer and is "many"/)
  assert.deepEqual(await listRuns(runner.store.db), [])
})

test('a clock that jumps back changes nothing but the times written', async (t) => {
  let hours = 100
  const runner = await localRunner(t, { now: () => Date.now() - 3_600_000 * (hours -= 7) })
  assert.equal((await runPipeline(fan.graph, runner)).state, 'COMPLETE')
})
