import { FiableError } from '../../data/errors.ts'
import { openStore, type Store } from '../../tracking/store.ts'
import type { Inputs } from '../component.ts'
import { string } from '../parameter.ts'
import { patiently } from '../patiently.ts'

/** Where the state is, as inputs of components that read or write it. */
export const storeInputs = {
  store: string({
    default: '.fiable',
    about: 'Folder of the store, or the postgresql:// URL of a shared one.',
  }),
  artifacts: string({ default: '', about: 'With a URL, the folder of its artifacts; .fiable when empty.' }),
}

/**
 * Opens the store for the time of `work`.
 *
 * @param work - Done again from its beginning when the database went away meanwhile, for two minutes: it must not mind.
 */
export const withStoreOf = <T>(
  { store: place, artifacts }: Inputs<typeof storeInputs>,
  work: (store: Store) => Promise<T>,
): Promise<T> =>
  patiently(async () => {
    const store = await openStore(place, artifacts || undefined)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  })

/**
 * The dataset of that name.
 *
 * @throws FiableError NOT_FOUND.
 */
export async function datasetIn(
  { db }: Store,
  name: string,
): Promise<{ readonly id: number; readonly name: string }> {
  const known = await db.selectFrom('dataset').select(['id', 'name']).execute()
  const found = known.find((dataset) => dataset.name === name)
  if (found) return found
  throw new FiableError(
    'NOT_FOUND',
    `There is no dataset ${name}; known: ${known.map((dataset) => dataset.name).join(', ') || 'none'}.`,
    'Check it first with `fiable check`.',
  )
}
