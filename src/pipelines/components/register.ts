import { readFile } from 'node:fs/promises'
import { CHAMPION, setAlias } from '../../tracking/registry.ts'
import { artifact } from '../artifact.ts'
import { CODE_VERSION } from '../code-version.ts'
import { defineComponent } from '../component.ts'
import { boolean, integer, string, struct } from '../parameter.ts'
import { registerFile } from './register-file.ts'
import { datasetIn, storeInputs, withStoreOf } from './store-inputs.ts'

/** A new version of a registered model, with its file in the store and its numbers. */
export const register = defineComponent({
  name: 'register',
  version: '2',
  about: 'Registers a model file as the next version of a model, and makes it the champion when told to.',
  inputs: {
    ...storeInputs,
    model: artifact('Model'),
    metrics: artifact('Metrics', 'JSON'),
    dataset: string({ min: 1, about: 'The dataset the model was trained on.' }),
    name: string({ min: 1, about: 'Name of the registered model.' }),
    modelType: string({ min: 1 }),
    description: string({ default: '' }),
    owner: string({ default: '' }),
    hyperparameters: struct({ default: {} }),
    labels: struct({ default: {} }),
    lastSlot: integer({ default: 0, min: 0, about: 'Place of the newest batch learnt from.' }),
    promote: boolean({ default: false, about: 'Also make it the champion.' }),
  },
  outputs: { version: integer() },
  cache: false,
  run: ({ inputs }) =>
    withStoreOf(inputs, async (store) => {
      const { name, description, owner, modelType, hyperparameters, labels, lastSlot } = inputs
      const [framework = '', code = ''] = CODE_VERSION.split('@')
      const { id: datasetId } = await datasetIn(store, inputs.dataset)
      const title = {
        ...{ datasetId, name, description, owner, modelType, hyperparameters, labels, lastSlot },
        keptDigest: null,
        trainingFramework: { name: framework, version: code },
      }
      const metrics = JSON.parse(await readFile(inputs.metrics.path, 'utf8')) as Record<string, number>
      const registered = { path: inputs.model.path, title, evidence: { metrics }, nowMs: Date.now() }
      const { version } = await registerFile(store, registered)
      if (inputs.promote)
        await setAlias(store.db, { name, alias: CHAMPION, version, nowMs: registered.nowMs })
      return { version }
    }),
})
