import type { RowSample, SampleColumn } from '../data/profile.ts'

/**
 * Samples one below the other: the columns that all of them have with the storage of the last.
 *
 * @param samples - At least one.
 */
export function stackSamples(samples: readonly RowSample[]): RowSample {
  const newest = samples.at(-1)!
  const rows = samples.reduce((sum, sample) => sum + sample.rows, 0)
  const columns = newest.columns.flatMap((column) => {
    const parts = samples.map((sample) => sample.columns.find((other) => isSame(other, column)))
    return parts.every((part) => part !== undefined) ? [stackColumn(parts, rows)] : []
  })
  return { rows, of: samples.reduce((sum, sample) => sum + sample.of, 0), columns }
}

const isSame = (a: SampleColumn, b: SampleColumn): boolean =>
  a.column.name === b.column.name && a.column.storage === b.column.storage

function stackColumn(parts: readonly SampleColumn[], rows: number): SampleColumn {
  const codes = new Uint32Array(rows)
  const places = new Map<number | string, number>()
  let at = 0
  for (const part of parts) {
    const renumbered = Uint32Array.from(part.values as readonly (number | string)[], (value) => {
      let place = places.get(value)
      if (place === undefined) places.set(value, (place = places.size + 1))
      return place
    })
    for (const code of part.codes) codes[at++] = code === 0 ? 0 : renumbered[code - 1]!
  }
  return { column: parts.at(-1)!.column, codes, values: [...places.keys()] as number[] | string[] }
}
