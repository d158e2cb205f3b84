import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { openEngine, quoteText } from '../../src/engines/duckdb.ts'
import { builtInPipelines, profileHistory, profileShards } from '../../src/pipelines/built-in-pipelines.ts'
import { checkGraph } from '../../src/pipelines/check-graph.ts'
import { componentBook } from '../../src/pipelines/component-book.ts'
import { corrupt } from '../../src/pipelines/components/corrupt.ts'
import { builtInComponents } from '../../src/pipelines/components/index.ts'
import { ingest } from '../../src/pipelines/components/ingest.ts'
import { definePipeline } from '../../src/pipelines/pipeline.ts'
import type { Value } from '../../src/pipelines/plan-tasks.ts'
import { readPipeline } from '../../src/pipelines/read-pipeline.ts'
import { runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { decodeProfile } from '../../src/profile/codec.ts'
import { scan } from '../../src/profile/scan.ts'
import { writeOrders } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'
import { localRunner, type Runner } from './runner.ts'

const bytesOf = async ({ objects }: Runner, value: Value | undefined): Promise<Buffer> => {
  assert.equal(value?.kind, 'artifacts')
  return readFileSync(await objects.pathOf(value.artifacts[0]!.digest))
}

test('every pipeline that comes with Fiable passes its own check', () => {
  for (const { graph } of builtInPipelines) checkGraph(graph, componentBook(builtInComponents))
})

test('the pipeline of the guide can run', async () => {
  const guide = readFileSync(path.join(import.meta.dirname, '../../docs/guide/README.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(pipeline:[\s\S]*?)```/.exec(guide) ?? []
  const book = componentBook(builtInComponents)
  checkGraph(await readPipeline(yaml, { book, where: 'the guide' }), book)
})

test('a batch profiled in three shards is profiled as in one, rows and values exact', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(folder, 1)
  const runner = await localRunner(t)
  const data = path.join(folder, 'orders-*.csv')
  const run = (shards: number) =>
    runPipeline(profileShards.graph, { ...runner, parameters: { data, shards } })
  const [three, one] = [await run(3), await run(1)]
  assert.equal(three.state, 'COMPLETE', three.error ?? '')
  assert.deepEqual(three.outputs.rows, { kind: 'parameter', value: 300 })
  const merged = decodeProfile(await bytesOf(runner, three.outputs.profile))
  const whole = decodeProfile(await bytesOf(runner, one.outputs.profile))
  assert.deepEqual(
    merged.columns.map(({ column, rows, nulls, distinct, frequencies, fingerprint }) => [
      column,
      rows,
      nulls,
      distinct,
      frequencies,
      fingerprint,
    ]),
    whole.columns.map(({ column, rows, nulls, distinct, frequencies, fingerprint }) => [
      column,
      rows,
      nulls,
      distinct,
      frequencies,
      fingerprint,
    ]),
  )
})

test('every batch of a source is profiled, and all of them together', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(folder, 4)
  const runner = await localRunner(t)
  const parameters = { data: path.join(folder, 'orders-*.csv'), latest: 3 }
  const { outputs } = await runPipeline(profileHistory.graph, { ...runner, parameters })
  assert.deepEqual(outputs.rows, { kind: 'parameter', value: 900 })
})

test('a spoiled copy keeps types and values but for what was spoiled', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(folder, 1)
  const runner = await localRunner(t)
  const spoil = definePipeline({
    name: 'spoil',
    about: 'Spoils a batch.',
    parameters: {},
    build(p) {
      const { dataset } = p.step(ingest, { data: path.join(folder, 'orders-*.csv') }).outputs
      const spoilt = p.step(corrupt, {
        dataset,
        corruption: 'explicit-nulls',
        columns: ['email'],
        fraction: 0.2,
      })
      return { before: dataset, after: spoilt.outputs.dataset }
    },
  })
  const result = await runPipeline(spoil.graph, runner)
  assert.equal(result.state, 'COMPLETE', result.error ?? '')
  const { before, after } = result.outputs
  const engine = await openEngine()
  t.after(() => engine.close())
  const rowsOf = async (value: Value | undefined) => {
    assert.equal(value?.kind, 'artifacts')
    const file = await runner.objects.pathOf(value.artifacts[0]!.digest)
    const { profile } = await scan(engine, file)
    return {
      types: profile.columns.map(({ column }) => column),
      rest: await engine.query(
        `select * exclude (email) from read_parquet(${quoteText(file)}) order by order_id`,
      ),
      nulls: profile.columns.find(({ column }) => column.name === 'email')!.nulls,
    }
  }
  const [clean, spoilt] = [await rowsOf(before), await rowsOf(after)]
  assert.deepEqual(spoilt.types, clean.types)
  assert.deepEqual(spoilt.rest, clean.rest)
  assert.deepEqual([clean.nulls, spoilt.nulls], [0, 60])
})

test('the command line runs pipelines, tells of runs, and follows lineage', {
  timeout: 120_000,
}, async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 9)
  const fiable = async (...args: string[]) => {
    const ran = await runFiable(args, folder)
    assert.equal(ran.code, 0, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`)
    return ran.stdout
  }
  const lineageFile = path.join(folder, 'events.ndjson')
  const told = JSON.parse(
    await fiable(
      'run',
      'profile-shards',
      '-p',
      'data=data/*.csv',
      '-p',
      'shards=2',
      '--format',
      'json',
      '--open-lineage',
      lineageFile,
    ),
  ) as { run: number; state: string; outputs: { profile: string[] } }
  assert.equal(told.state, 'COMPLETE')
  assert.match(readFileSync(lineageFile, 'utf8'), /"eventType":"COMPLETE"/)
  assert.match(await fiable('runs'), /COMPLETE.*profile-shards/)
  assert.match(await fiable('runs', 'show', String(told.run)), /shards\/1\/profile/)
  assert.match(
    await fiable('lineage', told.outputs.profile[0]!.slice(0, 12)),
    /made of[\s\S]*ingest@1[\s\S]*merge-profiles@1[\s\S]*used by\n {2}nothing/,
  )
  await fiable('check', 'data/*.csv', '--name', 'orders')
  assert.match(await fiable('lineage', 'orders/orders-2024-03-09.csv'), /against {3}8 batches/)
  const drill = await fiable('run', 'drill', '-p', 'dataset=orders', '-p', 'batches=1')
  assert.match(drill, /run \d+ COMPLETE[\s\S]*caught {2}[\d.]+/)
  assert.match(await fiable('models', 'list'), /No models yet/)
})

test('the command line refuses what cannot run, and fails with the run', async (t) => {
  const folder = tempFolder(t)
  const fails = async (message: RegExp, ...args: string[]) => {
    const { code, stderr, stdout } = await runFiable(args, folder)
    assert.equal(code, 2)
    assert.match(stderr + stdout, message)
  }
  await fails(/There is no pipeline nope/, 'run', 'nope')
  await fails(/has no parameter "rows"/, 'run', 'profile-shards', '-p', 'rows=1')
  await fails(/data is missing/, 'run', 'profile-shards')
  await fails(/must be from 1 to 10000 and is 0/, 'run', 'profile-shards', '-p', 'data=x', '-p', 'shards=0')
  await fails(/FAIL[\s\S]*none\.csv/, 'run', 'profile-shards', '-p', 'data=none.csv')
  await fails(/There is no run 99/, 'runs', 'show', '99')
  await fails(/component nope/, 'step', 'nope', '--executor-input', '{}')
})

test('a step is started by the command line exactly as a pod of Kubeflow Pipelines starts it', async (t) => {
  const folder = tempFolder(t)
  await writeOrders(path.join(folder, 'data'), 2)
  const uri = path.join(folder, 'out', 'dataset')
  const input = {
    inputs: { parameterValues: { data: 'data/*.csv' } },
    outputs: {
      artifacts: {
        dataset: { artifacts: [{ name: 'dataset', type: { schemaTitle: 'system.Dataset' }, uri }] },
      },
      outputFile: path.join(folder, 'output.json'),
    },
  }
  const { code, stderr } = await runFiable(
    ['step', 'ingest', '--executor-input', JSON.stringify(input)],
    folder,
  )
  assert.equal(code, 0, stderr)
  const output = JSON.parse(readFileSync(path.join(folder, 'output.json'), 'utf8')) as {
    parameterValues: object
  }
  assert.deepEqual(output.parameterValues, { rows: 300, key: 'orders-2024-03-02.csv' })
})

test('a pipeline in a YAML file runs by its path, with components of a module', async (t) => {
  const folder = tempFolder(t)
  const yaml = `pipeline: mine\nsteps:\n  a: { component: make, with: { value: 4 } }\noutputs: { twice: "$\{a.twice}" }\n`
  writeFileSync(path.join(folder, 'mine.yaml'), yaml)
  const { SAMPLE_COMPONENTS } = (await import('./sample-components.ts')) as { SAMPLE_COMPONENTS: string }
  const { stdout, stderr, code } = await runFiable(
    ['run', 'mine.yaml', '--components', SAMPLE_COMPONENTS, '--format', 'json'],
    folder,
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual((JSON.parse(stdout) as { outputs: object }).outputs, { twice: 8 })
})
