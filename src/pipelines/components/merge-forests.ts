import { FiableError } from '../../data/errors.ts'
import type { Forest } from '../../detectors/rows/isolation-forest.ts'
import { mergeForests as merge } from '../../detectors/rows/merge-forests.ts'
import { artifact, artifacts } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer } from '../parameter.ts'
import { type MemberFile, readState, writeMember } from './row-files.ts'

/** One forest of the trees of all shards. */
export const mergeForests = defineComponent({
  name: 'merge-forests',
  version: '1',
  about: 'Merges the isolation forests of shards into one.',
  inputs: { models: artifacts('Model') },
  outputs: { model: artifact('Model'), trees: integer() },
  async run({ inputs, outputs }) {
    const files = await Promise.all(inputs.models.map((file) => readState<MemberFile>(file)))
    const other = files.find(({ name }) => name !== 'isolation-forest')
    if (other)
      throw new FiableError(
        'BAD_ARGUMENT',
        `merge-forests was given a ${other.name}.`,
        'Connect the models of train-forest.',
      )
    const forest = merge(files.map(({ state }) => state as Forest))
    const trees = forest.roots.length - 1
    await writeMember(outputs.model, { ...files[0]!, state: forest })
    Object.assign(outputs.model.metadata, { trees })
    return { trees }
  },
})
