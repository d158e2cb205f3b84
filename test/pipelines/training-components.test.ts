import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import type { Forest } from '../../src/detectors/rows/isolation-forest.ts'
import { openEngine, quoteText } from '../../src/engines/duckdb.ts'
import type { Component } from '../../src/pipelines/component.ts'
import { averageParameters } from '../../src/pipelines/components/average-parameters.ts'
import { fitMember } from '../../src/pipelines/components/fit-member.ts'
import { fitTransformer } from '../../src/pipelines/components/fit-transformer.ts'
import { initNetwork } from '../../src/pipelines/components/init-network.ts'
import { mergeForests } from '../../src/pipelines/components/merge-forests.ts'
import type { NetworkTraining } from '../../src/pipelines/components/network-training.ts'
import { type MemberFile, readState } from '../../src/pipelines/components/row-files.ts'
import { trainForest } from '../../src/pipelines/components/train-forest.ts'
import { trainRound } from '../../src/pipelines/components/train-round.ts'
import type { ExecutorInput } from '../../src/pipelines/executor.ts'
import { runStep } from '../../src/pipelines/run-step.ts'
import { tempFolder } from '../temp-folder.ts'

const folder = tempFolder()
const rows = path.join(folder, 'rows.parquet')
const heldOut = path.join(folder, 'held-out.parquet')
let transformer: string

/** Plain Parquet files, as any pipeline may have them; the second column follows the first. */
before(async () => {
  const engine = await openEngine({ threads: 1 })
  for (const [file, count, seed] of [
    [rows, 5000, 1],
    [heldOut, 400, 2],
  ] as const)
    await engine.run(
      `copy (select x, 2 * x + (hash(i, ${seed}, 2) % 100) / 100 as y, 'kind ' || hash(i, ${seed}, 3) % 4 as kind
       from (select i, (hash(i, ${seed}) % 1000) / 10 as x from range(${count}) t(i))) to ${quoteText(file)} (format parquet)`,
    )
  engine.close()
  transformer = (await stepOf(fitTransformer, { dataset: rows })).transformer!
})

let steps = 0

/** Runs a component by the step contract; returns the paths of its files by name. */
async function stepOf(
  component: Component,
  files: Readonly<Record<string, string | readonly string[]>>,
  parameterValues: ExecutorInput['inputs']['parameterValues'] = {},
): Promise<Readonly<Record<string, string>>> {
  const own = path.join(folder, `step-${++steps}`)
  const artifact = (name: string, uri: string) => ({
    artifacts: [{ name, type: { schemaTitle: 'system.Artifact' }, uri, metadata: {} }],
  })
  const outputs = Object.entries(component.outputs).flatMap(([name, port]) =>
    port.kind === 'artifact' ? [[name, path.join(own, name)] as const] : [],
  )
  await runStep(component as Component, {
    inputs: {
      parameterValues,
      artifacts: Object.fromEntries(
        Object.entries(files).map(([name, uris]) => [
          name,
          { artifacts: [uris].flat().flatMap((uri) => artifact(name, uri).artifacts) },
        ]),
      ),
    },
    outputs: {
      parameters: {},
      artifacts: Object.fromEntries(outputs.map(([name, uri]) => [name, artifact(name, uri)])),
      outputFile: path.join(own, 'output.json'),
    },
  })
  return Object.fromEntries(outputs)
}

const stateOf = <T>(file: string): Promise<T> =>
  readState({ name: 'state', path: file, uri: file, metadata: {} })
const settings = { 'isolation-forest': { trees: 9, subsample: 64 }, autoencoder: { width: 8, steps: 400 } }
const given = () => ({ transformer, dataset: rows, heldOut })

test('shards of a plain Parquet file share the trees of a forest, and merge to all of them', async () => {
  const shards = [0, 1].map((shard) => stepOf(trainForest, given(), { settings, shard, shards: 2 }))
  const models = (await Promise.all(shards)).map(({ model }) => model!)
  const forests = await Promise.all(models.map((file) => stateOf<MemberFile>(file)))
  assert.deepEqual(
    forests.map(({ state }) => (state as Forest).roots.length - 1),
    [4, 5],
  )
  assert.notDeepEqual(forests[0]!.state, forests[1]!.state)
  const { model } = await stepOf(mergeForests, { models })
  const merged = await stateOf<MemberFile>(model!)
  assert.equal((merged.state as Forest).roots.length - 1, 9)
  assert.deepEqual(merged.settings, forests[0]!.settings)
})

test('rounds on two shards lower the loss, and one that is trained is passed on as it is', async () => {
  const { training: first } = await stepOf(initNetwork, { transformer }, { settings })
  let before = first!
  for (const round of [1, 2]) {
    const ends = [0, 1].map((shard) =>
      stepOf(trainRound, { ...given(), training: before }, { shard, shards: 2, round, rounds: 2 }),
    )
    const trainings = (await Promise.all(ends)).map(({ training }) => training!)
    before = (await stepOf(averageParameters, { transformer, heldOut, before, trainings })).training!
  }
  const { checkpoint } = await stateOf<NetworkTraining>(before)
  assert.equal(checkpoint.runs, 2)
  assert.ok(checkpoint.curve[1]![1] < checkpoint.curve[0]![1], `${checkpoint.curve}`)
  const over = await stepOf(trainRound, { ...given(), training: before }, { round: 2, rounds: 2 })
  assert.deepEqual(await stateOf(over.training!), await stateOf(before))
})

test('files of other steps, shards that are none and settings out of range are refused', async () => {
  const garbage = path.join(folder, 'garbage')
  writeFileSync(garbage, 'no state at all')
  await assert.rejects(stepOf(trainRound, { ...given(), training: garbage }), {
    code: 'MALFORMED_FILE',
    message: /given as training is not of a training step/,
  })
  await assert.rejects(stepOf(trainForest, given(), { shard: 2, shards: 2 }), /There is no shard 2 of 2/)
  await assert.rejects(stepOf(trainForest, given(), { settings: { 'isolation-forest': { trees: 0 } } }), {
    code: 'BAD_ARGUMENT',
  })
  const { model } = await stepOf(fitMember, given(), { member: 'frequency-surprise' })
  await assert.rejects(stepOf(mergeForests, { models: [model!] }), /was given a frequency-surprise/)
  await assert.rejects(stepOf(fitMember, given(), { member: 'oracle' }), { code: 'BAD_ARGUMENT' })
})
