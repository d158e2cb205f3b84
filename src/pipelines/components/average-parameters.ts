import { copyFile } from 'node:fs/promises'
import { rowVectors } from '../../detectors/rows/row-vectors.ts'
import { averageTraining } from '../../detectors/rows/train-network.ts'
import { encodeRows, encodingOf } from '../../detectors/rows/transformer.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { artifact, artifacts } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { readTransformer } from './fit-transformer.ts'
import { type NetworkTraining, networkOf, writeTraining } from './network-training.ts'
import { trainingInputs } from './reference-of.ts'
import { readRows, readState } from './row-files.ts'
import { withEngine } from './with-engine.ts'

/** The training after a round, made one of what its shards made of it. */
export const averageParameters = defineComponent({
  name: 'average-parameters',
  version: '1',
  about: 'Averages the parameters that the shards of a round of training ended with, and takes their loss.',
  inputs: {
    transformer: trainingInputs.transformer,
    heldOut: trainingInputs.heldOut,
    before: artifact('Model', 'Where the round before ended.'),
    trainings: artifacts('Model', 'Where each shard ended.'),
  },
  outputs: { training: artifact('Model') },
  async run({ inputs, outputs, folder }) {
    const before = await readState<NetworkTraining>(inputs.before)
    const after = await Promise.all(inputs.trainings.map((file) => readState<NetworkTraining>(file)))
    const shards = after.map(({ checkpoint }) => checkpoint)
    if (shards.every(({ runs }) => runs === before.checkpoint.runs)) {
      await copyFile(inputs.before.path, outputs.training.path)
      Object.assign(outputs.training.metadata, inputs.before.metadata)
      return {}
    }
    const transformer = await readTransformer(inputs.transformer)
    const network = networkOf(encodingOf(transformer), before)
    const checks = await withEngine(folder, (engine) => readRows(engine, inputs.heldOut, { folder }))
    const heldOut = rowVectors(network.layout, encodeRows(transformer, checks))
    const checkpoint = await averageTraining(
      { network, heldOut },
      { before: before.checkpoint, shards },
      openOnnx,
    )
    await writeTraining(outputs.training, { ...before, checkpoint })
    return {}
  },
})
