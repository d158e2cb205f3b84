import type { Dimension } from './dimension.ts'

/**
 * How a metric's value is made comparable over time: rates by arcsine-like square roots, logs, correlations by atanh,
 * and `asinh` around a frame, linear near its centre and logarithmic far out.
 */
export type Scale = 'rate' | 'log' | 'level' | 'correlation' | 'asinh'

/** Centre and unit of an asinh scale, in the metric's own units; `spread` > 0. */
export interface Frame {
  readonly center: number
  readonly spread: number
}

/** One measured number of one batch. */
export interface Metric {
  /** What is measured, camelCase, such as `nullFraction`. */
  readonly name: string
  readonly dimension: Dimension
  readonly entity: 'table' | 'column' | 'pair'
  /** Empty for the table, the column's name, or `a → b` for a pair. */
  readonly instance: string
  /** Columns involved, in order; empty for the table. */
  readonly columns: readonly string[]
  readonly value: number
  readonly scale: Scale
  /** Given when, and only when, the scale is `asinh`. */
  readonly frame?: Frame
  /** Which way is suspicious: novelty only upward, most things both ways. */
  readonly side: 'up' | 'both'
  /** Rows the value rests on: its sampling noise shrinks with them. */
  readonly support: number
}

/** Identifies a metric's series across batches. */
export const seriesKey = (metric: Pick<Metric, 'entity' | 'instance' | 'name'>): string =>
  `${metric.entity}\u001f${metric.instance}\u001f${metric.name}`
