import { type HashList, maskOf, openHashList } from './hash-list.ts'
import type { Kernel } from './kernel.ts'
import { combine } from './profile-sample.ts'
import { rowHashSql } from './reading.ts'
import { ROW_KEY_BUDGET, type RowCounts, rowKeysOf } from './row-keys.ts'
import type { ScanInput } from './scan.ts'
import { sliceChunks } from './slices.ts'

/**
 * Counts the rows of a file by their hashes: exactly while these fit half the memory given, else by a sample of them.
 */
export async function scanRowCounts(input: ScanInput, kernel: Kernel): Promise<RowCounts> {
  const list = openHashList(kernel, input.rows, (input.memoryMb * 2 ** 20) / 16)
  const groups = rowHashSql(input.found)
  if (groups.length === 1) await readHashes(input, groups[0]!, { kernel, list })
  else await readCombined(input, groups, { kernel, list })
  const { distinct, repeats } = list.count()
  return { duplicateRows: repeats, rowKeys: keysOf(kernel, list, distinct.value) }
}

interface Into {
  readonly kernel: Kernel
  readonly list: HashList
}

async function readHashes(input: ScanInput, hash: string, { kernel, list }: Into): Promise<void> {
  for await (const chunk of sliceChunks(input, hash)) {
    kernel.words(list.room(chunk.rowCount), 2 * chunk.rowCount).set(chunk.words(0))
    list.wrote(chunk.rowCount)
  }
}

/** Hashes of many columns, group after group so that few columns are read at once, combined row by row. */
async function readCombined(
  input: ScanInput,
  groups: readonly string[],
  { kernel, list }: Into,
): Promise<void> {
  const words = new Uint32Array(2 * input.rows)
  for (const hash of groups) {
    let at = 0
    for await (const chunk of sliceChunks(input, hash)) {
      const hashes = chunk.words(0)
      for (let i = 0; i < hashes.length; i += 2) combine(words, at + i, hashes[i]!, hashes[i + 1]!)
      at += hashes.length
    }
  }
  for (let first = 0; first < words.length; first += 4096) {
    const part = words.subarray(first, first + 4096)
    kernel.words(list.room(part.length / 2), part.length).set(part)
    list.wrote(part.length / 2)
  }
}

/** The row keys within budget: counted at the level that should keep up to twice too many, else below it. */
function keysOf(kernel: Kernel, list: HashList, distinctRows: number): RowCounts['rowKeys'] {
  let level = Math.max(list.level, Math.floor(Math.log2(distinctRows / ROW_KEY_BUDGET)))
  let keys = keysAt(kernel, list, level)
  while (keys.counts.length < ROW_KEY_BUDGET && keys.level === level && level > list.level)
    keys = keysAt(kernel, list, --level)
  return keys
}

/** The row keys within budget among the hashes of a level. */
function keysAt(kernel: Kernel, list: HashList, start: number): RowCounts['rowKeys'] {
  const mark = kernel.mark()
  const kept = kernel.allocate(list.size * 8)
  const size = kernel.run.filter(list.pointer, kept, list.size, maskOf(start))
  const found = rowKeysOf(kernel.words(kept, 2 * size), start)
  kernel.release(mark)
  return found
}
