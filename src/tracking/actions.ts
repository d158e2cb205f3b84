import type { Kysely } from 'kysely'
import type { Feedback } from '../data/feedback.ts'
import type { Json } from '../data/json.ts'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** One thing that somebody did about a batch or an incident; never changed, never deleted. */
export interface ActionRecord {
  /** Ascending in the order in which actions were taken. */
  readonly id: number
  readonly kind: string
  /** Id of the incident it is about; null for a single batch. */
  readonly incident: string | null
  readonly value: Json
  readonly author: string
  readonly createdMs: number
}

export type NewAction = Omit<ActionRecord, 'id'> & { readonly datasetId: number }

/** Adds an action, with what it says of batches, all or nothing. */
export async function recordAction(
  db: Kysely<Tables>,
  action: NewAction,
  told: readonly { readonly batchId: number; readonly feedback: Feedback | null }[] = [],
): Promise<void> {
  await writing(db, async (transaction) => {
    const { id } = await transaction
      .insertInto('action')
      .values({
        dataset_id: action.datasetId,
        kind: action.kind,
        incident: action.incident,
        value: JSON.stringify(action.value),
        author: action.author,
        created_ms: action.createdMs,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const { batchId, feedback } of told)
      await transaction
        .insertInto('feedback')
        .values({ action_id: id, batch_id: batchId, value: feedback })
        .execute()
  })
}

/** All actions of a dataset, in the order in which they were taken. */
export async function listActions(db: Kysely<Tables>, datasetId: number): Promise<readonly ActionRecord[]> {
  const rows = await db
    .selectFrom('action')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    incident: row.incident,
    value: JSON.parse(row.value) as Json,
    author: row.author,
    createdMs: row.created_ms,
  }))
}

/** Changes with every action taken. */
export async function lastActionId(db: Kysely<Tables>, datasetId: number): Promise<number> {
  const row = await db
    .selectFrom('action')
    .select((select) => select.fn.max('id').as('last'))
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst()
  return Number(row?.last ?? 0)
}

/** Feedback in force by batch id: the latest that was not taken back. */
export async function listFeedback(
  db: Kysely<Tables>,
  datasetId: number,
): Promise<ReadonlyMap<number, Feedback>> {
  const rows = await db
    .selectFrom('feedback')
    .innerJoin('action', 'action.id', 'feedback.action_id')
    .select(['feedback.batch_id', 'feedback.value'])
    .where('action.dataset_id', '=', datasetId)
    .orderBy('feedback.id')
    .execute()
  return new Map(
    [...Map.groupBy(rows, (row) => row.batch_id)].flatMap(([batchId, given]) => {
      const last = lastStanding(given.map(({ value }) => value as Feedback | null))
      return last ? [[batchId, last] as const] : []
    }),
  )
}

/** Each null takes back the one given before it that still stands. */
function lastStanding(given: readonly (Feedback | null)[]): Feedback | undefined {
  const standing: Feedback[] = []
  for (const feedback of given)
    if (feedback === null) standing.pop()
    else standing.push(feedback)
  return standing.at(-1)
}
