import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** The newest artifact with a content, and the execution that made it. */
export interface Origin {
  readonly artifactId: number | null
  readonly executionId: number | null
}

/** Where a file comes from, by the digest of its content; nulls for one that no execution gave. */
export async function madeBy(db: Kysely<Tables>, digest: string): Promise<Origin> {
  const artifact = await db
    .selectFrom('artifact')
    .select('id')
    .where('digest', '=', digest)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  if (!artifact) return { artifactId: null, executionId: null }
  // Executions that took it from the cache come later: the first made it.
  const event = await db
    .selectFrom('event')
    .select('execution_id')
    .where('artifact_id', '=', artifact.id)
    .where('type', '=', 'OUTPUT')
    .orderBy('execution_id')
    .executeTakeFirst()
  return { artifactId: artifact.id, executionId: event?.execution_id ?? null }
}
