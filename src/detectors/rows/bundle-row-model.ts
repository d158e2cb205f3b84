import type { GivenSettings } from '../../data/params.ts'
import type { Autoencoder } from './autoencoder.ts'
import type { TrainedMembers } from './calibrate-members.ts'
import type { CategoricalColumn } from './columns/categorical.ts'
import type { Hybrid } from './hybrid.ts'
import type { Neighbourhood } from './nearest-neighbours.ts'
import { type Member, rowModelFile } from './row-model-graph.ts'
import { FORMAT, type RowModelMetadata } from './row-model-metadata.ts'

/** What a row model says of itself that its training does not tell. */
export interface RowModelTitle {
  readonly name: string
  readonly description?: string
  readonly owner?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Version of Fiable, as the model's training framework. */
  readonly version: string
}

/** All parts of a row model. */
export interface RowModelParts extends TrainedMembers {
  readonly hybrid: Hybrid
  /** By member, all of them. */
  readonly settings: Readonly<Record<string, GivenSettings>>
  /** Rows learnt from, and rows held out. */
  readonly rows: RowModelMetadata['rows']
}

/** A row model as one self-contained ONNX file, with what it says of itself. */
export interface BundledRowModel {
  readonly file: Uint8Array
  readonly metadata: RowModelMetadata
}

/** Puts the parts of a row model into one file; same parts, same bytes. */
export function bundleRowModel(parts: RowModelParts, title: RowModelTitle): BundledRowModel {
  const metadata = describe(parts, title)
  return { file: rowModelFile(parts, metadata), metadata }
}

function describe(
  { transformer, members, settings, rows }: RowModelParts,
  title: RowModelTitle,
): RowModelMetadata {
  const network = members.find(({ name }) => name === 'autoencoder')?.fitted.state as Autoencoder | undefined
  return {
    format: FORMAT,
    name: title.name,
    description: title.description ?? '',
    owner: title.owner ?? '',
    model_type: members.map(({ name }) => name).join(' + '),
    training_framework: { name: 'fiable', version: title.version },
    hyperparameters: settings,
    labels: title.labels ?? {},
    members: members.map(({ name }) => name),
    columns: transformer.columns.map(({ fitted, ...column }) => ({
      ...column,
      categories: column.kind === 'categorical' ? namedCategories(fitted as CategoricalColumn) : [],
    })),
    leftOut: transformer.leftOut,
    rows,
    learningCurve: network?.curve ?? [],
  }
}

/** A column of more categories has too many for one of them to be expected. */
const CATEGORIES = 14

const namedCategories = ({ values }: CategoricalColumn): readonly string[] =>
  values.length <= CATEGORIES ? values : []

/** Which of the rows learnt from similar ones are named from, in the order of `similar_rows`; null without nearest neighbours. */
export function keptPlaces(members: readonly Member[]): Int32Array | null {
  const near = members.find(({ name }) => name === 'nearest-neighbours')?.fitted.state
  return near === undefined ? null : (near as Neighbourhood).chosen
}
