import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** Runs, artifacts and metrics of one project are not seen from another. */
export interface ProjectRecord {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly createdMs: number
}

export const DEFAULT_PROJECT = 'default'

/** The project of that name, made when it is not there. */
export async function projectNamed(db: Kysely<Tables>, name: string, now: number): Promise<ProjectRecord> {
  const found = await findProject(db, name)
  if (found) return found
  await writing(db, (transaction) =>
    transaction
      .insertInto('project')
      .values({ name, description: '', created_ms: now })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute(),
  )
  return (await findProject(db, name))!
}

async function findProject(db: Kysely<Tables>, name: string): Promise<ProjectRecord | undefined> {
  const row = await db.selectFrom('project').selectAll().where('name', '=', name).executeTakeFirst()
  return row && { id: row.id, name: row.name, description: row.description, createdMs: row.created_ms }
}

export async function listProjects(db: Kysely<Tables>): Promise<readonly ProjectRecord[]> {
  const rows = await db.selectFrom('project').selectAll().orderBy('name').execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    createdMs: row.created_ms,
  }))
}
