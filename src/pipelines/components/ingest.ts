import { copyFile, rename } from 'node:fs/promises'
import { FiableError } from '../../data/errors.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer, string } from '../parameter.ts'
import { sourceInputs, withSourceOf } from './source-inputs.ts'
import { withEngine } from './with-engine.ts'

/** One batch of a source as a Parquet file. */
export const ingest = defineComponent({
  name: 'ingest',
  version: '1',
  about: 'Brings one batch of files or a database into a Parquet file.',
  inputs: {
    ...sourceInputs,
    batch: string({ default: '', about: 'Key of the batch; the newest when empty.' }),
  },
  outputs: { dataset: artifact('Dataset', 'Parquet'), rows: integer(), key: string() },
  cache: false,
  run: ({ inputs, outputs, folder }) =>
    withEngine(folder, (engine) =>
      withSourceOf(inputs, { engine, folder }, async (source) => {
        const listings = await source.list()
        const listing = inputs.batch ? listings.find(({ key }) => key === inputs.batch) : listings.at(-1)
        if (!listing) throw noBatch(inputs.batch, source.description)
        const { path, borrowed, rows } = await source.materialise(listing, folder)
        if (borrowed) await copyFile(path, outputs.dataset.path)
        else await rename(path, outputs.dataset.path)
        Object.assign(outputs.dataset.metadata, {
          rows,
          batch: listing.key,
          source: listing.uri,
          contentHash: listing.contentHash,
        })
        return { rows, key: listing.key }
      }),
    ),
})

const noBatch = (key: string, description: string): FiableError =>
  new FiableError(
    'NO_BATCHES',
    `${description} holds no batch ${key || 'at all'}.`,
    'Check the path, the glob or the query, and the key of the batch.',
  )
