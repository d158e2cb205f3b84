import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Json } from '../data/json.ts'
import type { Checkpoint } from '../detectors/rows/train-network.ts'

/** Where an interrupted training stands, kept beside the store until it ends. */
export interface CheckpointFile {
  /** Null when there is none, when it is damaged, or when it is of another training. */
  read(): Promise<Checkpoint | null>
  write(checkpoint: Checkpoint): Promise<void>
  remove(): Promise<void>
}

/** The checkpoint of a training that is told from others by what it learns from. */
export function checkpointFile(folder: string, datasetId: number, training: Json): CheckpointFile {
  const key = createHash('sha256').update(JSON.stringify(training)).digest('hex')
  const file = path.join(folder, `training-${datasetId}.checkpoint`)
  return {
    async read() {
      const bytes = await readFile(file).catch(() => null)
      return bytes && parse(bytes, key)
    },
    async write(checkpoint) {
      const part = `${file}.${process.pid}.part`
      await writeFile(part, serialize({ key, checkpoint }))
      await rename(part, file)
    },
    remove: () => rm(file, { force: true }),
  }
}

/** A checkpoint saves time and holds nothing else: a damaged one is as good as none. */
function parse(bytes: Buffer, key: string): Checkpoint | null {
  try {
    const saved = deserialize(bytes) as { readonly key: string; readonly checkpoint: Checkpoint }
    return saved.key === key ? saved.checkpoint : null
  } catch {
    return null
  }
}
