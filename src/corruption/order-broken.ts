import type { SampleColumn } from '../data/profile.ts'
import { defineCorruption, isNumber, isTime } from './corruption.ts'
import { cellAt } from './table.ts'

/** An end before its start. */
export const orderBroken = defineCorruption({
  name: 'order-broken',
  summary: 'Two columns exchange their values where the first is not the larger.',
  dimension: 'consistency',
  takes: 2,
  params: {},
  accepts: ([a, b], table) =>
    a !== b &&
    a!.column.storage === b!.column.storage &&
    (isNumber(a!) || isTime(a!)) &&
    areOrdered(a!, b!, table.rows),
  spoil({ draft, columns: [start, end], rows }) {
    for (const row of rows) {
      const [first, last] = [draft.get(start!, row), draft.get(end!, row)]
      if (first === null || last === null || first > last) continue
      draft.set(start!, row, last)
      draft.set(end!, row, first)
    }
  },
})

/** Nearly all rows have the first no larger than the second: an order that can be broken. */
function areOrdered(a: SampleColumn, b: SampleColumn, rows: number): boolean {
  let ordered = 0
  for (let row = 0; row < rows; row++) {
    const [first, last] = [cellAt(a, row), cellAt(b, row)]
    if (first !== null && last !== null && first < last) ordered++
  }
  return ordered > 0.9 * rows
}
