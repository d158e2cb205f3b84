import type { Kysely } from 'kysely'
import {
  formatSensitivity,
  parseSensitivity,
  type Sensitivity,
  type SensitivityText,
} from '../calibration/sensitivity.ts'
import { FiableError } from '../data/errors.ts'
import { EVEN_WEIGHTS } from '../data/hybrid.ts'
import type { Json } from '../data/json.ts'
import { listSettings, saveSetting } from '../tracking/datasets.ts'
import type { Tables } from '../tracking/schema.ts'
import type { DatasetDeclaration } from './declaration.ts'

/** Author of the settings that a declaration brought. */
export const BY_DECLARATION = 'declaration'

/** One version of a dataset's sensitivity: who set it, and when. */
export interface Setting {
  readonly version: number
  readonly sensitivity: Sensitivity
  readonly author: string
  readonly createdMs: number
}

interface Place {
  readonly db: Kysely<Tables>
  readonly datasetId: number
}

/** All versions, the one in force first. */
export async function settingsOf({ db, datasetId }: Place): Promise<readonly Setting[]> {
  return (await listSettings(db, datasetId)).map(({ value, ...kept }) => ({
    ...kept,
    sensitivity: parseSensitivity(value as unknown as SensitivityText),
  }))
}

/** What the declaration asks for. */
export const declaredSensitivity = ({
  atMost,
  strict,
  dimensions,
  floors,
}: DatasetDeclaration): Sensitivity => parseSensitivity({ atMost, strict, dimensions, floors })

/** The sensitivity in force: the newest version, whoever set it. */
export async function sensitivityInForce(
  place: Place,
  declaration: DatasetDeclaration,
): Promise<Sensitivity> {
  const [inForce] = await settingsOf(place)
  return inForce?.sensitivity ?? declaredSensitivity(declaration)
}

/**
 * Brings in what a declaration asks for, when that changed since a declaration was last brought in: a tuned one stays.
 * What detectors count for is learnt, not declared, and stays in any case.
 */
export async function bringDeclared(
  place: Place,
  declaration: DatasetDeclaration,
  nowMs: number,
): Promise<void> {
  const declared = declaredSensitivity(declaration)
  const versions = await settingsOf(place)
  const before = versions.find(({ author }) => author === BY_DECLARATION)
  const weights = versions[0]?.sensitivity.weights ?? EVEN_WEIGHTS
  if (before && isSame({ ...before.sensitivity, weights: EVEN_WEIGHTS }, declared)) return
  await setSensitivity(place, { ...declared, weights }, { author: BY_DECLARATION, nowMs })
}

const isSame = (a: Sensitivity, b: Sensitivity): boolean =>
  JSON.stringify(formatSensitivity(a)) === JSON.stringify(formatSensitivity(b))

/** Puts a sensitivity in force, as a new version. */
export const setSensitivity = (
  { db, datasetId }: Place,
  sensitivity: Sensitivity,
  by: { readonly author: string; readonly nowMs: number },
): Promise<void> =>
  saveSetting(db, datasetId, { value: formatSensitivity(sensitivity) as unknown as Json, ...by })

/**
 * The version of that number.
 *
 * @throws FiableError NOT_FOUND naming the versions there are.
 */
export async function settingOfVersion(place: Place, version: number): Promise<Setting> {
  const all = await settingsOf(place)
  const found = all.find((setting) => setting.version === version)
  if (found) return found
  throw new FiableError(
    'NOT_FOUND',
    `There is no version ${version} of these settings; known: ${all.map((setting) => setting.version).join(', ') || 'none'}.`,
    'Choose one of the known versions.',
  )
}
