import { autoencoder, finishAutoencoder } from '../../detectors/rows/autoencoder.ts'
import { rowVectors } from '../../detectors/rows/row-vectors.ts'
import { encodeRows, encodingOf } from '../../detectors/rows/transformer.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { double } from '../parameter.ts'
import { readTransformer } from './fit-transformer.ts'
import { type NetworkTraining, networkOf } from './network-training.ts'
import { trainingInputs } from './reference-of.ts'
import { readRows, readState, writeMember } from './row-files.ts'
import { withEngine } from './with-engine.ts'

/** A trained autoencoder as a member of a row model. */
export const finishNetwork = defineComponent({
  name: 'finish-network',
  version: '1',
  about: 'Takes the best parameters of a training, and how far off they usually are on rows held out.',
  inputs: {
    transformer: trainingInputs.transformer,
    heldOut: trainingInputs.heldOut,
    training: artifact('Model', 'Where the last round ended.'),
  },
  outputs: { model: artifact('Model'), loss: double() },
  async run({ inputs, outputs, folder }) {
    const training = await readState<NetworkTraining>(inputs.training)
    const { settings, checkpoint } = training
    const transformer = await readTransformer(inputs.transformer)
    const network = networkOf(encodingOf(transformer), training)
    const checks = await withEngine(folder, (engine) => readRows(engine, inputs.heldOut, { folder }))
    const heldOut = rowVectors(network.layout, encodeRows(transformer, checks))
    const state = finishAutoencoder(network, checkpoint, heldOut)
    await writeMember(outputs.model, { name: autoencoder.name, settings, state })
    Object.assign(outputs.model.metadata, { loss: checkpoint.bestLoss, runs: checkpoint.runs })
    return { loss: checkpoint.bestLoss }
  },
})
