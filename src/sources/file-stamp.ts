import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { FiableError, messageOf } from '../data/errors.ts'

/** Size and time of change of a file: when both are the same, it is taken to be unchanged. */
export interface FileStamp {
  readonly bytes: number
  readonly modifiedMs: number
}

/** The stamp within what `stat` says. */
export const stampOf = (stats: Stats): FileStamp => ({
  bytes: stats.size,
  modifiedMs: Math.trunc(stats.mtimeMs),
})

/** The code of a failed system call, such as `ENOENT`. */
export const systemCode = (thrown: unknown): string | null =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null

/** A failed system call on a file, in the user's words. */
export function fileError(file: string, cause: unknown): FiableError {
  if (cause instanceof FiableError) return cause
  const code = systemCode(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new FiableError(
      'DISK_FULL',
      `The disk is full: ${messageOf(cause)} while copying ${file}.`,
      'Free space, or point TMPDIR and --store at a larger disk.',
      { cause },
    )
  if (code === 'ENOENT')
    return new FiableError(
      'SOURCE_CHANGED',
      `${file} was listed, but is no longer there.`,
      'Run again once the files are in place.',
      { cause },
    )
  return new FiableError(
    'NOT_READABLE',
    `${file} cannot be read: ${messageOf(cause)}.`,
    `Give this user the right to read it, for example \`chmod +r '${file}'\`, then run again.`,
    { cause },
  )
}

async function stampNow(file: string): Promise<FileStamp> {
  try {
    return stampOf(await stat(file))
  } catch (cause) {
    throw fileError(file, cause)
  }
}

async function requireUnchanged(file: string, listed: FileStamp): Promise<void> {
  const now = await stampNow(file)
  if (now.bytes === listed.bytes && now.modifiedMs === listed.modifiedMs) return
  throw new FiableError(
    'SOURCE_CHANGED',
    `${file} changed since it was listed: ${describe(listed)} then, ${describe(now)} now.`,
    'Run again once nothing writes to it; write to another name and rename when complete.',
  )
}

const describe = (stamp: FileStamp): string =>
  `${stamp.bytes} bytes of ${new Date(stamp.modifiedMs).toISOString()}`

/**
 * Does work that reads files, and refuses its result unless every file is, before and after, as it was listed.
 *
 * @throws FiableError SOURCE_CHANGED when a file vanished or has another size or time.
 */
export async function whileUnchanged<T>(
  files: readonly (FileStamp & { readonly path: string })[],
  work: () => Promise<T>,
): Promise<T> {
  const check = async (): Promise<void> => {
    for (const file of files) await requireUnchanged(file.path, file)
  }
  await check()
  const done = await work().catch(async (thrown: unknown) => {
    await check()
    throw thrown
  })
  await check()
  return done
}
