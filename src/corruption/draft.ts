import type { Column } from '../data/column.ts'
import type { SampleColumn } from '../data/profile.ts'
import { type Cell, cellAt, type Table } from './table.ts'

/**
 * A table being spoiled: columns are copied when first written, rows are kept, left out or repeated by their number in
 * the original. The original is never changed, and what changed is told by comparison, not by what a corruption claims.
 */
export interface Draft {
  readonly original: Table
  /** Writes a cell of the original's row. A text in a column of numbers makes it a column of texts. */
  set(column: string, row: number, cell: Cell): void
  /** The cell as it stands. */
  get(column: string, row: number): Cell
  /** Keeps these rows of the original, in this order; a row named twice is duplicated. */
  keepRows(rows: Uint32Array): void
  /** Adds rows of another table with columns of the same names, such as the batch before. */
  appendRows(table: Table, rows: Uint32Array): void
  dropColumn(column: string): void
  renameColumn(column: string, name: string): void
  addColumn(column: Column, cells: (row: number) => Cell): void
  /** The spoiled table with exact labels. */
  finish(): Spoiled
}

/** Origin of a row that came from elsewhere. */
export const NO_ORIGIN = 0xffffffff

/** What became of a table, with exact labels. */
export interface Spoiled {
  readonly table: Table
  /** 1 for rows that are added, repeated, or hold a changed cell. Shape [table.rows]. */
  readonly rowMask: Uint8Array
  /** By column of the spoiled table: 1 for changed cells. Columns without any are absent. Shape [table.rows] each. */
  readonly cellMasks: ReadonlyMap<string, Uint8Array>
  /** Per row: its number in the original, or NO_ORIGIN when it was appended. Shape [table.rows]. */
  readonly origins: Uint32Array
  /** Names of the original's columns that stayed, by what they are called now. */
  readonly names: ReadonlyMap<string, string>
  /** Rows of the original that are gone. */
  readonly removedRows: number
  /** Columns gone, come or renamed. */
  readonly schemaChanges: number
  /** True when the order of kept rows is another. */
  readonly isReordered: boolean
}

interface Writable {
  readonly column: Column
  readonly codes: Uint32Array
  readonly values: Cell[]
  readonly codeOf: Map<Cell, number>
  readonly changed: Uint8Array
  becameText: boolean
}

/** Starts spoiling a table. */
export function draftOf(original: Table): Draft {
  const written = new Map<string, Writable>()
  const renamed = new Map<string, string>()
  const dropped = new Set<string>()
  const added: SampleColumn[] = []
  let order: Uint32Array | null = null
  let appended: { readonly table: Table; readonly rows: Uint32Array } | null = null
  const source = (name: string): SampleColumn => original.columns.find(({ column }) => column.name === name)!
  const writable = (name: string): Writable => {
    const known = written.get(name)
    if (known) return known
    const opened = openColumn(source(name), original.rows)
    written.set(name, opened)
    return opened
  }
  return {
    original,
    set: (name, row, cell) => write(writable(name), row, cell),
    get: (name, row) => {
      const open = written.get(name)
      return open ? readCell(open, row) : cellAt(source(name), row)
    },
    keepRows: (rows) => void (order = rows),
    appendRows: (table, rows) => void (appended = { table, rows }),
    dropColumn: (name) => void dropped.add(name),
    renameColumn: (name, to) => void renamed.set(name, to),
    addColumn: (column, cells) => void added.push(addedColumn(column, original.rows, cells)),
    finish: () => assemble(original, { written, renamed, dropped, added, order, appended }),
  }
}

function openColumn({ column, codes, values }: SampleColumn, rows: number): Writable {
  const codeOf = new Map<Cell, number>()
  for (let i = 0; i < values.length; i++) codeOf.set(values[i]!, i + 1)
  return {
    column,
    codes: codes.slice(),
    values: [...values],
    codeOf,
    changed: new Uint8Array(rows),
    becameText: false,
  }
}

const readCell = ({ codes, values }: Writable, row: number): Cell =>
  codes[row] === 0 ? null : values[codes[row]! - 1]!

function write(open: Writable, row: number, cell: Cell): void {
  if (readCell(open, row) === cell) return
  open.changed[row] = 1
  if (typeof cell === 'string' && open.column.storage !== 'string') open.becameText = true
  if (cell === null) {
    open.codes[row] = 0
    return
  }
  let code = open.codeOf.get(cell)
  if (code === undefined) {
    code = open.values.push(cell)
    open.codeOf.set(cell, code)
  }
  open.codes[row] = code
}

function addedColumn(column: Column, rows: number, cells: (row: number) => Cell): SampleColumn {
  const open: Writable = {
    column,
    codes: new Uint32Array(rows),
    values: [],
    codeOf: new Map(),
    changed: new Uint8Array(rows),
    becameText: false,
  }
  for (let row = 0; row < rows; row++) write(open, row, cells(row))
  return closeColumn(open, column.name)
}

/** A column of numbers that took a text is one of texts: its numbers are written out. */
function closeColumn({ column, codes, values, becameText }: Writable, name: string): SampleColumn {
  const described = becameText ? { name, type: 'VARCHAR', storage: 'string' as const } : { ...column, name }
  const cells = becameText ? values.map((value) => textOf(value, column)) : values
  return { column: described, codes, values: cells as readonly number[] | readonly string[] }
}

function textOf(value: Cell, column: Column): string {
  if (column.storage === 'time' && typeof value === 'number')
    return new Date(value).toISOString().replace('T', ' ').slice(0, 19)
  return column.storage === 'boolean' && typeof value === 'number' ? String(value === 1) : String(value)
}

interface Changes {
  readonly written: ReadonlyMap<string, Writable>
  readonly renamed: ReadonlyMap<string, string>
  readonly dropped: ReadonlySet<string>
  readonly added: readonly SampleColumn[]
  readonly order: Uint32Array | null
  readonly appended: { readonly table: Table; readonly rows: Uint32Array } | null
}

/** Row numbers of the original, in their new order; null while they stay as they were. */
type Order = Uint32Array | null

function assemble(original: Table, changes: Changes): Spoiled {
  const { order, appended } = changes
  const kept = original.columns.filter(({ column }) => !changes.dropped.has(column.name))
  const cellMasks = new Map<string, Uint8Array>()
  const columns = kept.map((column) => placed(column, original.rows, { changes, cellMasks }))
  for (const column of changes.added) columns.push(inOrder(column, order))
  const keptRows = order?.length ?? original.rows
  const rows = keptRows + (appended?.rows.length ?? 0)
  const { repeated, missing } = repeatsOf(order, original.rows)
  return {
    table: { rows, columns: appended ? columns.map((column) => extended(column, appended)) : columns },
    rowMask: rowMaskOf(repeated, rows, cellMasks),
    cellMasks,
    origins: originsOf(order ?? Uint32Array.from({ length: original.rows }, (_, row) => row), rows),
    names: new Map(kept.map(({ column }) => [changes.renamed.get(column.name) ?? column.name, column.name])),
    removedRows: missing,
    schemaChanges: changes.dropped.size + changes.added.length + changes.renamed.size,
    isReordered: order?.some((row, i) => i > 0 && row < order[i - 1]!) ?? false,
  }
}

function originsOf(order: Uint32Array, rows: number): Uint32Array {
  const origins = new Uint32Array(rows).fill(NO_ORIGIN)
  origins.set(order)
  return origins
}

/** Marks of the rows that repeat an earlier one, and how many of the original are gone. */
function repeatsOf(order: Order, rows: number): { readonly repeated: Uint8Array; readonly missing: number } {
  if (!order) return { repeated: new Uint8Array(rows), missing: 0 }
  const seen = new Uint8Array(rows)
  const repeated = new Uint8Array(order.length)
  let distinct = 0
  for (let i = 0; i < order.length; i++) {
    if (seen[order[i]!] === 1) repeated[i] = 1
    else distinct += seen[order[i]!] = 1
  }
  return { repeated, missing: rows - distinct }
}

/** A column as it became; one that did not change stays the same object, so that what is known of it still holds. */
function placed(
  column: SampleColumn,
  rows: number,
  { changes, cellMasks }: { readonly changes: Changes; readonly cellMasks: Map<string, Uint8Array> },
): SampleColumn {
  const { name } = column.column
  const shown = changes.renamed.get(name) ?? name
  const open = changes.written.get(name)
  if (!open?.changed.includes(1)) return inOrder(named(column, shown), changes.order)
  const mask = new Uint8Array((changes.order?.length ?? rows) + (changes.appended?.rows.length ?? 0))
  if (changes.order) for (const [i, row] of changes.order.entries()) mask[i] = open.changed[row]!
  else mask.set(open.changed)
  if (mask.includes(1)) cellMasks.set(shown, mask)
  return inOrder(closeColumn(open, shown), changes.order)
}

const named = (column: SampleColumn, name: string): SampleColumn =>
  column.column.name === name ? column : { ...column, column: { ...column.column, name } }

function inOrder(column: SampleColumn, order: Order): SampleColumn {
  if (!order) return column
  const codes = new Uint32Array(order.length)
  for (let i = 0; i < order.length; i++) codes[i] = column.codes[order[i]!]!
  return { ...column, codes }
}

function extended(
  column: SampleColumn,
  { table, rows }: { readonly table: Table; readonly rows: Uint32Array },
): SampleColumn {
  const source = table.columns.find((candidate) => candidate.column.name === column.column.name)
  const codes = new Uint32Array(column.codes.length + rows.length)
  codes.set(column.codes)
  const values: Cell[] = [...column.values]
  const codeOf = new Map<Cell, number>(values.map((value, i) => [value, i + 1]))
  for (let i = 0; i < rows.length; i++) {
    const cell = source ? cellAt(source, rows[i]!) : null
    if (cell === null) continue
    let code = codeOf.get(cell)
    if (code === undefined) {
      code = values.push(cell)
      codeOf.set(cell, code)
    }
    codes[column.codes.length + i] = code
  }
  return { column: column.column, codes, values: values as readonly number[] | readonly string[] }
}

/** A row counts as spoiled when it is a repetition, was appended, or holds a changed cell. */
function rowMaskOf(
  repeated: Uint8Array,
  rows: number,
  cellMasks: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const mask = new Uint8Array(rows).fill(1, repeated.length)
  mask.set(repeated)
  for (const cells of cellMasks.values()) for (let i = 0; i < rows; i++) mask[i]! |= cells[i]!
  return mask
}
