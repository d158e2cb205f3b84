import type { Kysely, Transaction } from 'kysely'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import { insertModelVersion, listModelVersions, type ModelVersion, type NewModelVersion } from './models.ts'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** Stages a version can stand for; any other word of small letters may be used as well. */
export const CHAMPION = 'champion'
export const CHALLENGER = 'challenger'
/** What was deployed by hand, whichever is the champion. */
export const PRODUCTION = 'production'

/** What speaks for a version. */
export interface ModelEvidence {
  /** Numbers by name, such as the share of faults caught. */
  readonly metrics: Readonly<Record<string, number>>
  /** What goes in and comes out: names, types, shapes. */
  readonly signature: Json
  readonly scorecardDigest: string | null
  /** The artifact it is, and the execution that made it: where its lineage begins. */
  readonly artifactId: number | null
  readonly executionId: number | null
}

/** A version with its evidence and the aliases that stand for it. */
export interface RegisteredVersion extends ModelVersion, ModelEvidence {
  readonly aliases: readonly string[]
}

const NOTHING: ModelEvidence = {
  metrics: {},
  signature: null,
  scorecardDigest: null,
  artifactId: null,
  executionId: null,
}

/**
 * Registers a new version with what speaks for it, all or nothing; it becomes the challenger, the first one the champion too.
 */
export async function registerVersion(
  db: Kysely<Tables>,
  model: NewModelVersion,
  evidence: Partial<ModelEvidence> = {},
): Promise<RegisteredVersion> {
  const { metrics, signature, scorecardDigest, artifactId, executionId } = { ...NOTHING, ...evidence }
  const number = await writing(db, async (transaction) => {
    const { id, modelId, version } = await insertModelVersion(transaction, model)
    await transaction
      .insertInto('model_evidence')
      .values({
        version_id: id,
        artifact_id: artifactId,
        execution_id: executionId,
        metrics: JSON.stringify(metrics),
        signature: JSON.stringify(signature),
        scorecard_digest: scorecardDigest,
      })
      .execute()
    for (const alias of version === 1 ? [CHALLENGER, CHAMPION] : [CHALLENGER])
      await pointAlias(transaction, { modelId, alias, version, nowMs: model.createdMs })
    return version
  })
  return versionOf(db, model.name, String(number))
}

interface Pointing {
  readonly modelId: number
  readonly alias: string
  readonly version: number
  readonly nowMs: number
}

async function pointAlias(
  transaction: Transaction<Tables>,
  { modelId, alias, version, nowMs }: Pointing,
): Promise<void> {
  await transaction
    .insertInto('model_alias')
    .values({ model_id: modelId, alias, version, set_ms: nowMs })
    .onConflict((conflict) => conflict.columns(['model_id', 'alias']).doUpdateSet({ version, set_ms: nowMs }))
    .execute()
}

/** All versions, or those of models of a dataset, with their evidence, newest first. */
export async function listVersions(
  db: Kysely<Tables>,
  datasetId?: number,
): Promise<readonly RegisteredVersion[]> {
  const versions = await listModelVersions(db, datasetId)
  const evidence = await db.selectFrom('model_evidence').selectAll().execute()
  const aliases = await db
    .selectFrom('model_alias')
    .innerJoin('registered_model', 'registered_model.id', 'model_alias.model_id')
    .select(['registered_model.name', 'alias', 'version'])
    .execute()
  const byVersion = new Map(evidence.map((row) => [row.version_id, row]))
  return versions.map((version) => {
    const row = byVersion.get(version.id)
    return {
      ...version,
      ...(row ? evidenceOf(row) : NOTHING),
      aliases: aliases
        .filter(({ name, version: number }) => name === version.name && number === version.version)
        .map(({ alias }) => alias)
        .sort(),
    }
  })
}

const evidenceOf = (row: {
  metrics: string
  signature: string
  scorecard_digest: string | null
  artifact_id: number | null
  execution_id: number | null
}): ModelEvidence => ({
  metrics: JSON.parse(row.metrics) as Record<string, number>,
  signature: JSON.parse(row.signature) as Json,
  scorecardDigest: row.scorecard_digest,
  artifactId: row.artifact_id,
  executionId: row.execution_id,
})

/**
 * The version of a model: a number, an alias, or the newest when left out.
 *
 * @throws FiableError NOT_FOUND.
 */
export async function versionOf(
  db: Kysely<Tables>,
  name: string,
  which?: string,
): Promise<RegisteredVersion> {
  const all = (await listVersions(db)).filter((version) => version.name === name)
  const found =
    which === undefined
      ? all[0]
      : all.find((version) => String(version.version) === which || version.aliases.includes(which))
  if (found) return found
  throw new FiableError(
    'NOT_FOUND',
    `There is no model ${name}${which === undefined ? '' : `@${which}`}.`,
    'List the models with `fiable models list`.',
  )
}

/**
 * Lets an alias stand for a version, in place of the one it stood for.
 *
 * @throws FiableError NOT_FOUND when there is no such version, BAD_ARGUMENT when the alias is a number.
 */
export async function setAlias(
  db: Kysely<Tables>,
  { name, alias, version, nowMs }: { name: string; alias: string; version: number; nowMs: number },
): Promise<void> {
  if (!/^[a-z][a-z0-9-]*$/.test(alias))
    throw new FiableError(
      'BAD_ARGUMENT',
      `The alias ${alias} is not a word of small letters.`,
      'Use champion, challenger, or a word of your own.',
    )
  const { id, modelId } = await modelOf(db, name, version)
  if (id === undefined)
    throw new FiableError(
      'NOT_FOUND',
      `The model ${name} has no version ${version}.`,
      'List the models with `fiable models list`.',
    )
  await writing(db, (transaction) => pointAlias(transaction, { modelId, alias, version, nowMs }))
}

async function modelOf(
  db: Kysely<Tables>,
  name: string,
  version: number,
): Promise<{ readonly id: number | undefined; readonly modelId: number }> {
  const row = await db
    .selectFrom('model_version')
    .innerJoin('registered_model', 'registered_model.id', 'model_version.model_id')
    .select(['model_version.id', 'model_version.model_id'])
    .where('registered_model.name', '=', name)
    .where('model_version.version', '=', version)
    .executeTakeFirst()
  return { id: row?.id, modelId: row?.model_id ?? 0 }
}
