import type { Dimension } from '../data/dimension.ts'
import type { Params, Settings } from '../data/params.ts'
import type { SampleColumn } from '../data/profile.ts'
import type { Random } from '../math/random.ts'
import type { Draft } from './draft.ts'
import type { Table } from './table.ts'

/** What a corruption is given to work on. */
export interface Spoiling<P extends Params> {
  readonly draft: Draft
  /** The original, never changed. */
  readonly table: Table
  /** Names of the columns to spoil: as many as the corruption takes. */
  readonly columns: readonly string[]
  /** Rows to spoil, ascending. */
  readonly rows: Uint32Array
  readonly settings: Settings<P>
  /** Uniform draws in [0, 1); same draws, same spoiling. */
  readonly draw: Random
  /** The batch before, for faults that mix batches; null at the first. */
  readonly previous: Table | null
}

/**
 * A way in which batches go wrong, or change without being wrong.
 *
 * Declared once: the commands, forms and tests are made of this. It edits a draft; labels are read off the draft, so a
 * corruption cannot claim what it did not do.
 */
export interface Corruption<P extends Params = Params> {
  /** Kebab-case, as in commands and files. */
  readonly name: string
  readonly summary: string
  /** The dimension that should alarm; null for a benign change, which should alarm on none. */
  readonly dimension: Dimension | null
  /** Columns spoiled together: none for the table as a whole, one, or two. */
  readonly takes: 0 | 1 | 2
  /** Whether it can spoil these columns of this table. Called with as many as it takes. */
  accepts(columns: readonly SampleColumn[], table: Table): boolean
  /** True when it needs the batch before. */
  readonly needsPrevious?: boolean
  /** True when it is about the whole batch and the fraction of rows means nothing. */
  readonly wholeBatch?: boolean
  readonly params: P
  spoil(spoiling: Spoiling<P>): void
}

/** Declares a corruption. */
export const defineCorruption = <const P extends Params>(corruption: Corruption<P>): Corruption<P> =>
  corruption

/** A column of texts. */
export const isText = ({ column }: SampleColumn): boolean => column.storage === 'string'

/** A column of numbers. */
export const isNumber = ({ column }: SampleColumn): boolean => column.storage === 'number'

/** A column of dates or times. */
export const isTime = ({ column }: SampleColumn): boolean => column.storage === 'time'

/** A column that holds at least two values. */
export const isVaried = ({ values }: SampleColumn): boolean => values.length > 1

/** Changes the texts of the one spoiled column on the chosen rows; nulls stay. */
export function changeTexts<P extends Params>(
  { draft, columns: [column], rows }: Spoiling<P>,
  change: (text: string) => string,
): void {
  for (const row of rows) {
    const text = draft.get(column!, row)
    if (typeof text === 'string') draft.set(column!, row, change(text))
  }
}

/** Changes the numbers of the one spoiled column on the chosen rows; nulls stay. */
export function changeNumbers<P extends Params>(
  { draft, columns: [column], rows }: Spoiling<P>,
  change: (value: number) => number | string,
): void {
  for (const row of rows) {
    const value = draft.get(column!, row)
    if (typeof value === 'number') draft.set(column!, row, change(value))
  }
}
