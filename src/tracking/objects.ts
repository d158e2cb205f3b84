import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { FiableError } from '../data/errors.ts'
import { type Artifacts, digestOfFile } from './artifacts.ts'

/** Files by the SHA-256 of their content, wherever they are kept. */
export interface Objects {
  /** Stores a file, which is moved or removed; returns its digest. */
  adopt(file: string): Promise<string>
  /**
   * The path of a local copy, to be read only; its content is compared with its name.
   *
   * @throws FiableError STORE_CORRUPT when it is missing or not what its digest says.
   */
  pathOf(digest: string): Promise<string>
  /** A fresh path on the disk from which files are adopted. */
  scratch(extension: string): string
  /** Where others find it. */
  uriOf(digest: string): string
  has(digest: string): Promise<boolean>
}

/** Objects in the folder of a store, which the machines of a fleet may share. */
export function folderObjects(artifacts: Artifacts): Objects {
  const verify = verifier()
  return {
    adopt: (file) => artifacts.adopt(file),
    scratch: (extension) => artifacts.scratch(extension),
    uriOf: (digest) => `artifact:${digest}`,
    has: async (digest) => (await stat(artifacts.pathOf(digest)).catch(() => null)) !== null,
    async pathOf(digest) {
      const file = artifacts.pathOf(digest)
      await verify(file, digest)
      return file
    },
  }
}

/** Checks a file against its digest, once while its size and time stay the same. */
export function verifier(): (file: string, digest: string) => Promise<void> {
  const seen = new Map<string, string>()
  return async (file, digest) => {
    const found = await stat(file).catch(() => null)
    if (!found) throw broken(digest, `it is missing (${file})`)
    const stamp = `${found.size} ${found.mtimeMs} ${found.ino}`
    if (seen.get(digest) === stamp) return
    const actual = await digestOfFile(file)
    if (actual !== digest) throw broken(digest, `its content has the digest ${actual} (${file})`)
    seen.set(digest, stamp)
  }
}

export const broken = (digest: string, why: string): FiableError =>
  new FiableError(
    'STORE_CORRUPT',
    `The artifact ${digest} cannot be used: ${why}.`,
    'Restore it from a backup, or run again without the cache what made it.',
  )

/** Moves a file, also from one disk to another. */
export async function moveFile(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true })
  await rename(from, to).catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EXDEV') throw cause
    await copyFile(from, to)
    await rm(from)
  })
}
