import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FiableError, messageOf } from '../data/errors.ts'
import { openBucket, s3Error, statusOf } from './s3-objects.ts'

/** Files by their names, for programs of others: a model server, a mounted bucket. */
export interface NamedFiles {
  /** Where others find a file. */
  uriOf(name: string): string
  /** Writes a file, whole or not at all, in place of one of that name. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** The bytes of a file; null when there is none. */
  get(name: string): Promise<Buffer | null>
  remove(name: string): Promise<void>
}

/** SHA-256, hex. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Files in a folder or a bucket.
 *
 * @param place - A folder, or `s3://bucket/prefix`, with `?endpoint=http://host:port` for a server other than Amazon's.
 * @throws FiableError BAD_ARGUMENT when the place names no bucket.
 */
export const openNamedFiles = async (place: string): Promise<NamedFiles> =>
  place.startsWith('s3://') ? inBucket(place) : inFolder(path.resolve(place))

function inFolder(folder: string): NamedFiles {
  const fileOf = (name: string): string => path.join(folder, name)
  return {
    uriOf: fileOf,
    put: (name, bytes) =>
      guarded(folder, async () => {
        const part = `${fileOf(name)}.${process.pid}.part`
        await mkdir(path.dirname(part), { recursive: true })
        await writeFile(part, bytes, { flush: true })
        await rename(part, fileOf(name))
      }),
    get: (name) =>
      guarded(folder, () =>
        readFile(fileOf(name)).catch((thrown: NodeJS.ErrnoException) => {
          if (thrown.code === 'ENOENT') return null
          throw thrown
        }),
      ),
    remove: (name) => guarded(folder, () => rm(fileOf(name), { force: true })),
  }
}

async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'DISK_FULL' : 'NOT_READABLE'
    throw new FiableError(
      code,
      `The folder ${folder} cannot be used: ${messageOf(cause)}.`,
      'Check the path, its permissions and its free space.',
      { cause },
    )
  }
}

async function inBucket(place: string): Promise<NamedFiles> {
  const { s3, client, Bucket, prefix } = await openBucket(place)
  const keyOf = (name: string): string => path.posix.join(prefix, name)
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (thrown) {
      throw s3Error(thrown, place)
    }
  }
  return {
    uriOf: (name) => `s3://${Bucket}/${keyOf(name)}`,
    put: (name, Body) =>
      guard(async () => {
        await client.send(new s3.PutObjectCommand({ Bucket, Key: keyOf(name), Body }))
      }),
    get: (name) =>
      guard(async () => {
        try {
          const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key: keyOf(name) }))
          return Buffer.from(await Body!.transformToByteArray())
        } catch (thrown) {
          if (statusOf(thrown) === 404) return null
          throw thrown
        }
      }),
    remove: (name) =>
      guard(async () => {
        await client.send(new s3.DeleteObjectCommand({ Bucket, Key: keyOf(name) }))
      }),
  }
}
