import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import { FiableError, messageOf } from '../data/errors.ts'
import { type Artifacts, digestOfFile } from './artifacts.ts'
import { type Objects, verifier } from './objects.ts'

/**
 * Objects in a bucket, with the files of a local store as their cache.
 *
 * @param place - `s3://bucket/prefix`; `?endpoint=http://host:port` names a server other than Amazon's. Keys and region are
 * read from the environment, as every AWS tool does.
 * @throws FiableError BAD_ARGUMENT when the place names no bucket.
 */
export async function s3Objects(place: string, cache: Artifacts): Promise<Objects> {
  const { s3, client, Bucket: bucket, prefix } = await openBucket(place)
  const keyOf = (digest: string): string => path.posix.join(prefix, digest.slice(0, 2), digest)
  const verify = verifier()
  const has = async (digest: string): Promise<boolean> => {
    try {
      await client.send(new s3.HeadObjectCommand({ Bucket: bucket, Key: keyOf(digest) }))
      return true
    } catch (thrown) {
      if (statusOf(thrown) === 404) return false
      throw s3Error(thrown, place)
    }
  }
  return {
    has,
    scratch: (extension) => cache.scratch(extension),
    uriOf: (digest) => `s3://${bucket}/${keyOf(digest)}`,
    async adopt(file) {
      const digest = await digestOfFile(file)
      if (!(await has(digest))) await put(client, { file, bucket, key: keyOf(digest), place })
      return cache.adopt(file)
    },
    async pathOf(digest) {
      const local = cache.pathOf(digest)
      const isCached = (await stat(local).catch(() => null)) !== null
      if (!isCached)
        await fetchObject(client, { bucket, key: keyOf(digest), part: cache.scratch('.part'), local, place })
      await verify(local, digest)
      return local
    },
  }
}

/**
 * A bucket and the prefix in it that a place names.
 *
 * @throws FiableError BAD_ARGUMENT when it names no bucket.
 */
export async function openBucket(place: string) {
  const { hostname: Bucket, pathname, searchParams } = new URL(place)
  if (!Bucket) throw new FiableError('BAD_ARGUMENT', `${place} names no bucket.`, 'Write s3://bucket/prefix.')
  const s3 = await import('@aws-sdk/client-s3')
  const client = new s3.S3Client(clientOptions(searchParams.get('endpoint')))
  return { s3, client, Bucket, prefix: pathname.replace(/^\/|\/$/g, '') }
}

const clientOptions = (endpoint: string | null) => ({
  ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
  ...(process.env.AWS_REGION ? {} : { region: 'us-east-1' }),
  // Servers other than Amazon's refuse the checksums that are sent by default.
  requestChecksumCalculation: 'WHEN_REQUIRED' as const,
  responseChecksumValidation: 'WHEN_REQUIRED' as const,
})

async function put(
  client: S3Client,
  { file, bucket, key, place }: { file: string; bucket: string; key: string; place: string },
): Promise<void> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3')
  const { size } = await stat(file)
  try {
    const Body = createReadStream(file)
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: size }))
  } catch (thrown) {
    throw s3Error(thrown, place)
  }
}

interface Fetching {
  readonly bucket: string
  readonly key: string
  readonly part: string
  readonly local: string
  readonly place: string
}

async function fetchObject(client: S3Client, { bucket, key, part, local, place }: Fetching): Promise<void> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3')
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    await pipeline(Body as Readable, createWriteStream(part))
    await mkdir(path.dirname(local), { recursive: true })
    await rename(part, local)
  } catch (thrown) {
    await rm(part, { force: true })
    if (statusOf(thrown) !== 404) throw s3Error(thrown, place)
    throw new FiableError(
      'STORE_CORRUPT',
      `The artifact ${path.basename(key)} is missing from ${place}.`,
      'Restore it from a backup, or run again without the cache what made it.',
      { cause: thrown },
    )
  }
}

/** Status of the answer that a request failed with. */
export const statusOf = (thrown: unknown): number | undefined =>
  (thrown as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode

/** What went wrong with a bucket, as an error of ours. */
export const s3Error = (cause: unknown, place: string): FiableError =>
  new FiableError(
    'NOT_READABLE',
    `The artifacts at ${place.replace(/\?.*/, '')} cannot be reached: ${messageOf(cause) || String(cause)}.`,
    'Check the bucket, the endpoint, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    { cause },
  )
