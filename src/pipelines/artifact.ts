import type { Json } from '../data/json.ts'

/** What a file is, for wiring and for people; `Artifact` accepts any. */
export const artifactTypes = [
  'Artifact',
  'Dataset',
  'Profile',
  'Transformer',
  'Model',
  'Metrics',
  'Scorecard',
  'Html',
  'Markdown',
] as const

export type ArtifactType = (typeof artifactTypes)[number]

/** A declared artifact: one file, or the files of a fan-in. */
export interface ArtifactPort<
  Type extends ArtifactType = ArtifactType,
  Count extends 'one' | 'many' = 'one' | 'many',
> {
  readonly kind: 'artifact'
  readonly type: Type
  readonly count: Count
  readonly about?: string
}

/** One file. */
export const artifact = <Type extends ArtifactType>(type: Type, about = ''): ArtifactPort<Type, 'one'> => ({
  kind: 'artifact',
  type,
  count: 'one',
  about,
})

/** The files of a fan-in, in the order of the list fanned out over. Inputs only. */
export const artifacts = <Type extends ArtifactType>(type: Type, about = ''): ArtifactPort<Type, 'many'> => ({
  kind: 'artifact',
  type,
  count: 'many',
  about,
})

/** What is known of a file beyond its bytes. */
export type ArtifactMetadata = Readonly<Record<string, Json>>

/** A file that a step reads; it must not change it. */
export interface InputArtifact {
  readonly name: string
  readonly path: string
  readonly uri: string
  readonly metadata: ArtifactMetadata
}

/** A file that a step writes at `path`; what it puts into `metadata` is kept with it. */
export interface OutputArtifact {
  readonly name: string
  readonly path: string
  readonly metadata: Record<string, Json>
}

/** Titles of the types that Kubeflow Pipelines knows itself. */
const SYSTEM_TITLES: Partial<Record<ArtifactType, string>> = {
  Artifact: 'system.Artifact',
  Dataset: 'system.Dataset',
  Model: 'system.Model',
  Metrics: 'system.Metrics',
  Html: 'system.HTML',
  Markdown: 'system.Markdown',
}

/** The schema title of a type in Kubeflow Pipelines: `system.Dataset`, or `fiable.Profile` for our own. */
export const schemaTitleOf = (type: ArtifactType): string => SYSTEM_TITLES[type] ?? `fiable.${type}`

/** Whether a file of one type may be given where another is asked for. */
export const isAccepted = (asked: ArtifactType, given: ArtifactType): boolean =>
  asked === 'Artifact' || asked === given
