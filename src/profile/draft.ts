import type { Dimension } from '../data/dimension.ts'
import type { Frame, Metric } from '../data/metric.ts'

/** The part of a metric that differs within one column of one dimension. */
export type Draft = Pick<Metric, 'name' | 'value' | 'scale' | 'frame' | 'side' | 'support'>

const upTo = (support: number): number => Math.max(1, support)

/** A share of rows, suspicious both ways. */
export const rate = (name: string, value: number, support: number): Draft => ({
  name,
  value,
  scale: 'rate',
  side: 'both',
  support: upTo(support),
})

/** A share of rows that should stay low. */
export const novelty = (name: string, value: number, support: number): Draft => ({
  name,
  value,
  scale: 'rate',
  side: 'up',
  support: upTo(support),
})

/** A positive quantity whose ratio matters. */
export const log = (name: string, value: number, support: number): Draft => ({
  name,
  value,
  scale: 'log',
  side: 'both',
  support: upTo(support),
})

/** A quantity whose difference matters. */
export const level = (name: string, value: number, support: number): Draft => ({
  name,
  value,
  scale: 'level',
  side: 'both',
  support: upTo(support),
})

/** A quantity on a frame: differences matter near its centre, ratios far out. */
export const framed = (name: string, value: number, frame: Frame, support: number): Draft => ({
  name,
  value,
  scale: 'asinh',
  frame,
  side: 'both',
  support: upTo(support),
})

/** A correlation in [-1, 1]. */
export const correlation = (name: string, value: number, support: number): Draft => ({
  name,
  value,
  scale: 'correlation',
  side: 'both',
  support: upTo(support),
})

/** The same quantity, suspicious only when it grows. */
export const upward = (draft: Draft): Draft => ({ ...draft, side: 'up' })

const finite = (draft: Draft): boolean => Number.isFinite(draft.value)

/** Names the column that drafts are about; those without a finite value are left out. */
export const onColumn = (dimension: Dimension, column: string, drafts: readonly Draft[]): Metric[] =>
  drafts
    .filter(finite)
    .map((draft) => ({ ...draft, dimension, entity: 'column', instance: column, columns: [column] }))

/** Names the pair of columns that drafts are about. */
export const onPair = (from: string, to: string, drafts: readonly Draft[]): Metric[] =>
  drafts.filter(finite).map((draft) => ({
    ...draft,
    dimension: 'consistency',
    entity: 'pair',
    instance: `${from} → ${to}`,
    columns: [from, to],
  }))

/** Metrics of the table as a whole. */
export const onTable = (dimension: Dimension, drafts: readonly Draft[]): Metric[] =>
  drafts.filter(finite).map((draft) => ({ ...draft, dimension, entity: 'table', instance: '', columns: [] }))
