import { type Proportion, wilson } from '../math/proportion.ts'
import type { TrialResult } from './evaluate.ts'

/** How soon faults that last are told. */
export interface Delay {
  readonly corruption: string
  readonly shape: TrialResult['shape']
  readonly faults: number
  /** Faults with an alert on any of their batches. */
  readonly caught: Proportion
  /** Median batches until the first alert, 1 for the first batch of the fault; null when half were never told. */
  readonly medianBatches: number | null
  /** Batches until the first alert of each fault, in order; null for those never told. */
  readonly batches: readonly (number | null)[]
}

/** Detection delay per corruption and shape; faults whose first batch was not tried are left out. */
export function delayOf(results: readonly TrialResult[]): readonly Delay[] {
  const groups = Map.groupBy(results, ({ corruptions, shape }) => `${corruptions.join(' + ')}\u001f${shape}`)
  return [...groups].flatMap(([name, group]): Delay[] => {
    const faults = [...Map.groupBy(group, ({ fault }) => fault).values()]
    const batches = faults
      .filter((of) => of.some(({ position }) => position === 0))
      .map(firstAlert)
      .sort((a, b) => (a ?? Infinity) - (b ?? Infinity))
    const [corruption, shape] = name.split('\u001f') as [string, TrialResult['shape']]
    const told = batches.filter((of) => of !== null).length
    const middle = batches[(batches.length - 1) >> 1] ?? null
    return batches.length === 0
      ? []
      : [
          {
            corruption,
            shape,
            faults: batches.length,
            caught: wilson(told, batches.length),
            medianBatches: middle,
            batches,
          },
        ]
  })
}

function firstAlert(fault: readonly TrialResult[]): number | null {
  const positions = fault.filter(({ isAlert }) => isAlert).map(({ position }) => position)
  return positions.length > 0 ? Math.min(...positions) + 1 : null
}
