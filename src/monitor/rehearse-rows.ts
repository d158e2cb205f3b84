import type { RowSample } from '../data/profile.ts'
import type { RowModel } from '../detectors/rows/row-model.ts'
import { openOnnx } from '../engines/onnx.ts'
import { random, sampleWithoutReplacement } from '../math/random.ts'
import { takeRows } from '../profile/take-rows.ts'
import { loadModel, modelInService } from '../row-models/model-of-dataset.ts'
import { rowMetrics } from '../row-models/row-metrics.ts'
import type { Store } from '../tracking/store.ts'
import type { RowMetricsOf } from './rehearsal.ts'

/** Rows scored of each batch: its share of odd rows is known to a point, and a drill of a thousand trials ends. */
const ROWS = 1000

/** The row metrics of a dataset's model in service on batches that came after those it learnt from; none without a model. */
export async function openRowMetrics(
  store: Store,
  datasetId: number,
): Promise<{ readonly of: RowMetricsOf; release(): Promise<void> }> {
  const version = await modelInService(store, datasetId)
  if (!version) return { of: async () => [], release: async () => {} }
  const model = await loadModel(store, version, openOnnx)
  return { of: metricsAfter(model, version.lastSlot), release: () => model.release() }
}

const metricsAfter =
  (model: RowModel, lastSlot: number): RowMetricsOf =>
  async ({ slot = 0, listing }, sample) =>
    slot > lastSlot ? rowMetrics(model, someRows(sample, listing.key)) : []

/** The same rows of a batch and of its spoiled copies, where they have as many. */
const someRows = (sample: RowSample, key: string): RowSample =>
  sample.rows <= ROWS
    ? sample
    : takeRows(sample, sampleWithoutReplacement(sample.rows, ROWS, random(`rehearsed rows of ${key}`)))
