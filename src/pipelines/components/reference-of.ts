import type { Reference } from '../../detectors/rows/row-detector.ts'
import { encodeRows, encodingOf } from '../../detectors/rows/transformer.ts'
import { artifact } from '../artifact.ts'
import type { Inputs } from '../component.ts'
import { integer, string, struct } from '../parameter.ts'
import { readTransformer } from './fit-transformer.ts'
import { readRows } from './row-files.ts'
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

/** The rows of a training step as numbers. */
export async function referenceOf(
  { transformer: file, dataset, heldOut, shard = 0, shards = 1 }: Given,
  folder: string,
): Promise<Reference> {
  const transformer = await readTransformer(file)
  return withEngine(folder, async (engine) => ({
    rows: encodeRows(transformer, await readRows(engine, dataset, { folder, shard, shards })),
    heldOut: encodeRows(transformer, await readRows(engine, heldOut, { folder })),
    encoding: encodingOf(transformer),
  }))
}
