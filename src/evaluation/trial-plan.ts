import type { Corruption } from '../corruption/corruption.ts'
import type { Selector } from '../corruption/selectors.ts'
import { type Shape, strengthAt } from '../corruption/shapes.ts'
import { drawFraction } from '../corruption/spoil.ts'
import { columnNamed, type Table } from '../corruption/table.ts'
import type { Params } from '../data/params.ts'
import { type Random, random, randomInteger, shuffled } from '../math/random.ts'

/** What is tried: which corruptions, on which fractions of the rows, how they are spread and how they develop. */
export interface TrialPlan {
  readonly corruptions: readonly Corruption<Params>[]
  /** Shares of the rows, each in (0, 1]; or how many to draw log-uniformly between 0.1 % and all rows. */
  readonly fractions: readonly number[] | { readonly drawn: number }
  /** Columns tried per corruption, drawn anew for every fault; all when there are fewer. */
  readonly columnsPerCorruption: number
  /** Ways to choose the rows; each fault draws one. */
  readonly selectors: readonly Selector[]
  /** How faults develop over the batches; every one is tried. */
  readonly shapes: readonly Shape[]
  /** Batches that a fault lasts which is not over at once. */
  readonly duration: number
  /** Corruptions in one fault, 1–3: those beside the first are drawn. */
  readonly atOnce: number
  /** Batches before the first trial: the monitor must have learnt something. */
  readonly from: number
  readonly seed: number | string
}

/** A corruption with the columns it spoils. */
export interface Part {
  readonly corruption: Corruption<Params>
  readonly columns: readonly string[]
}

/** Something that goes wrong with a table, from a batch on. */
export interface Fault {
  readonly parts: readonly Part[]
  readonly fraction: number
  readonly selector: Selector
  readonly shape: Shape
  readonly seed: string
}

/** A fault on one batch. */
export interface Trial {
  readonly fault: Fault
  /** Batches since the fault began, from 0. */
  readonly position: number
  /** Share of this batch's rows. */
  readonly fraction: number
}

/** Where in the course of its faults a batch stands. */
export interface Place {
  readonly position: number
  readonly isStart: boolean
}

/** The course of a lasting fault at a place of the history: faults begin at `from` and follow each other. */
export function placeIn({ from, duration }: TrialPlan, place: number): Place {
  const position = (place - from) % duration
  return { position, isStart: position === 0 }
}

/**
 * The faults of one corruption that begin at a batch, the same for the same plan, batch and table; none when it fits no
 * column.
 *
 * @param at.lasting - Faults of the shape `once`, or of all others.
 */
export function faultsOf(
  plan: TrialPlan,
  corruption: Corruption<Params>,
  at: { readonly table: Table; readonly batch: string; readonly lasting: boolean },
): readonly Fault[] {
  const shapes = plan.shapes.filter((shape) => (shape !== 'once') === at.lasting)
  return shapes.flatMap((shape) => {
    const draw = random(`${plan.seed}/${at.batch}/${corruption.name}/${shape}`)
    const targets = shuffled(targetsOf(corruption, at.table), draw).slice(0, plan.columnsPerCorruption)
    return targets.flatMap((columns) =>
      fractionsOf(plan, corruption, draw).flatMap((fraction): Fault[] => {
        const parts = [{ corruption, columns }, ...othersOf(plan, corruption, { table: at.table, draw })]
        const selector = drawSelector(plan, at.table, draw)
        const seed = `${plan.seed}/${at.batch}/${shape}/${columns.join('/')}/${fraction}`
        return selector ? [{ parts, fraction, selector, shape, seed }] : []
      }),
    )
  })
}

/** The trial that a fault makes of a batch; null where it rests. */
export function trialAt(fault: Fault, position: number, duration: number): Trial | null {
  const strength = strengthAt(fault.shape, position, fault.shape === 'once' ? 1 : duration)
  return strength > 0 ? { fault, position, fraction: fault.fraction * strength } : null
}

function fractionsOf(
  { fractions }: TrialPlan,
  { wholeBatch }: Corruption<Params>,
  draw: Random,
): readonly number[] {
  if (wholeBatch) return [1]
  return 'drawn' in fractions ? Array.from({ length: fractions.drawn }, () => drawFraction(draw)) : fractions
}

/** The corruptions beside the first: such as spoil cells, since rows or columns that go would take its traces along. */
function othersOf(
  plan: TrialPlan,
  first: Corruption<Params>,
  { table, draw }: { readonly table: Table; readonly draw: Random },
): readonly Part[] {
  const candidates = plan.corruptions.filter(
    ({ name, takes, wholeBatch, dimension, needsPrevious }) =>
      name !== first.name && takes > 0 && !wholeBatch && !needsPrevious && dimension !== null,
  )
  return shuffled(candidates, draw)
    .flatMap((corruption): Part[] => {
      const targets = targetsOf(corruption, table)
      return targets.length > 0
        ? [{ corruption, columns: targets[randomInteger(draw, 0, targets.length)]! }]
        : []
    })
    .slice(0, plan.atOnce - 1)
}

/** Selectors that look at another column need one with two values. */
const NEEDS_OTHER: ReadonlySet<Selector> = new Set(['given-other', 'given-value', 'segment'])

function drawSelector({ selectors }: TrialPlan, { columns }: Table, draw: Random): Selector | undefined {
  const varied = columns.filter(({ values }) => values.length > 1).length
  const fitting = selectors.filter((selector) => varied > 1 || !NEEDS_OTHER.has(selector))
  return fitting[randomInteger(draw, 0, fitting.length)]
}

/** Every choice of columns that the corruption accepts. */
export function targetsOf(corruption: Corruption<Params>, table: Table): readonly (readonly string[])[] {
  const names = table.columns.map(({ column }) => column.name)
  const choices =
    corruption.takes === 0
      ? [[]]
      : corruption.takes === 1
        ? names.map((name) => [name])
        : names.flatMap((a) => names.filter((b) => b !== a).map((b) => [a, b]))
  return choices.filter((columns) =>
    corruption.accepts(
      columns.map((name) => columnNamed(table, name)!),
      table,
    ),
  )
}
