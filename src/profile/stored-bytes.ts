import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { FiableError, messageOf } from '../data/errors.ts'

/** What kind of content some bytes hold: named for people, and marked by the first four bytes. */
export interface StoredKind {
  readonly name: string
  readonly mark: Buffer
  /** Newest version that is read. */
  readonly version: number
}

/** A third of the time of the default, for a twentieth more bytes. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Content as bytes to store: the mark of its kind, one byte of version, and the content compressed by zstd. */
export const seal = (mark: Buffer, version: number, content: string | Uint8Array): Buffer =>
  Buffer.concat([mark, Buffer.from([version]), zstdCompressSync(content, FAST)])

/** Whether bytes begin with a mark. */
export const isMarked = (bytes: Buffer, mark: Buffer): boolean => bytes.subarray(0, mark.length).equals(mark)

/**
 * Makes of stored bytes what was sealed in them.
 *
 * @param parse - Makes it of the content; what it throws says that the content is damaged.
 * @throws FiableError STORE_NEWER when a newer version of Fiable wrote them; STORE_CORRUPT when they are of no such kind.
 */
export function unseal<T>(kind: StoredKind, bytes: Buffer, parse: (content: Buffer) => T): T {
  const version = bytes[kind.mark.length]
  if (!isMarked(bytes, kind.mark) || version === undefined)
    throw corrupt(kind, 'they do not begin as one does')
  if (version > kind.version) throw newer(kind, version)
  try {
    return parse(zstdDecompressSync(bytes.subarray(kind.mark.length + 1)))
  } catch (cause) {
    throw corrupt(kind, messageOf(cause), cause)
  }
}

const newer = ({ name, version: known }: StoredKind, version: number): FiableError =>
  new FiableError(
    'STORE_NEWER',
    `A stored ${name} is of version ${version}; this version of Fiable reads up to ${known}.`,
    'Update Fiable to the version that wrote it, or profile the batch again.',
  )

const corrupt = ({ name }: StoredKind, why: string, cause?: unknown): FiableError =>
  new FiableError(
    'STORE_CORRUPT',
    `Stored bytes are not a ${name}: ${why}.`,
    'Profile the batch again; if it happens twice, check the disk.',
    { cause },
  )
