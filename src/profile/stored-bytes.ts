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
 * @param parse - Makes it of the content and its version; what it throws says that the content is damaged.
 * @throws FiableError STORE_NEWER when a newer version of Fiable wrote them; STORE_CORRUPT when they are of no such kind.
 */
export function unseal<T>(
  kind: StoredKind,
  bytes: Buffer,
  parse: (content: Buffer, version: number) => T,
): T {
  const version = bytes[kind.mark.length]
  if (!isMarked(bytes, kind.mark) || version === undefined)
    throw corrupt(kind, 'they do not begin as one does')
  if (version > kind.version) throw newer(kind, version)
  try {
    return parse(zstdDecompressSync(bytes.subarray(kind.mark.length + 1)), version)
  } catch (cause) {
    throw corrupt(kind, messageOf(cause), cause)
  }
}

/** Content of a header, as JSON after its length, and of arrays one behind the other. */
export const joinContent = (header: unknown, arrays: readonly ArrayBufferView[]): Buffer => {
  const json = Buffer.from(JSON.stringify(header))
  return Buffer.concat([Uint32Array.of(json.length), json, ...arrays].map(bytesOf))
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * Reads what `joinContent` joined: makes something of the header and of the bytes it takes, which must be all.
 *
 * @throws RangeError when bytes are left or lacking.
 */
export function splitContent<Header, T>(
  content: Buffer,
  read: (header: Header, take: (bytes: number) => ArrayBuffer) => T,
): T {
  const { buffer, byteOffset } = content
  let at = 0
  const take = (length: number): ArrayBuffer =>
    buffer.slice(byteOffset + at, byteOffset + (at += length)) as ArrayBuffer
  const [length] = new Uint32Array(take(4))
  const result = read(JSON.parse(Buffer.from(take(length!)).toString()) as Header, take)
  if (at !== content.length) throw new RangeError(`${content.length} bytes where ${at} belong`)
  return result
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
