import { type Dependency, dependencyTree } from './dependency-tree.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { defineRowDetector, type RowScores } from './row-detector.ts'
import { graphSurprise } from './surprise-graph.ts'

/** −ln of how often codes occur, alone and given those of one other column. */
export interface SurpriseTables {
  /** For each column, the one it is looked at together with (−1 for none), and its table. */
  readonly columns: readonly {
    readonly parent: number
    /** −ln P(code | code of the parent). Shape [levels of the parent or 1, levels]. */
    readonly surprises: Float32Array
    /** −ln P(code). Shape [levels]. */
    readonly alone: Float32Array
    readonly levels: number
  }[]
}

/**
 * Frequency surprise: how rarely the values of a row occur, each given the value of the column that tells most about it.
 *
 * A column is told by its value given the other one, and by its value alone: a wrong cell makes the columns that hang on
 * it surprising too, but not alone.
 *
 * Sees rare and never-seen categories, values out of range, missing cells, and pairs that do not go together. Numbers
 * count as their bins, so small deviations stay unseen: those are for the neighbours and the autoencoder.
 */
export const frequencySurprise = defineRowDetector({
  name: 'frequency-surprise',
  summary: 'How rarely the values of a row occur, alone and in pairs.',
  reference: 'Chow & Liu (1968), Approximating discrete probability distributions with dependence trees',
  dimension: 'integrity',
  weight: 1,
  params: {
    smoothing: {
      kind: 'number',
      default: 8,
      min: 0.01,
      max: 1000,
      about: 'Rows that the frequency without the other column weighs, in that given it.',
      search: [1, 50],
    },
  },
  fit({ rows, encoding: { levels, priors } }, { smoothing }): SurpriseTables {
    const singles = levels.map((count, column) => singleTable(rows, column, priorsOf(count, priors[column]!)))
    const dependencies = dependencyTree(rows, levels)
    return {
      columns: levels.map((count, column) => {
        const parent = dependencies.get(column)
        const single = singles[column]!
        const alone = single.map((share) => -Math.log(share))
        const surprises = parent ? pairTable(rows, { column, parent, levels, smoothing, single }) : alone
        return { parent: parent?.column ?? -1, surprises, alone, levels: count }
      }),
    }
  },
  score: scoreSurprise,
  graph: graphSurprise,
})

/** Rows that each code is worth before any is seen: half a row, or what its column says. */
const priorsOf = (levels: number, own: Readonly<Record<number, number>>): Float32Array =>
  Float32Array.from({ length: levels }, (_, code) => own[code] ?? 0.5)

/** Smoothed share of each code. */
function singleTable({ codes, rows }: EncodedRows, column: number, priors: Float32Array): Float32Array {
  const counts = priors.slice()
  const columns = codes.length / rows
  for (let row = 0; row < rows; row++) {
    const code = codes[row * columns + column]!
    counts[code] = counts[code]! + 1
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / total)
}

interface Pairing {
  readonly column: number
  readonly parent: Dependency
  readonly levels: readonly number[]
  readonly smoothing: number
  readonly single: Float32Array
}

/** −ln of the share of each code among the rows with each code of the parent, shrunk to its share among all. */
function pairTable(
  { codes, rows }: EncodedRows,
  { column, parent, levels, smoothing, single }: Pairing,
): Float32Array {
  const own = levels[column]!
  const counts = new Float32Array(levels[parent.column]! * own)
  const columns = codes.length / rows
  for (let row = 0; row < rows; row++) {
    const at = codes[row * columns + parent.column]! * own + codes[row * columns + column]!
    counts[at] = counts[at]! + 1
  }
  for (let given = 0; given < levels[parent.column]!; given++) {
    const line = counts.subarray(given * own, (given + 1) * own)
    const total = line.reduce((sum, count) => sum + count, 0)
    for (let code = 0; code < own; code++)
      line[code] = -Math.log((line[code]! + smoothing * single[code]!) / (total + smoothing))
  }
  return counts
}

function scoreSurprise({ columns: tables }: SurpriseTables, { rows, codes }: EncodedRows): RowScores {
  const scores = new Float32Array(rows)
  const together = new Float32Array(rows * tables.length)
  const apart = new Float32Array(rows * tables.length)
  for (let row = 0; row < rows; row++) {
    const at = row * tables.length
    let sum = 0
    for (const [c, { parent, surprises, alone, levels }] of tables.entries()) {
      const code = codes[at + c]!
      const given = parent < 0 ? 0 : codes[at + parent]!
      const surprise = surprises[given * levels + code]!
      together[at + c] = surprise
      apart[at + c] = alone[code]!
      sum += surprise
    }
    scores[row] = sum / tables.length
  }
  return { scores, columns: [together, apart] }
}
