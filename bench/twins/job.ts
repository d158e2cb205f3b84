import { caseChange } from '../../src/corruption/case-change.ts'
import { columnShuffled } from '../../src/corruption/column-shuffled.ts'
import { columnsSwapped } from '../../src/corruption/columns-swapped.ts'
import type { Corruption } from '../../src/corruption/corruption.ts'
import { explicitNulls } from '../../src/corruption/explicit-nulls.ts'
import { gaussianAnomaly } from '../../src/corruption/gaussian-anomaly.ts'
import { implicitNulls } from '../../src/corruption/implicit-nulls.ts'
import { qwertyTypo } from '../../src/corruption/qwerty-typo.ts'
import { scaleChange } from '../../src/corruption/scale-change.ts'
import type { GivenSettings, Params } from '../../src/data/params.ts'
import type { Engine } from '../../src/engines/duckdb.ts'
import type { RehearsedBatch } from '../../src/monitor/rehearsal.ts'

/** A table whose daily batches are judged beside their corrupted twins. */
export interface TwinTable {
  readonly name: string
  /** Oldest first. */
  batches(engine: Engine): AsyncGenerator<RehearsedBatch>
  readonly numbers: readonly string[]
  readonly texts: readonly string[]
  readonly swappedNumbers: readonly [string, string]
  readonly swappedTexts: readonly [string, string]
  readonly batchesAWeek: number
  /** Batches in all, for an estimate of the time. */
  readonly days: number
}

/** One type of fault on one choice of columns. */
export interface Job {
  readonly type: string
  readonly corruption: Corruption<Params>
  readonly columns: readonly string[]
  readonly settings: GivenSettings
}

/** Shares of the rows that are spoiled. */
export const MAGNITUDES = [0.01, 0.1, 0.3, 0.5] as const

/** The types of Redyuk et al. (EDBT 2021). */
export const SIX_TYPES = [
  'explicit missing',
  'implicit missing',
  'numeric anomaly',
  'swapped numbers',
  'swapped texts',
  'typo',
] as const

/** Types beside those of the paper: the first is the paper's with a repair, the others it does not try. */
export const OTHER_TYPES = ['numeric anomaly, rounded', 'column shuffle', 'case change', 'scale ×10'] as const

/** Every fault tried on a table, one column (or pair) at a time. */
export function jobsOf({ numbers, texts, swappedNumbers, swappedTexts }: TwinTable): readonly Job[] {
  const all = [...numbers, ...texts]
  const swap = (type: string, columns: readonly string[]): Job => ({
    type,
    corruption: columnsSwapped,
    columns,
    settings: {},
  })
  return [
    ...onEach('explicit missing', explicitNulls, all),
    ...onEach('implicit missing', implicitNulls, numbers, { which: 0 }),
    ...onEach('implicit missing', implicitNulls, texts, { which: 1 }),
    ...onEach('numeric anomaly', gaussianAnomaly, numbers),
    swap('swapped numbers', swappedNumbers),
    swap('swapped texts', swappedTexts),
    ...onEach('typo', qwertyTypo, texts),
    ...onEach('numeric anomaly, rounded', gaussianAnomaly, numbers, { decimals: 'column' }),
    ...onEach('column shuffle', columnShuffled, all),
    ...onEach('case change', caseChange, texts),
    ...onEach('scale ×10', scaleChange, numbers, { factor: '10' }),
  ]
}

const onEach = (
  type: string,
  corruption: Corruption<Params>,
  columns: readonly string[],
  settings: GivenSettings = {},
): readonly Job[] => columns.map((column) => ({ type, corruption, columns: [column], settings }))
