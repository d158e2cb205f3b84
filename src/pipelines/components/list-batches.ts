import { defineComponent } from '../component.ts'
import { integer, list } from '../parameter.ts'
import { sourceInputs, withSourceOf } from './source-inputs.ts'
import { withEngine } from './with-engine.ts'

/** The keys of the batches of a source, in the order of arrival, the newest `latest` of them. */
export const listBatches = defineComponent({
  name: 'list-batches',
  version: '1',
  about: 'Lists the batches of files or a database, oldest first.',
  inputs: { ...sourceInputs, latest: integer({ min: 0, default: 0, about: 'Only the newest; all when 0.' }) },
  outputs: { keys: list(), count: integer() },
  cache: false,
  run: ({ inputs, folder }) =>
    withEngine(folder, (engine) =>
      withSourceOf(inputs, { engine, folder }, async (source) => {
        const keys = (await source.list()).map(({ key }) => key)
        const chosen = inputs.latest > 0 ? keys.slice(-inputs.latest) : keys
        return { keys: chosen, count: chosen.length }
      }),
    ),
})
