import { type Random, randomNormal } from '../../math/random.ts'
import type { VectorLayout } from './row-vectors.ts'

/** One dense layer inside the flat vector of all parameters: weights [inputs, outputs], then biases [outputs]. */
export interface Layer {
  readonly inputs: number
  readonly outputs: number
  readonly weightsAt: number
  readonly biasesAt: number
}

/** A network that predicts hidden columns from the others. */
export interface Network {
  readonly layout: VectorLayout
  readonly columns: number
  /** Columns hidden by each pattern: 1 hidden, 0 seen. Shape [patterns, columns]. */
  readonly hidden: Float32Array
  readonly patterns: number
  /** Whether the columns to be predicted are covered, or shown: then the network copies rows through its narrowest layer. */
  readonly isCovered: boolean
  readonly layers: readonly Layer[]
  /** Length of the vector of parameters. */
  readonly size: number
}

/** The network for a layout: it takes the seen places and which columns are hidden, and gives every place. */
export function networkFor(
  layout: VectorLayout,
  {
    columns,
    widths,
    hidden,
    isCovered,
  }: {
    readonly columns: number
    readonly widths: readonly number[]
    readonly hidden: Float32Array
    readonly isCovered: boolean
  },
): Network {
  const ends = [layout.size + columns, ...widths, layout.size]
  const layers: Layer[] = []
  let size = 0
  for (let l = 0; l + 1 < ends.length; l++) {
    const [inputs, outputs] = [ends[l]!, ends[l + 1]!]
    layers.push({ inputs, outputs, weightsAt: size, biasesAt: size + inputs * outputs })
    size += (inputs + 1) * outputs
  }
  return { layout, columns, hidden, patterns: hidden.length / columns, isCovered, layers, size }
}

/**
 * Patterns that hide every column equally often: `rounds` times, the columns dealt at random into `groups`.
 *
 * @returns 1 hidden, 0 seen. Shape [rounds × groups, columns].
 */
export function hidingPatterns(
  columns: number,
  { rounds, groups }: { readonly rounds: number; readonly groups: number },
  draw: Random,
): Float32Array {
  const dealt = Math.min(groups, columns)
  const patterns = new Float32Array(rounds * dealt * columns)
  for (let round = 0; round < rounds; round++) {
    const keys = Array.from({ length: columns }, () => draw())
    const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!)
    for (const [i, column] of order.entries()) patterns[(round * dealt + (i % dealt)) * columns + column] = 1
  }
  return patterns
}

/** Parameters to start from: weights normal with variance 2 / inputs (He et al. 2015), biases 0. */
export function startingParameters({ layers, size }: Network, draw: Random): Float32Array {
  const parameters = new Float32Array(size)
  for (const { inputs, outputs, weightsAt } of layers) {
    const deviation = Math.sqrt(2 / inputs)
    for (let i = 0; i < inputs * outputs; i++) parameters[weightsAt + i] = deviation * randomNormal(draw)
  }
  return parameters
}

/** Patterns spread from columns to the places of a vector. Shape [patterns, layout.size]. */
export function hiddenPlaces({ layout, columns, hidden, patterns }: Network): Float32Array {
  const places = new Float32Array(patterns * layout.size)
  for (let p = 0; p < patterns; p++)
    for (const [j, column] of layout.columnOf.entries())
      places[p * layout.size + j] = hidden[p * columns + column]!
  return places
}
