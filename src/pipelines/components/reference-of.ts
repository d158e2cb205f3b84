import type { Reference } from '../../detectors/rows/row-detector.ts'
import { encodeRows, encodingOf } from '../../detectors/rows/transformer.ts'
import { worthwhileShards } from '../../detectors/rows/worthwhile-shards.ts'
import { artifact } from '../artifact.ts'
import type { Inputs } from '../component.ts'
import { integer, string, struct } from '../parameter.ts'
import { readTransformer } from './fit-transformer.ts'
import { checkShard, countRows, readRows } from './row-files.ts'
import { withEngine } from './with-engine.ts'

/** What every step that trains a member takes. */
export const trainingInputs = {
  transformer: artifact('Transformer', 'JSON'),
  dataset: artifact('Dataset', 'Rows to learn from.'),
  heldOut: artifact('Dataset', 'Rows to check with.'),
  settings: struct({ default: {}, about: 'Settings by member, such as {"autoencoder":{"steps":2000}}.' }),
  seed: string({ default: '1' }),
}

/** Which of several shards a step learns from. */
export const shardInputs = {
  shard: integer({ default: 0, min: 0 }),
  shards: integer({ default: 1, min: 1, max: 10_000 }),
}

type Given = Pick<Inputs<typeof trainingInputs>, 'transformer' | 'dataset' | 'heldOut'> &
  Partial<Inputs<typeof shardInputs>>

/**
 * The rows of a training step as numbers.
 *
 * @param options.fewest - Rows that a shard must have: of a small table, steps share shards rather than have tiny ones.
 */
export async function referenceOf(
  { transformer: file, dataset, heldOut, shard = 0, shards: wanted = 1 }: Given,
  { folder, fewest = 1 }: { readonly folder: string; readonly fewest?: number },
): Promise<Reference> {
  const transformer = await readTransformer(file)
  return withEngine(folder, async (engine) => {
    checkShard({ shard, shards: wanted })
    const shards = wanted === 1 ? 1 : worthwhileShards(await countRows(engine, dataset), wanted, fewest)
    return {
      rows: encodeRows(
        transformer,
        await readRows(engine, dataset, { folder, shard: shard % shards, shards }),
      ),
      heldOut: encodeRows(transformer, await readRows(engine, heldOut, { folder })),
      encoding: encodingOf(transformer),
    }
  })
}
