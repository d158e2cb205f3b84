import { autoencoder } from './autoencoder.ts'
import { frequencySurprise } from './frequency-surprise.ts'
import { isolationForest } from './isolation-forest.ts'
import { nearestNeighbours } from './nearest-neighbours.ts'
import type { RowDetector } from './row-detector.ts'

/** Every built-in row detector, in the order of its scores in a model; adding one is one file and one line here. */
export const rowDetectors: readonly RowDetector[] = [
  isolationForest,
  nearestNeighbours,
  frequencySurprise,
  autoencoder,
] as readonly RowDetector[]
