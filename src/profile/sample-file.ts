import { readFile } from 'node:fs/promises'
import { storageOf } from '../data/column.ts'
import { FiableError } from '../data/errors.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'
import type { Engine } from '../engines/duckdb.ts'
import { isParquet, readParquetSample } from './parquet-sample.ts'
import { joinContent, type StoredKind, seal, splitContent, unseal } from './stored-bytes.ts'

const SAMPLE: StoredKind = { name: 'row sample', mark: Buffer.from('FIAS'), version: 2 }

/**
 * What a stored sample begins with, as JSON after its length. The codes of all columns follow, then their numbers: they
 * compress better among their like.
 */
interface Header {
  readonly rows: number
  readonly of: number
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    /** Texts themselves, or how many numbers follow. */
    readonly values: number | readonly string[]
  }[]
}

/**
 * A sample as bytes to store: exact for every value, NaN and lone surrogates included.
 *
 * Codes take one, two or four bytes, as few as tell the values of their column apart.
 */
export function encodeSample({ rows, of, columns }: RowSample): Buffer {
  const header: Header = { rows, of, columns: columns.map(headerOf) }
  const arrays = [...columns.map(codesOf), ...columns.flatMap(numbersOf)]
  return seal(SAMPLE.mark, SAMPLE.version, joinContent(header, arrays))
}

function headerOf({ column: { name, type }, values }: SampleColumn): Header['columns'][number] {
  return { name, type, values: isText(type) ? (values as readonly string[]) : values.length }
}

const codesOf = ({ codes, values }: SampleColumn) => new (codeArray(values.length))(codes)

const numbersOf = ({ column: { type }, values }: SampleColumn): readonly Float64Array<ArrayBuffer>[] =>
  isText(type) ? [] : [new Float64Array(values as readonly number[])]

const isText = (type: string): boolean => ['string', 'nested'].includes(storageOf(type))

/** The narrowest array that holds the codes of so many values, and 0. */
const codeArray = (values: number) =>
  values < 2 ** 8 ? Uint8Array : values < 2 ** 16 ? Uint16Array : Uint32Array

/**
 * Reads a file of what `encodeSample` made, or of what earlier versions wrote.
 *
 * @throws FiableError STORE_CORRUPT when the file holds no sample; STORE_NEWER when a newer version wrote it.
 */
export async function readSample(engine: Engine, path: string): Promise<RowSample> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new FiableError(
      'STORE_CORRUPT',
      `The row sample ${path} cannot be read.`,
      'Profile the batch again; if it happens twice, check the disk.',
      { cause },
    )
  })
  return isParquet(bytes)
    ? readParquetSample(engine, path)
    : unseal({ ...SAMPLE, name: `row sample (${path})` }, bytes, parse)
}

const parse = (content: Buffer): RowSample =>
  splitContent(content, ({ rows, of, columns }: Header, take) => {
    const codes = columns.map(({ values }) => {
      const Codes = codeArray(typeof values === 'number' ? values : values.length)
      return new Uint32Array(new Codes(take(Codes.BYTES_PER_ELEMENT * rows)))
    })
    const read = columns.map(
      ({ name, type, values }, i): SampleColumn => ({
        column: { name, type, storage: storageOf(type) },
        codes: codes[i]!,
        values: typeof values === 'number' ? [...new Float64Array(take(8 * values))] : values,
      }),
    )
    return { rows, of, columns: read }
  })
