import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { FiableError, messageOf } from '../data/errors.ts'
import { fileError, systemCode } from './file-stamp.ts'

type Chunks = AsyncIterable<Buffer>
type Rewrite = (chunks: Chunks) => AsyncIterable<string | Buffer>

async function copyThrough(from: string, to: string, rewrite: Rewrite): Promise<void> {
  try {
    await pipeline(createReadStream(from, { highWaterMark: 1 << 20 }), rewrite, createWriteStream(to))
  } catch (cause) {
    await rm(to, { force: true })
    throw fileError(from, cause)
  }
}

/**
 * Unpacks a gzip file; DuckDB would read a cut-short one as an empty table, zlib checks its length and sum.
 *
 * @throws FiableError MALFORMED_FILE when the archive is damaged, DISK_FULL, NOT_READABLE.
 */
export async function unpack(from: string, to: string): Promise<void> {
  try {
    await pipeline(createReadStream(from), createGunzip(), createWriteStream(to))
  } catch (cause) {
    await rm(to, { force: true })
    if (!/^Z_|ERR_/.test(systemCode(cause) ?? '')) throw fileError(from, cause)
    throw new FiableError(
      'MALFORMED_FILE',
      `${from} is a damaged gzip archive: ${messageOf(cause)}.`,
      'Compress or copy the file again, and check it with `gzip -t`.',
      { cause },
    )
  }
}

/** An encoding of text that is not UTF-8. */
export type ForeignEncoding = 'utf-16le' | 'utf-16be' | 'windows-1252'

/** Copies a text as UTF-8. */
export const transcode = (from: string, to: string, encoding: ForeignEncoding): Promise<void> =>
  copyThrough(from, to, async function* (chunks) {
    const decoder = new TextDecoder(encoding)
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  })

/** Copies a text with every line end (`\r\n`, `\r`) as `\n`. */
export const unifyLineEnds = (from: string, to: string): Promise<void> =>
  copyThrough(from, to, async function* (chunks) {
    let held = ''
    for await (const chunk of chunks) {
      const text = held + chunk.toString('latin1')
      held = text.endsWith('\r') ? '\r' : ''
      yield Buffer.from(text.slice(0, text.length - held.length).replace(/\r\n?/g, '\n'), 'latin1')
    }
    yield held ? '\n' : ''
  })

/** UTF-16 by its byte order mark, or by the zero bytes of its ASCII half; null when it is another encoding. */
export function utf16Of(head: Buffer): ForeignEncoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const zeros = [0, 0]
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 2]!++
  const [even, odd] = zeros as [number, number]
  if (odd > head.length / 5 && even < odd / 10) return 'utf-16le'
  return even > head.length / 5 && odd < even / 10 ? 'utf-16be' : null
}

/** Where a text leaves UTF-8, and whether it had used UTF-8 beyond ASCII as well. */
export interface EncodingBreak {
  /** 1-based. */
  readonly line: number
  /** The line as windows-1252, at most 80 characters. */
  readonly excerpt: string
  /** First line with a valid multi-byte UTF-8 character, 1-based; null when there is none. */
  readonly utf8Line: number | null
}

/** Finds the first line of a file that is not UTF-8; null when all are. */
export async function findEncodingBreak(file: string): Promise<EncodingBreak | null> {
  let line = 0
  let broken: Omit<EncodingBreak, 'utf8Line'> | null = null
  let utf8Line: number | null = null
  for await (const bytes of linesOf(file)) {
    line++
    if (isAscii(bytes)) continue
    if (isUtf8(bytes)) utf8Line ??= line
    else broken ??= { line, excerpt: new TextDecoder('windows-1252').decode(bytes).slice(0, 80) }
  }
  return broken && { ...broken, utf8Line }
}

const isAscii = (bytes: Buffer): boolean => bytes.every((byte) => byte < 0x80)

function isUtf8(bytes: Buffer): boolean {
  return !bytes.toString('utf8').includes('\ufffd') || Buffer.from(bytes.toString('utf8')).equals(bytes)
}

/** The lines of a file as bytes, without their line feeds. */
export async function* linesOf(file: string): AsyncIterable<Buffer> {
  let held: Buffer[] = []
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as Chunks) {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, at)])
      held = []
      from = at + 1
    }
    if (from < chunk.length) held.push(chunk.subarray(from))
  }
  if (held.length > 0) yield Buffer.concat(held)
}
