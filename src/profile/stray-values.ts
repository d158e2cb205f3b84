import { type ColumnHistory, kindOf } from './column-history.ts'
import { hasKey, isKept } from './count-table.ts'
import { type Draft, novelty } from './draft.ts'
import type { History } from './history.ts'
import type { ColumnView } from './view.ts'

/** Other columns looked through, and never-seen values looked up: enough to tell a swap, whatever the table's size. */
const MOST_COLUMNS = 24
const MOST_VALUES = 2000

/**
 * The share of rows whose value was never seen in its column, but is known from another of the same type: what a swap
 * or a shift of columns leaves behind.
 */
export function strayValues(name: string, column: ColumnView, history: History): Draft[] {
  const past = history.columns.get(name)
  const others = past ? othersOf(name, past, history) : []
  if (!past || past.batches === 0 || others.length === 0) return []
  const { hashes } = column
  const { counts } = column.profile.frequencies
  const unseen = new Uint32Array(MOST_VALUES)
  let size = 0
  let kept = 0
  for (let i = 0; i < hashes.length; i++) {
    if (!isKept(hashes[i]!, past.values.level)) continue
    kept += counts[i]!
    if (size < MOST_VALUES && !hasKey(past.values, hashes[i]!)) unseen[size++] = i
  }
  if (kept === 0) return []
  const strays = knownElsewhere(unseen.subarray(0, size), hashes, others)
  const rows = strays.reduce((sum, i) => sum + counts[i]!, 0)
  return [novelty('strayValueFraction', rows / kept, kept)]
}

/** Those of some values that other columns know. Table after table, since each is large. */
function knownElsewhere(
  unseen: Uint32Array,
  hashes: Float64Array,
  others: readonly ColumnHistory[],
): readonly number[] {
  const known: number[] = []
  let left = unseen.length
  for (const { values } of others) {
    let size = 0
    for (let k = 0; k < left; k++) {
      const i = unseen[k]!
      if (isKept(hashes[i]!, values.level) && hasKey(values, hashes[i]!)) known.push(i)
      else unseen[size++] = i
    }
    left = size
  }
  return known
}

const othersOf = (name: string, past: ColumnHistory, history: History): readonly ColumnHistory[] =>
  [...history.columns]
    .filter(
      ([other, { column }]) =>
        other !== name && column.storage === past.column.storage && column.storage !== 'time',
    )
    .slice(0, MOST_COLUMNS)
    .map(([, other]) => other)
    .filter((other) => kindOf(other) !== 'identifier' || past.column.storage !== 'number')
