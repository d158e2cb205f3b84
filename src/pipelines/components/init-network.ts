import { beginTraining } from '../../detectors/rows/train-network.ts'
import { encodingOf } from '../../detectors/rows/transformer.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer, string, struct } from '../parameter.ts'
import { readTransformer } from './fit-transformer.ts'
import { autoencoderSeed, autoencoderSettings, networkOf, writeTraining } from './network-training.ts'

/** An autoencoder before its first step of training. */
export const initNetwork = defineComponent({
  name: 'init-network',
  version: '1',
  about: 'Draws the parameters that the training of an autoencoder starts from.',
  inputs: {
    transformer: artifact('Transformer', 'JSON'),
    settings: struct({ default: {} }),
    seed: string({ default: '1' }),
  },
  outputs: { training: artifact('Model'), parameters: integer() },
  async run({ inputs, outputs }) {
    const begun = { settings: autoencoderSettings(inputs.settings), seed: autoencoderSeed(inputs.seed) }
    const network = networkOf(encodingOf(await readTransformer(inputs.transformer)), begun)
    await writeTraining(outputs.training, { ...begun, checkpoint: beginTraining(network, begun.seed) })
    return { parameters: network.size }
  },
})
