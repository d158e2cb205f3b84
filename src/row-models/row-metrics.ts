import type { Metric } from '../data/metric.ts'
import type { RowSample } from '../data/profile.ts'
import { ONE_PERCENT } from '../detectors/rows/one-percent-line.ts'
import type { RowModel } from '../detectors/rows/row-model.ts'
import { quantile } from '../math/quantile.ts'

/**
 * The spread of a model's scores over a batch, as metrics of the table: for each member the median, the 95th percentile,
 * and the share of rows above the 1 % line of clean rows.
 *
 * The scores are surprises on one scale, so that the series go on when the model is trained anew. Never to be taken on
 * batches that the model learnt from. None for a batch without rows, or without a column of the model.
 */
export async function rowMetrics(model: RowModel, sample: RowSample): Promise<readonly Metric[]> {
  // A missing or retyped column is told by a rule of its own; without it, rows cannot be scored.
  if (sample.rows === 0 || !model.fits(sample)) return []
  const { rowDetectors } = await import('../detectors/rows/index.ts')
  const { members: scores } = await model.score(sample)
  const names = model.metadata.members
  return names.flatMap((name, m) => {
    const detector = rowDetectors.find((candidate) => candidate.name === name)
    if (!detector) return []
    const own = Float32Array.from({ length: sample.rows }, (_, row) => scores[row * names.length + m]!)
    const above = own.reduce((count, score) => count + (score > ONE_PERCENT ? 1 : 0), 0)
    const word = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    const about = { dimension: detector.dimension, entity: 'table', instance: '', columns: [] } as const
    const common = { ...about, support: sample.rows, side: 'up' } as const
    return [
      { ...common, name: `${word}Median`, value: quantile(own, 0.5), scale: 'level' },
      { ...common, name: `${word}Quantile95`, value: quantile(own, 0.95), scale: 'level' },
      { ...common, name: `${word}OddFraction`, value: above / sample.rows, scale: 'rate' },
    ] as const
  })
}
