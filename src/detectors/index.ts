import { chiSquare } from './chi-square.ts'
import { controlChart } from './control-chart.ts'
import { cusum } from './cusum.ts'
import type { Detector } from './detector.ts'
import { ewma } from './ewma.ts'
import { jensenShannon } from './jensen-shannon.ts'
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { populationStabilityIndex } from './population-stability-index.ts'
import { wasserstein } from './wasserstein.ts'

/** Every built-in detector; adding one is one file and one line here. */
export const detectors: readonly Detector[] = [
  controlChart,
  ewma,
  cusum,
  kolmogorovSmirnov,
  wasserstein,
  jensenShannon,
  populationStabilityIndex,
  chiSquare,
]
