import { copyFile, readFile } from 'node:fs/promises'
import { FiableError } from '../../data/errors.ts'
import { CHAMPION, registerVersion, setAlias } from '../../tracking/registry.ts'
import { openStore, type Store } from '../../tracking/store.ts'
import { artifact } from '../artifact.ts'
import { CODE_VERSION } from '../code-version.ts'
import { defineComponent, type Inputs } from '../component.ts'
import { boolean, integer, string, struct } from '../parameter.ts'

const inputs = {
  model: artifact('Model'),
  metrics: artifact('Metrics', 'JSON'),
  store: string({ default: '.fiable' }),
  dataset: string({ min: 1, about: 'The dataset the model was trained on.' }),
  name: string({ min: 1, about: 'Name of the registered model.' }),
  modelType: string({ min: 1 }),
  description: string({ default: '' }),
  owner: string({ default: '' }),
  hyperparameters: struct({ default: {} }),
  promote: boolean({ default: false, about: 'Also make it the champion.' }),
}

/** A new version of a registered model, with its file in the store and its numbers. */
export const register = defineComponent({
  name: 'register',
  version: '1',
  about: 'Registers a model file as the next version of a model, and makes it the champion when told to.',
  inputs,
  outputs: { version: integer() },
  cache: false,
  async run({ inputs: given }) {
    const store = await openStore(given.store)
    try {
      const { name, version } = await registerIn(store, given)
      if (given.promote) await setAlias(store.db, { name, alias: CHAMPION, version, nowMs: Date.now() })
      return { version }
    } finally {
      await store.close()
    }
  },
})

async function registerIn(store: Store, given: Inputs<typeof inputs>) {
  const copy = store.artifacts.scratch('.model')
  await copyFile(given.model.path, copy)
  const digest = await store.artifacts.adopt(copy)
  const [framework = '', version = ''] = CODE_VERSION.split('@')
  const model = {
    datasetId: await datasetId(store, given.dataset),
    name: given.name,
    description: given.description,
    owner: given.owner,
    uri: `artifact:${digest}`,
    keptDigest: null,
    modelType: given.modelType,
    trainingFramework: { name: framework, version },
    hyperparameters: given.hyperparameters,
    labels: {},
    lastSlot: 0,
    createdMs: Date.now(),
  }
  const metrics = JSON.parse(await readFile(given.metrics.path, 'utf8')) as Record<string, number>
  return registerVersion(store.db, model, { metrics })
}

async function datasetId({ db }: Store, name: string): Promise<number> {
  const row = await db.selectFrom('dataset').select('id').where('name', '=', name).executeTakeFirst()
  if (row) return row.id
  throw new FiableError(
    'NOT_FOUND',
    `There is no dataset ${name} in the store.`,
    'Check it first with `fiable check`.',
  )
}
