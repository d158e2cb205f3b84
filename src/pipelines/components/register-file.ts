import { copyFile } from 'node:fs/promises'
import type { Json } from '../../data/json.ts'
import { madeBy } from '../../tracking/made-by.ts'
import type { NewModelVersion } from '../../tracking/models.ts'
import {
  listVersions,
  type ModelEvidence,
  type RegisteredVersion,
  registerVersion,
} from '../../tracking/registry.ts'
import type { Store } from '../../tracking/store.ts'
import type { InputArtifact } from '../artifact.ts'

/** A copy of a file in the artifacts of a store; returns its digest. */
export async function keepFile({ artifacts }: Store, { path }: Pick<InputArtifact, 'path'>): Promise<string> {
  const copy = artifacts.scratch('.kept')
  await copyFile(path, copy)
  return artifacts.adopt(copy)
}

/** What is registered of a model file, apart from what follows from it. */
export type FileTitle = Omit<NewModelVersion, 'uri' | 'createdMs' | 'labels'> & { readonly labels: Json }

/**
 * Registers a model file as the next version of a model, with the artifact it is and the execution that made it.
 *
 * The same file again is the version it was: a step that is repeated after a crash registers once.
 */
export async function registerFile(
  store: Store,
  {
    path,
    title,
    evidence,
    nowMs,
  }: {
    readonly path: string
    readonly title: FileTitle
    readonly evidence: Pick<ModelEvidence, 'metrics'> & Partial<ModelEvidence>
    readonly nowMs: number
  },
): Promise<RegisteredVersion> {
  const digest = await keepFile(store, { path })
  const uri = `artifact:${digest}`
  const known = (await listVersions(store.db)).find(
    (version) => version.name === title.name && version.uri === uri,
  )
  if (known) return known
  const origin = await madeBy(store.db, digest)
  return registerVersion(store.db, { ...title, uri, createdMs: nowMs }, { ...origin, ...evidence })
}
