import { rowModelName } from '../../row-models/model-of-dataset.ts'
import { type NamedRows, normalBatches, prepareRows } from '../../row-models/prepare-rows.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer, string } from '../parameter.ts'
import { writeRows } from './row-files.ts'
import { datasetIn, storeInputs, withStoreOf } from './store-inputs.ts'
import { withEngine } from './with-engine.ts'

/** Rows of a checked dataset for training a row model, calibrating it, and testing it. */
export const prepare = defineComponent({
  name: 'prepare',
  version: '1',
  about: 'Splits the kept samples of the normal batches of a dataset into rows to learn from and to test on.',
  inputs: {
    ...storeInputs,
    dataset: string({ min: 1, about: 'Name of a checked dataset.' }),
    upTo: integer({ default: 0, min: 0, about: 'Place of the newest batch looked at; all when 0.' }),
    seed: string({ default: '1' }),
    model: string({ default: '', about: 'Name of the model; DATASET-rows when empty.' }),
  },
  outputs: {
    learnt: artifact('Dataset', 'Rows to learn from.'),
    heldOut: artifact('Dataset', 'Rows of the same batches to check and calibrate with.'),
    test: artifact('Dataset', 'Rows of the newest batches, which are not learnt from.'),
    model: string(),
    lastSlot: integer({ about: 'Place of the newest batch learnt from.' }),
    rows: integer(),
  },
  cache: false,
  run: ({ inputs, outputs, folder }) =>
    withEngine(folder, (engine) =>
      withStoreOf(inputs, async (store) => {
        const { dataset: name, upTo, seed } = inputs
        const dataset = await datasetIn(store, name)
        const batches = await normalBatches(store, dataset, upTo || Infinity)
        const prepared = await prepareRows({ store, engine }, batches, seed)
        await writeRows(prepared.learnt, outputs.learnt)
        await writeRows(prepared.heldOut, outputs.heldOut)
        await writeRows(prepared.test, outputs.test)
        const { lastSlot, isTestedLater } = prepared
        const learntFrom = { dataset: name, lastSlot, batches: prepared.learntFrom.map(plain) }
        Object.assign(outputs.learnt.metadata, learntFrom)
        Object.assign(outputs.heldOut.metadata, learntFrom)
        const testedOn = { dataset: name, isTestedLater, batches: prepared.testedOn.map(plain) }
        Object.assign(outputs.test.metadata, testedOn)
        return { model: inputs.model || rowModelName(name), lastSlot, rows: prepared.learnt.rows }
      }),
    ),
})

const plain = (batch: NamedRows) => ({ ...batch })
