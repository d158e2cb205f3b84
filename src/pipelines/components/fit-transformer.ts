import { readFile, writeFile } from 'node:fs/promises'
import { fitTransformer as fit, type Transformer } from '../../detectors/rows/transformer.ts'
import { artifact, type InputArtifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer } from '../parameter.ts'
import { readRows } from './row-files.ts'
import { withEngine } from './with-engine.ts'

/** How rows become numbers, learnt from rows: JSON. */
export const fitTransformer = defineComponent({
  name: 'fit-transformer',
  version: '1',
  about: 'Learns from the rows of a file how to turn rows of the table into numbers.',
  inputs: { dataset: artifact('Dataset', 'Parquet') },
  outputs: { transformer: artifact('Transformer', 'JSON'), columns: integer() },
  run: ({ inputs, outputs, folder }) =>
    withEngine(folder, async (engine) => {
      const transformer = fit(await readRows(engine, inputs.dataset, { folder }))
      await writeFile(outputs.transformer.path, JSON.stringify(transformer))
      Object.assign(outputs.transformer.metadata, {
        columns: transformer.columns.map(({ name, kind }) => ({ name, kind })),
        leftOut: transformer.leftOut.map((column) => ({ ...column })),
      })
      return { columns: transformer.columns.length }
    }),
})

/** Reads what `fit-transformer` wrote. */
export const readTransformer = async ({ path }: InputArtifact): Promise<Transformer> =>
  JSON.parse(await readFile(path, 'utf8')) as Transformer
