import assert from 'node:assert/strict'
import type { Metric } from '../../src/data/metric.ts'
import { emptyHistory, type History, learnBatch } from '../../src/profile/history.ts'
import { measure } from '../../src/profile/measure.ts'
import { profileSample } from '../../src/profile/profile-sample.ts'
import { type BatchView, viewBatch } from '../../src/profile/view.ts'
import { type Cell, sampleOf } from './sample-of.ts'

/** Cells by column, as people write a small table. */
export type Table = Record<string, { readonly type: string; readonly cells: readonly Cell[] }>

/** A table held as a batch. */
export function viewOf(
  table: Table,
  { key = 'batch', startMs = null }: { readonly key?: string; readonly startMs?: number | null } = {},
): BatchView {
  const sample = sampleOf(table)
  return viewBatch({ key, startMs, endMs: null }, profileSample(sample), sample)
}

/** What batches teach, one after the other. */
export function historyOf(...batches: readonly BatchView[]): History {
  const history = emptyHistory()
  for (const batch of batches) learnBatch(history, batch)
  return history
}

/** The metrics of one column, pair, rule or of the table (''), by name. */
export function metricsOn(instance: string, batch: BatchView, history = emptyHistory()): Map<string, Metric> {
  const found = measure(batch, history).filter((metric) => metric.instance === instance)
  return new Map(found.map((metric) => [metric.name, metric]))
}

/** The values of some metrics of one column, pair, rule or of the table (''). */
export function valuesOn(
  instance: string,
  names: readonly string[],
  { batch, history = emptyHistory() }: { readonly batch: BatchView; readonly history?: History },
): Record<string, number | undefined> {
  const metrics = metricsOn(instance, batch, history)
  return Object.fromEntries(names.map((name) => [name, metrics.get(name)?.value]))
}

/** Asserts metrics of one column, pair, rule or of the table (''), to 1e-6: counts are held in single precision. */
export function assertMetrics(
  instance: string,
  expected: Record<string, number>,
  measured: { readonly batch: BatchView; readonly history?: History },
): void {
  const actual = valuesOn(instance, Object.keys(expected), measured)
  for (const [name, value] of Object.entries(expected))
    assert.ok(
      Math.abs((actual[name] ?? Number.NaN) - value) <= 1e-6 * Math.max(1, Math.abs(value)),
      `${name} of ${instance || 'the table'} is ${actual[name]}, not ${value}`,
    )
}

/** A cell repeated. */
export const times = (count: number, cell: Cell): Cell[] => new Array<Cell>(count).fill(cell)

/** 1, 2, … count, through a function. */
export const upTo = (count: number, of: (i: number) => Cell = (i) => i): Cell[] =>
  Array.from({ length: count }, (_, i) => of(i + 1))
