import { FiableError, messageOf } from '../../data/errors.ts'
import type { GivenSettings } from '../../data/params.ts'
import { readMetadata } from '../../onnx/model-file.ts'
import type { ColumnKindName, FedColumn } from './transformer.ts'

/** Key of a row model's own metadata in its file. */
export const METADATA_KEY = 'fiable.row-model'
/** Raised when what is stored under the key changes its meaning. */
export const FORMAT = 1

/** A column of a row model: how it is fed, and how its expected codes read. */
export interface ModelColumn extends FedColumn {
  readonly kind: ColumnKindName
  /** Categories in the order of their codes, from code 2 on; empty for other kinds, and where there are more than 14. */
  readonly categories: readonly string[]
}

/** What a row model says of itself, in its file; named as model registries name it. */
export interface RowModelMetadata {
  readonly format: typeof FORMAT
  readonly name: string
  readonly description: string
  readonly owner: string
  readonly model_type: string
  readonly training_framework: { readonly name: string; readonly version: string }
  readonly hyperparameters: Readonly<Record<string, GivenSettings>>
  readonly labels: Readonly<Record<string, string>>
  /** Members, in the order of their scores. */
  readonly members: readonly string[]
  /** Columns, in the order of their scores. */
  readonly columns: readonly ModelColumn[]
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
  /** Rows learnt from, and rows held out. */
  readonly rows: { readonly learnt: number; readonly heldOut: number }
  /** Loss of the autoencoder after each run of steps; empty without one. */
  readonly learningCurve: readonly (readonly [learnt: number, heldOut: number])[]
}

/**
 * Reads what a row model says of itself.
 *
 * @throws FiableError MALFORMED_FILE for a damaged file, UNSUPPORTED_FORMAT for an ONNX file that is no row model, or one
 *   of a newer Fiable.
 */
export function rowModelMetadata(file: Uint8Array): RowModelMetadata {
  const text = readMetadata(file).get(METADATA_KEY)
  if (text === undefined) throw foreign()
  const metadata = parse(text)
  if (metadata.format !== FORMAT) throw newer(metadata.format)
  return metadata
}

function parse(text: string): RowModelMetadata {
  try {
    return JSON.parse(text) as RowModelMetadata
  } catch (cause) {
    throw new FiableError(
      'MALFORMED_FILE',
      `The row model's description of itself is damaged: ${messageOf(cause)}.`,
      'Train the model again, or restore the file.',
      { cause },
    )
  }
}

const foreign = () =>
  new FiableError(
    'UNSUPPORTED_FORMAT',
    `The file is an ONNX model, but no row model of Fiable: it has no metadata ${METADATA_KEY}.`,
    'Give a file that `fiable train` wrote.',
  )

const newer = (format: unknown) =>
  new FiableError(
    'UNSUPPORTED_FORMAT',
    `The row model has format ${format}; this Fiable reads format ${FORMAT}.`,
    'Update Fiable, or train the model again.',
  )
