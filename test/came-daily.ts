import type { Project } from '../src/index.ts'

const DAY = 86_400_000

/** Rewrites the past: the judged batches of a dataset came one a day, the newest at `lastMs`. */
export async function cameDaily({ store }: Project, datasetId: number, lastMs: number): Promise<void> {
  const batches = await store.db
    .selectFrom('batch')
    .select('id')
    .where('dataset_id', '=', datasetId)
    .orderBy('slot', 'desc')
    .execute()
  for (const [i, { id }] of batches.entries()) {
    const atMs = lastMs - i * DAY
    await store.db
      .updateTable('batch')
      .set({ modified_ms: atMs, judged_ms: atMs + 1000 })
      .where('id', '=', id)
      .execute()
  }
}
