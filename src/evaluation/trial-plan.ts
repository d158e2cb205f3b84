import type { Corruption } from '../corruption/corruption.ts'
import type { Selector } from '../corruption/selectors.ts'
import { columnNamed, type Table } from '../corruption/table.ts'
import type { Params } from '../data/params.ts'
import { random, shuffled } from '../math/random.ts'

/** What is tried: which corruptions, on which fractions of the rows, and how often. */
export interface TrialPlan {
  readonly corruptions: readonly Corruption<Params>[]
  /** Shares of the rows, each in (0, 1]. */
  readonly fractions: readonly number[]
  /** Columns tried per corruption, drawn anew at every batch; all when there are fewer. */
  readonly columnsPerCorruption: number
  readonly selector: Selector
  /** Batches before the first trial: the monitor must have learnt something. */
  readonly from: number
  /** Every how many batches trials are made. */
  readonly every: number
  readonly seed: number | string
}

/** One corruption of one batch. */
export interface Trial {
  readonly corruption: Corruption<Params>
  readonly columns: readonly string[]
  readonly fraction: number
  readonly selector: Selector
  readonly seed: string
}

/** The trials of one batch, the same for the same plan, batch and table. */
export function trialsOf(plan: TrialPlan, table: Table, batch: string): readonly Trial[] {
  return plan.corruptions.flatMap((corruption) => {
    const draw = random(`${plan.seed}/${batch}/${corruption.name}`)
    const targets = shuffled(targetsOf(corruption, table), draw).slice(0, plan.columnsPerCorruption)
    const fractions = corruption.wholeBatch ? [1] : plan.fractions
    return targets.flatMap((columns) =>
      fractions.map((fraction) => ({
        corruption,
        columns,
        fraction,
        selector: plan.selector,
        seed: `${plan.seed}/${batch}/${columns.join('/')}/${fraction}`,
      })),
    )
  })
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
