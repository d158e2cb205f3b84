import { FiableError } from '../data/errors.ts'
import { type GivenSettings, type Params, settingsOf } from '../data/params.ts'
import { random } from '../math/random.ts'
import type { Corruption } from './corruption.ts'
import { draftOf, NO_ORIGIN, type Spoiled } from './draft.ts'
import { type Selector, selectRows } from './selectors.ts'
import { columnNamed, type Table } from './table.ts'

/** One corruption to apply, with everything it depends on. */
export interface Plan {
  readonly corruption: Corruption<Params>
  /** As many as the corruption takes. */
  readonly columns: readonly string[]
  /** Share of the rows, in (0, 1]. */
  readonly fraction: number
  readonly selector?: Selector
  readonly settings?: GivenSettings
  /** Same seed, same spoiling. */
  readonly seed: number | string
}

/** Smallest and largest fraction that are drawn when none is given. */
const FRACTIONS = [0.001, 1] as const

/** A fraction drawn log-uniformly between 0.1 % and all rows: small faults are as common as large ones. */
export const drawFraction = (draw: () => number): number =>
  FRACTIONS[0] * (FRACTIONS[1] / FRACTIONS[0]) ** draw()

/**
 * Spoils a table by one corruption, or by up to three in turn.
 *
 * The table is not changed. What changed is compared, cell by cell, with what was: a corruption that changed nothing (the
 * case of digits, a swap of equal values) is refused, so that no detector is blamed for missing it.
 *
 * @param previous - The batch before, for faults that mix batches.
 * @throws FiableError BAD_ARGUMENT when a corruption does not fit its columns or settings; NO_EFFECT when nothing changed.
 */
export function spoil(table: Table, plans: Plan | readonly Plan[], previous: Table | null = null): Spoiled {
  const [first, ...rest] = [plans].flat()
  if (!first || rest.length > 2)
    throw new FiableError(
      'BAD_ARGUMENT',
      `${rest.length + (first ? 1 : 0)} corruptions were given; 1 to 3 can be applied at once.`,
      'Give one to three.',
    )
  return rest.reduce(
    (spoiled, plan) => joined(spoiled, spoilOnce(spoiled.table, plan, previous)),
    spoilOnce(table, first, previous),
  )
}

function spoilOnce(table: Table, plan: Plan, previous: Table | null): Spoiled {
  const { corruption, columns } = plan
  checkFit(table, plan, previous)
  const draw = random(`${corruption.name}/${plan.seed}`)
  const rows = selectRows(table, {
    selector: plan.selector ?? 'random',
    fraction: plan.fraction,
    column: columns[0] ?? null,
    draw,
  })
  const draft = draftOf(table)
  const settings = settingsOf(corruption.name, corruption.params, plan.settings ?? {})
  corruption.spoil({ draft, table, columns, rows, settings, draw, previous })
  const spoiled = draft.finish()
  if (hasEffect(spoiled)) return spoiled
  throw new FiableError(
    'NO_EFFECT',
    `${corruption.name} changed nothing in ${columns.join(', ') || 'the table'} on ${rows.length} rows.`,
    'Choose another column, more rows, or another seed.',
  )
}

function checkFit(table: Table, { corruption, columns }: Plan, previous: Table | null): void {
  const found = columns.map((name) => columnNamed(table, name))
  const missing = columns.find((_, i) => !found[i])
  if (missing !== undefined)
    throw new FiableError(
      'UNKNOWN_COLUMN',
      `${corruption.name} was given the column ${missing}, which the table does not have.`,
      `Choose among ${table.columns.map(({ column }) => column.name).join(', ')}.`,
    )
  if (columns.length !== corruption.takes)
    throw unfit(corruption, `takes ${corruption.takes} columns and was given ${columns.length}`)
  if (corruption.needsPrevious && !previous)
    throw unfit(corruption, 'needs the batch before, and there is none')
  if (
    !corruption.accepts(
      found.map((column) => column!),
      table,
    )
  )
    throw unfit(corruption, `does not apply to ${columns.join(' and ') || 'this table'}`)
}

const unfit = ({ name, summary }: Corruption<Params>, why: string): FiableError =>
  new FiableError('BAD_ARGUMENT', `${name} ${why}.`, `Choose columns that fit: ${summary}`)

/** True when the spoiled table differs from the original at all. */
export const hasEffect = (spoiled: Spoiled): boolean =>
  spoiled.cellMasks.size > 0 ||
  spoiled.removedRows > 0 ||
  spoiled.schemaChanges > 0 ||
  spoiled.isReordered ||
  spoiled.rowMask.includes(1)

/** Labels of two corruptions in turn: those of the first follow their rows and columns through the second. */
function joined(first: Spoiled, second: Spoiled): Spoiled {
  const cellMasks = new Map(second.cellMasks)
  for (const [name, before] of second.names) {
    const mask = first.cellMasks.get(before)
    if (mask) cellMasks.set(name, united(carried(mask, second.origins), second.cellMasks.get(name)))
  }
  return {
    ...second,
    rowMask: united(carried(first.rowMask, second.origins), second.rowMask),
    cellMasks,
    origins: second.origins.map((row) => (row === NO_ORIGIN ? NO_ORIGIN : first.origins[row]!)),
    names: new Map(
      [...second.names].flatMap(([name, before]) =>
        first.names.has(before) ? [[name, first.names.get(before)!]] : [],
      ),
    ),
    removedRows: first.removedRows + second.removedRows,
    schemaChanges: first.schemaChanges + second.schemaChanges,
    isReordered: first.isReordered || second.isReordered,
  }
}

const carried = (mask: Uint8Array, origins: Uint32Array): Uint8Array =>
  Uint8Array.from(origins, (row) => (row === NO_ORIGIN ? 0 : mask[row]!))

const united = (a: Uint8Array, b: Uint8Array | undefined): Uint8Array =>
  b ? a.map((value, row) => value | b[row]!) : a
