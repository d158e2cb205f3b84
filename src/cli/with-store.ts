import { openStore, type Store } from '../tracking/store.ts'

/** Opens the store of a command for the time of `work`. */
export async function withStore<T>(
  { store: place }: { readonly store: string },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(place)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Prints a line. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`)
