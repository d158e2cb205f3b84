import { memberSeed } from '../../detectors/rows/chosen-members.ts'
import { isolationForest } from '../../detectors/rows/isolation-forest.ts'
import { fewestForestRows } from '../../detectors/rows/worthwhile-shards.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { settingsOfMember } from './fit-member.ts'
import { referenceOf, shardInputs, trainingInputs } from './reference-of.ts'
import { writeMember } from './row-files.ts'

/** The trees of an isolation forest that are grown on one shard of the rows. */
export const trainForest = defineComponent({
  name: 'train-forest',
  version: '1',
  about: 'Grows the part of an isolation forest that falls to one shard of the rows.',
  inputs: { ...trainingInputs, ...shardInputs },
  outputs: { model: artifact('Model') },
  async run({ inputs, outputs, folder, signal }) {
    const { name } = isolationForest
    const { shard, shards } = inputs
    const { settings } = settingsOfMember(name, inputs.settings)
    const trees = treesOf(Number(settings.trees), { shard, shards })
    const own = memberSeed(inputs.seed, name)
    const seed = shards === 1 ? own : `${own} shard ${shard} of ${shards}`
    const reference = await referenceOf(inputs, {
      folder,
      fewest: fewestForestRows(Number(settings.subsample)),
    })
    const { state } = await isolationForest.fit(
      reference,
      { ...settings, trees },
      { seed, openSession: openOnnx, signal },
    )
    await writeMember(outputs.model, { name, settings, state })
    Object.assign(outputs.model.metadata, { trees, shard, shards })
    return {}
  },
})

/** Trees of a shard: all shards together have those asked for, and each has one at least. */
const treesOf = (
  trees: number,
  { shard, shards }: { readonly shard: number; readonly shards: number },
): number => Math.max(1, Math.floor(((shard + 1) * trees) / shards) - Math.floor((shard * trees) / shards))
