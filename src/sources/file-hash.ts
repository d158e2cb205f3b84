import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { fileError } from './file-stamp.ts'

/** SHA-256 of a text, as hex. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex')

const PART_BYTES = 1 << 20

/**
 * SHA-256 of a file's bytes, as hex, read part by part into one buffer: a stream would leave the whole file as garbage.
 *
 * @throws FiableError NOT_READABLE, SOURCE_CHANGED.
 */
export async function fileHash(file: string): Promise<string> {
  try {
    await using handle = await open(file)
    const hash = createHash('sha256')
    const part = Buffer.allocUnsafe(PART_BYTES)
    for (let bytes = await readPart(handle, part); bytes > 0; bytes = await readPart(handle, part))
      hash.update(part.subarray(0, bytes))
    return hash.digest('hex')
  } catch (cause) {
    throw fileError(file, cause)
  }
}

async function readPart(handle: FileHandle, into: Buffer): Promise<number> {
  return (await handle.read(into, 0, into.length, null)).bytesRead
}
