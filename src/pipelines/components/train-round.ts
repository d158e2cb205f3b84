import { copyFile } from 'node:fs/promises'
import { isTrained, runsOf, trainNetwork } from '../../detectors/rows/train-network.ts'
import { FEWEST_NETWORK_ROWS } from '../../detectors/rows/worthwhile-shards.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer } from '../parameter.ts'
import { type NetworkTraining, workshopOf, writeTraining } from './network-training.ts'
import { referenceOf, shardInputs, trainingInputs } from './reference-of.ts'
import { readState } from './row-files.ts'

const { transformer, dataset, heldOut } = trainingInputs

/** One of several rounds of training an autoencoder on one shard of the rows, from where the round before ended. */
export const trainRound = defineComponent({
  name: 'train-round',
  version: '1',
  about: 'Trains an autoencoder for one of several rounds on one shard of the rows.',
  inputs: {
    ...{ transformer, dataset, heldOut },
    training: artifact('Model', 'Where the round before ended.'),
    ...shardInputs,
    round: integer({ default: 1, min: 1, about: 'Which one, from 1.' }),
    rounds: integer({ default: 1, min: 1, max: 5000, about: 'Rounds of the whole training.' }),
  },
  outputs: { training: artifact('Model') },
  async run({ inputs, outputs, folder, signal }) {
    const { round, rounds, shard, shards } = inputs
    const training = await readState<NetworkTraining>(inputs.training)
    const { settings, seed, checkpoint } = training
    const { steps, learningRate: rate } = settings
    const untilRun = Math.ceil((runsOf(steps) * round) / rounds)
    if (isTrained(checkpoint, steps) || checkpoint.runs >= untilRun) {
      await copyFile(inputs.training.path, outputs.training.path)
      Object.assign(outputs.training.metadata, inputs.training.metadata)
      return {}
    }
    const reference = await referenceOf(inputs, { folder, fewest: FEWEST_NETWORK_ROWS })
    const { network, vectors } = workshopOf(reference, training)
    const own = shards === 1 ? seed : `${seed} shard ${shard} of ${shards}`
    const tools = { openSession: openOnnx, signal, resume: checkpoint, untilRun }
    const next = await trainNetwork(network, vectors, { ...tools, steps, rate, seed: own })
    await writeTraining(outputs.training, { ...training, checkpoint: next })
    return {}
  },
})
