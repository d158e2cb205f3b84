import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FiableError, messageOf } from '../data/errors.ts'

/** Files named by the SHA-256 of their content: written once, never changed, shared by all who hold the digest. */
export interface Artifacts {
  /** Stores bytes; returns their digest. Storing the same bytes twice is one file. */
  put(bytes: Uint8Array): Promise<string>
  /** Moves a file in; it must lie on the same disk. Returns its digest. */
  adopt(file: string): Promise<string>
  get(digest: string): Promise<Buffer>
  /** Where the file lies, for an engine that reads by path. */
  pathOf(digest: string): string
  /** A fresh path on the same disk, for a file that will be adopted. */
  scratch(extension: string): string
}

/** Artifacts in a folder, with a `tmp` folder beside them for what is still being written. */
export async function openArtifacts(folder: string): Promise<Artifacts> {
  const scratchFolder = path.join(folder, 'tmp')
  await mkdir(scratchFolder, { recursive: true })
  const pathOf = (digest: string): string => path.join(folder, digest.slice(0, 2), digest)
  const scratch = (extension: string): string =>
    path.join(scratchFolder, `${process.pid}-${randomUUID()}${extension}`)
  const adopt = async (file: string): Promise<string> => {
    const digest = await digestOfFile(file)
    await install(file, pathOf(digest))
    return digest
  }
  return {
    pathOf,
    scratch,
    adopt,
    get: (digest) => read(pathOf(digest), digest),
    async put(bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex')
      const file = scratch('.part')
      await guardWrite(() => writeFile(file, bytes), file)
      await install(file, pathOf(digest))
      return digest
    },
  }
}

/** SHA-256 of a file, hex, read as a stream. */
export async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function install(file: string, target: string): Promise<void> {
  const exists = await access(target).then(
    () => true,
    () => false,
  )
  if (exists) return rm(file)
  await guardWrite(async () => {
    await mkdir(path.dirname(target), { recursive: true })
    await flush(file)
    await rename(file, target)
  }, target)
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.sync().finally(() => handle.close())
}

async function guardWrite(work: () => Promise<void>, file: string): Promise<void> {
  try {
    await work()
  } catch (cause) {
    await rm(file, { force: true })
    const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'DISK_FULL' : 'NOT_READABLE'
    throw new FiableError(
      code,
      `${file} could not be written: ${messageOf(cause)}.`,
      'Free space or check permissions, then run again; nothing half is stored.',
      { cause },
    )
  }
}

async function read(file: string, digest: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new FiableError(
      'STORE_CORRUPT',
      `The artifact ${digest} is missing from the store (${file}): ${messageOf(cause)}.`,
      'Restore the store from a backup, or check its batches again in a new store.',
      { cause },
    )
  }
}
