import type { Settings } from '../src/data/params.ts'
import { settingsOf } from '../src/data/params.ts'
import { autoencoder, autoencoderNetwork, trainingVectors } from '../src/detectors/rows/autoencoder.ts'
import { type EncodedRows, takeEncoded } from '../src/detectors/rows/encoded-rows.ts'
import { type Forest, isolationForest } from '../src/detectors/rows/isolation-forest.ts'
import { mergeForests } from '../src/detectors/rows/merge-forests.ts'
import type { Reference } from '../src/detectors/rows/row-detector.ts'
import { splitRows } from '../src/detectors/rows/split-rows.ts'
import { takeSample } from '../src/detectors/rows/take-sample.ts'
import {
  averageTraining,
  beginTraining,
  type Checkpoint,
  isTrained,
  trainNetwork,
} from '../src/detectors/rows/train-network.ts'
import { encodeRows, encodingOf, fitTransformer } from '../src/detectors/rows/transformer.ts'
import {
  FEWEST_NETWORK_ROWS,
  fewestForestRows,
  worthwhileShards,
} from '../src/detectors/rows/worthwhile-shards.ts'
import { openEngine } from '../src/engines/duckdb.ts'
import { openOnnx } from '../src/engines/onnx.ts'
import { rocAuc } from '../src/math/roc.ts'
import { type LabelledTable, readTable, splitTable, tableNames } from './adbench.ts'

const SHARDS = 4
const WORKERS = [2, 4] as const
/** Steps that workers make between two averages, as the training pipeline does. */
const RUNS_PER_ROUND = 1
/** Rows of each part of a table used at most. */
const MOST_ROWS = 20_000

/** What training in shards costs in quality, and saves in steps one after the other. */
export interface ShardedTraining {
  /** AUROC of a forest of four shards less that of a single one, mean over tables and seeds. */
  readonly forestAurocDelta: number
  /** Validation loss with so many workers over that of a single one, mean over tables. */
  readonly autoencoderLossRatio: Readonly<Record<string, number>>
  /** Steps one after the other that a single worker needs to come within 3 % of its best loss, over those that so many need; mean over tables. */
  readonly sequentialStepsRatio: Readonly<Record<string, number>>
}

/**
 * Forests and autoencoders in shards against single ones, on labelled tables; every shard is trained by the functions that the
 * steps of the training pipeline call. `quick`: four tables, one seed, 2,000 rows.
 */
export async function measureShardedTraining(quick: boolean): Promise<ShardedTraining> {
  const engine = await openEngine({ threads: 1 })
  const deltas: number[] = []
  const ratios = WORKERS.map((): number[] => [])
  const savings = WORKERS.map((): number[] => [])
  try {
    for (const name of quick ? tableNames().slice(0, 4) : tableNames()) {
      const sample = await readTable(engine, name)
      for (const seed of quick ? [1] : [1, 2, 3])
        deltas.push(
          await forestDelta(splitTable(name, sample, { seed, most: quick ? 2000 : MOST_ROWS }), `${seed}`),
        )
      const { reference } = prepared(splitTable(name, sample, { seed: 1, most: quick ? 2000 : MOST_ROWS }))
      const single = await trainedBy(1, reference)
      const goal = 1.03 * single.bestLoss
      for (const [w, workers] of WORKERS.entries()) {
        const sharded = await trainedBy(workers, reference)
        ratios[w]!.push(sharded.bestLoss / single.bestLoss)
        savings[w]!.push(stepsTo(single, goal) / stepsTo(sharded, goal))
      }
      const last = ratios.map((own) => own.at(-1)!.toFixed(3)).join(' ')
      console.log(
        `${name.replace('.parquet', '').padEnd(14)} forest ${deltas.at(-1)!.toFixed(4)}  loss × ${last}`,
      )
    }
  } finally {
    engine.close()
  }
  const byWorkers = (values: readonly (readonly number[])[]): Record<string, number> =>
    Object.fromEntries(WORKERS.map((workers, w) => [workers, round(mean(values[w]!))]))
  return {
    forestAurocDelta: round(mean(deltas)),
    autoencoderLossRatio: byWorkers(ratios),
    sequentialStepsRatio: byWorkers(savings),
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
const round = (value: number): number => Math.round(value * 1e4) / 1e4

/** Runs until the loss is at most this; infinite when it never is. */
function stepsTo({ curve }: Checkpoint, loss: number): number {
  const at = curve.findIndex(([, heldOut]) => heldOut <= loss)
  return at < 0 ? Infinity : at + 1
}

function prepared({ learnt }: Pick<LabelledTable, 'learnt'>) {
  const split = splitRows(learnt, 'bench')
  const transformer = fitTransformer(takeSample(learnt, split.learnt))
  const reference: Reference = {
    rows: encodeRows(transformer, learnt, split.learnt),
    heldOut: encodeRows(transformer, learnt, split.heldOut),
    encoding: encodingOf(transformer),
  }
  return { transformer, reference }
}

/** The rows of a shard as the training pipeline cuts them: those of small tables are shared. */
function shardOf(
  rows: EncodedRows,
  shard: number,
  cut: { readonly shards: number; readonly fewest: number },
) {
  const shards = worthwhileShards(rows.rows, cut.shards, cut.fewest)
  const own = Uint32Array.from(Array(rows.rows).keys()).filter((row) => row % shards === shard % shards)
  return takeEncoded(rows, own)
}

async function forestDelta(table: LabelledTable, seed: string): Promise<number> {
  const { transformer, reference } = prepared(table)
  const grow = async (rows: EncodedRows, trees: number, own: string): Promise<Forest> =>
    (await isolationForest.fit({ ...reference, rows }, { trees }, { seed: own, openSession: openOnnx }))
      .state as Forest
  const { subsample } = settingsOf('isolation-forest', isolationForest.params, {})
  const forestCut = { shards: SHARDS, fewest: fewestForestRows(subsample) }
  const parts: Forest[] = []
  for (let shard = 0; shard < SHARDS; shard++)
    parts.push(await grow(shardOf(reference.rows, shard, forestCut), 100 / SHARDS, `${seed} shard ${shard}`))
  const [clean, odd] = [encodeRows(transformer, table.clean), encodeRows(transformer, table.odd)]
  const auroc = (forest: Forest): number => {
    const scorer = isolationForest.restore(forest)
    return rocAuc(scorer.score(clean).scores, scorer.score(odd).scores)
  }
  return auroc(mergeForests(parts)) - auroc(await grow(reference.rows, 100, seed))
}

async function trainedBy(workers: number, reference: Reference): Promise<Checkpoint> {
  const settings: Settings<(typeof autoencoder)['params']> = settingsOf('autoencoder', autoencoder.params, {})
  const { steps, learningRate: rate } = settings
  const network = autoencoderNetwork(reference.encoding, settings, 'bench')
  const cut = { shards: workers, fewest: FEWEST_NETWORK_ROWS }
  const shards = Array.from({ length: workers }, (_, shard) =>
    trainingVectors(network, { ...reference, rows: shardOf(reference.rows, shard, cut) }, 'bench'),
  )
  const options = { openSession: openOnnx, steps, rate }
  let at = beginTraining(network, 'bench')
  while (!isTrained(at, steps)) {
    const untilRun = at.runs + RUNS_PER_ROUND
    const after: Checkpoint[] = []
    for (const [shard, vectors] of shards.entries())
      after.push(
        await trainNetwork(network, vectors, { ...options, resume: at, untilRun, seed: `bench ${shard}` }),
      )
    const check = { network, heldOut: shards[0]!.heldOut }
    at = workers === 1 ? after[0]! : await averageTraining(check, { before: at, shards: after }, openOnnx)
  }
  return at
}
