import { rowDetectors } from '../detectors/rows/index.ts'
import { CHAMPION } from '../tracking/registry.ts'
import { averageParameters } from './components/average-parameters.ts'
import { bundle } from './components/bundle.ts'
import { calibrate } from './components/calibrate.ts'
import { deploy } from './components/deploy.ts'
import { finishNetwork } from './components/finish-network.ts'
import { fitMember } from './components/fit-member.ts'
import { fitTransformer } from './components/fit-transformer.ts'
import { initNetwork } from './components/init-network.ts'
import { mergeForests } from './components/merge-forests.ts'
import { prepare } from './components/prepare.ts'
import { registerRowModel } from './components/register-row-model.ts'
import { testRows } from './components/test-rows.ts'
import { trainForest } from './components/train-forest.ts'
import { trainRound } from './components/train-round.ts'
import { integer, string, struct } from './parameter.ts'
import { type Builder, compare, definePipeline, type Pipeline, type Ref } from './pipeline.ts'

/** What a training pipeline is made of. */
export interface TrainingShape {
  readonly name: string
  readonly about: string
  /** Members of the row model; all by default. */
  readonly members?: readonly string[]
  /** Shards that forest and autoencoder are trained on, each a step of its own, from 1. */
  readonly shards: number
  /** Rounds of the autoencoder: after each, its shards are averaged, and a killed run goes on from there. */
  readonly rounds: number
}

const parameters = {
  store: string({
    default: '.fiable',
    about: 'Folder of the store, or the postgresql:// URL of a shared one.',
  }),
  artifacts: string({ default: '', about: 'With a URL, the folder of its artifacts.' }),
  dataset: string({ min: 1, about: 'Name of a checked dataset.' }),
  upTo: integer({ default: 0, min: 0, about: 'Place of the newest batch looked at; all when 0.' }),
  seed: string({ default: '1' }),
  settings: struct({ default: {}, about: 'Settings by member, such as {"autoencoder":{"steps":2000}}.' }),
  model: string({ default: '', about: 'Name of the model; DATASET-rows when empty.' }),
  description: string({ default: '' }),
  owner: string({ default: '' }),
  labels: struct({ default: {} }),
}

/** What every step that trains is connected to. */
interface Trained {
  readonly transformer: Ref<'Transformer'>
  readonly dataset: Ref<'Dataset'>
  readonly heldOut: Ref<'Dataset'>
  readonly settings: Ref<'struct'>
  readonly seed: Ref<'string'>
}

/**
 * The standard training: prepare, train, test under random corruption, register as challenger, and put into service when it
 * is better than the champion.
 */
export const trainingPipeline = ({ name, about, ...shape }: TrainingShape) =>
  definePipeline({
    name,
    about,
    parameters,
    build(p, given) {
      const { store, artifacts, dataset, upTo, seed, settings, description, owner, labels } = given
      const place = { store, artifacts }
      const rows = p.step(prepare, { ...place, dataset, upTo, seed, model: given.model }).outputs
      const { learnt, heldOut, test, model: name } = rows
      const { transformer } = p.step(fitTransformer, { dataset: learnt }).outputs
      const trained = { transformer, dataset: learnt, heldOut, settings, seed }
      const members = membersOf(p, trained, shape)
      const { calibration } = p.step(calibrate, { transformer, heldOut, members }).outputs
      const whole = { ...{ transformer, dataset: learnt, heldOut, members, calibration } }
      const bundled = p.step(bundle, { ...whole, name, description, owner, labels }).outputs
      const { model, kept, example } = bundled
      const tested = p.step(testRows, { ...place, model, test, name, seed }).outputs
      const { metrics, report, isBetter } = tested
      const files = { model, kept, example, metrics, report }
      const { lastSlot } = rows
      const { version } = p.step(registerRowModel, { ...place, ...files, dataset, lastSlot }).outputs
      p.when(compare(isBetter, '==', true), (better) =>
        better.step(deploy, { ...place, name, version, alias: CHAMPION }, { name: 'promote' }),
      )
      return { version, model, metrics, isBetter }
    },
  })

function membersOf(
  p: Builder,
  trained: Trained,
  { members, shards, rounds }: Omit<TrainingShape, 'name' | 'about'>,
): readonly Ref<'Model'>[] {
  const wanted = rowDetectors.filter(({ name }) => !members || members.includes(name))
  return wanted.map(({ name }) => {
    if (name === 'isolation-forest') return forestOf(p, trained, shards)
    if (name === 'autoencoder') return autoencoderOf(p, trained, { shards, rounds })
    return p.step(fitMember, { ...trained, member: name }, { name: `fit-${name}` }).outputs.model
  })
}

const shardNumbers = (shards: number): readonly number[] =>
  Array.from({ length: shards }, (_, shard) => shard)

function forestOf(p: Builder, trained: Trained, shards: number): Ref<'Model'> {
  if (shards === 1) return p.step(trainForest, trained).outputs.model
  const each = p.forEach(
    shardNumbers(shards),
    'integer',
    (shard, one) => ({ model: one.step(trainForest, { ...trained, shard, shards }).outputs.model }),
    { name: 'forests' },
  )
  return p.step(mergeForests, { models: each.outputs.model }).outputs.model
}

/** Rounds unrolled: each goes on from where the one before ended. */
function autoencoderOf(
  p: Builder,
  { settings, seed, ...trained }: Trained,
  { shards, rounds }: Pick<TrainingShape, 'shards' | 'rounds'>,
): Ref<'Model'> {
  const { transformer, heldOut } = trained
  let training = p.step(initNetwork, { transformer, settings, seed }).outputs.training
  for (let round = 1; round <= rounds; round++) {
    const before = training
    const at = { ...trained, training: before, round, rounds }
    if (shards === 1) training = p.step(trainRound, at, { name: `train-round-${round}` }).outputs.training
    else {
      const each = p.forEach(
        shardNumbers(shards),
        'integer',
        (shard, one) => ({
          training: one.step(trainRound, { ...at, shard, shards }, { name: `train-round-${round}` }).outputs
            .training,
        }),
        { name: `round-${round}` },
      )
      const trainings = each.outputs.training
      training = p.step(
        averageParameters,
        { transformer, heldOut, before, trainings },
        { name: `average-${round}` },
      ).outputs.training
    }
  }
  return p.step(finishNetwork, { transformer, heldOut, training }).outputs.model
}

/** The standard training on one machine. */
export const trainPipeline: Pipeline = trainingPipeline({
  name: 'train',
  about:
    'Trains a row model on the normal batches of a dataset, tests it under random corruption, and registers it.',
  shards: 1,
  rounds: 4,
})

/** The same, with forest and autoencoder in three shards. */
export const trainShardsPipeline: Pipeline = trainingPipeline({
  name: 'train-shards',
  about:
    'The same as train, with forest and autoencoder trained in three shards, as for the workers of a fleet.',
  shards: 3,
  rounds: 20,
})
