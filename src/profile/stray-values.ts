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
  let kept = 0
  let stray = 0
  let looked = 0
  for (let i = 0; i < hashes.length; i++) {
    const hash = hashes[i]!
    if (!isKept(hash, past.values.level)) continue
    kept += counts[i]!
    if (hasKey(past.values, hash) || ++looked > MOST_VALUES) continue
    if (others.some(({ values }) => isKept(hash, values.level) && hasKey(values, hash))) stray += counts[i]!
  }
  return kept === 0 ? [] : [novelty('strayValueFraction', stray / kept, kept)]
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
