import type { Metric } from '../data/metric.ts'
import { completeness } from './completeness.ts'
import { conformity } from './conformity.ts'
import { consistency } from './consistency.ts'
import type { History } from './history.ts'
import { integrity } from './integrity.ts'
import { describeRule } from './rules.ts'
import { uniqueness } from './uniqueness.ts'
import type { BatchView } from './view.ts'

const onColumns = { conformity, uniqueness, completeness, integrity } as const
const dimensionsOfColumns = Object.keys(onColumns) as (keyof typeof onColumns)[]

/** A batch that was measured, ready to tell the metrics of columns that another batch shares with it. */
export interface MeasuredBefore {
  /** Metrics by dimension and instance, each group in the order of measuring. */
  readonly groups: ReadonlyMap<string, readonly Metric[]>
}

const groupOf = ({ dimension, instance }: Pick<Metric, 'dimension' | 'instance'>): string =>
  `${dimension}\u001f${instance}`

/** Sorts the metrics of a batch for `measureChanged`. */
export const measuredBefore = (metrics: readonly Metric[]): MeasuredBefore => ({
  groups: Map.groupBy(metrics, groupOf),
})

/**
 * What `measure` gives for a batch that shares columns with one already measured against the same history: only the
 * changed columns, what involves them, and the table as a whole are measured again. Same metrics, same order, same bits.
 *
 * @param change.columns - Names of the columns that differ; rows must be as many as before, and above 0.
 */
export function measureChanged(
  batch: BatchView,
  history: History,
  { columns: changed, before }: { readonly columns: ReadonlySet<string>; readonly before: MeasuredBefore },
): Metric[] {
  const only = { ...batch, columns: new Map([...batch.columns].filter(([name]) => changed.has(name))) }
  const metrics = dimensionsOfColumns.flatMap((dimension) =>
    completed(onColumns[dimension](only, history), { dimension, batch, changed, before }),
  )
  return [...metrics, ...consistencyChanged(batch, history, { columns: changed, before })]
}

/** The fresh metrics of one dimension, with those of unchanged columns at their places. */
function completed(
  fresh: readonly Metric[],
  {
    dimension,
    batch,
    changed,
    before,
  }: {
    readonly dimension: keyof typeof onColumns
    readonly batch: BatchView
    readonly changed: ReadonlySet<string>
    readonly before: MeasuredBefore
  },
): readonly Metric[] {
  const byInstance = Map.groupBy(fresh, ({ instance }) => instance)
  return ['', ...batch.columns.keys()].flatMap(
    (instance) =>
      (instance === '' || changed.has(instance)
        ? byInstance.get(instance)
        : before.groups.get(groupOf({ dimension, instance }))) ?? [],
  )
}

function consistencyChanged(
  batch: BatchView,
  history: History,
  { columns: changed, before }: { readonly columns: ReadonlySet<string>; readonly before: MeasuredBefore },
): readonly Metric[] {
  const { pairs } = history.pairs
  const { rules } = history.rules
  const involves = (columns: readonly string[]): boolean => columns.some((column) => changed.has(column))
  const fresh = Map.groupBy(
    consistency(batch, {
      ...history,
      pairs: { ...history.pairs, pairs: pairs.filter(({ from, to }) => involves([from, to])) },
      rules: { ...history.rules, rules: rules.filter(({ columns }) => involves(columns)) },
    }),
    ({ instance }) => instance,
  )
  const instances = [
    ...[...batch.columns.keys()].map((column) => ({ columns: [column], instance: column })),
    ...pairs.map(({ from, to }) => ({ columns: [from, to], instance: `${from} → ${to}` })),
    ...rules.map((rule) => ({ columns: rule.columns, instance: describeRule(rule) })),
  ]
  return instances.flatMap(
    ({ columns, instance }) =>
      (involves(columns)
        ? fresh.get(instance)
        : before.groups.get(groupOf({ dimension: 'consistency', instance }))) ?? [],
  )
}
