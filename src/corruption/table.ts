import type { Column, Storage } from '../data/column.ts'
import type { RowSample, SampleColumn } from '../data/profile.ts'

/** A whole batch in memory, dictionary-coded column by column: millions of rows without one object per row. */
export type Table = Pick<RowSample, 'rows' | 'columns'>

/** A cell: a number (booleans 0/1, times epoch ms), a text, or null. */
export type Cell = number | string | null

/** The cell of a column at a row. */
export function cellAt(column: SampleColumn, row: number): Cell {
  const code = column.codes[row]!
  return code === 0 ? null : column.values[code - 1]!
}

/** The column of that name, if any. */
export const columnNamed = (table: Table, name: string): SampleColumn | undefined =>
  table.columns.find(({ column }) => column.name === name)

/** A column from its cells; equal cells share a code. */
export function columnOf(column: Column, cells: readonly Cell[]): SampleColumn {
  const codes = new Uint32Array(cells.length)
  const byValue = new Map<Cell, number>()
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]!
    if (cell === null) continue
    let code = byValue.get(cell)
    if (code === undefined) {
      code = byValue.size + 1
      byValue.set(cell, code)
    }
    codes[row] = code
  }
  return { column, codes, values: [...byValue.keys()] as readonly number[] | readonly string[] }
}

/** A table from named columns of cells; the storage of each is read off its first cell that is not null. */
export function tableOf(
  columns: Readonly<Record<string, readonly Cell[]>>,
  storages: Readonly<Record<string, Storage>> = {},
): Table {
  const built = Object.entries(columns).map(([name, cells]) =>
    columnOf(describe(name, cells, storages[name]), cells),
  )
  return { rows: built[0]?.codes.length ?? 0, columns: built }
}

const TYPES: Readonly<Record<Storage, string>> = {
  number: 'DOUBLE',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
  nested: 'VARCHAR',
}

function describe(name: string, cells: readonly Cell[], given: Storage | undefined): Column {
  const storage = given ?? (typeof cells.find((cell) => cell !== null) === 'string' ? 'string' : 'number')
  return { name, type: TYPES[storage], storage }
}
