import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { fileError } from './file-stamp.ts'

/** SHA-256 of a text, as hex. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * SHA-256 of a file's bytes, as hex, read as a stream.
 *
 * @throws FiableError NOT_READABLE, SOURCE_CHANGED.
 */
export async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk)
  } catch (cause) {
    throw fileError(file, cause)
  }
  return hash.digest('hex')
}
