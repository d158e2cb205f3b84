import type { Graph, Value } from '../../onnx/graph.ts'
import { floats, longs, type Tensor } from '../../onnx/tensor.ts'

/** Chances of a clean row's score to be larger, at the knots of the curve. */
const CHANCES = [0.98, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002] as const
/** A knot needs so many clean rows beyond it. */
const FEWEST_BEYOND = 10
/** The tail beyond the last knot has the mean excess over this chance. */
const TAIL_FROM = 0.05

/**
 * Curves from scores to surprise, −ln of the chance that a clean row scores higher: straight between knots, exponential
 * beyond the last. One per series of scores; plain values.
 */
export interface TailCurves {
  readonly series: number
  /** Knots per series, ascending, the missing ones infinite. Shape [series, knots]. */
  readonly knots: Float32Array
  /** From each knot on, and below the first: surprise = start + (score − from) × slope. Shape [series, knots + 1]. */
  readonly from: Float32Array
  readonly start: Float32Array
  readonly slope: Float32Array
}

/** Knots of every curve. */
export const KNOTS = CHANCES.length

/**
 * Learns curves from scores of clean rows that were not learnt from.
 *
 * @param scores - Shape [rows, series], row-major, at least one row.
 * @param steepest - Most nats per unit of score: beyond, a curve would tell rounding apart, and a series that never
 *   varies would call any difference impossible.
 * @see Pickands (1975), Statistical inference using extreme order statistics: peaks over a threshold, here with shape 0.
 */
export function fitTails(scores: Float32Array, series: number, steepest: number): TailCurves {
  const curves = {
    series,
    knots: new Float32Array(series * KNOTS).fill(Infinity),
    from: new Float32Array(series * (KNOTS + 1)),
    start: new Float32Array(series * (KNOTS + 1)),
    slope: new Float32Array(series * (KNOTS + 1)),
  }
  const rows = scores.length / series
  for (let s = 0; s < series; s++) {
    const own = Float32Array.from({ length: rows }, (_, row) => scores[row * series + s]!).sort()
    fitCurve(own, steepest, {
      knots: curves.knots.subarray(s * KNOTS, (s + 1) * KNOTS),
      from: curves.from.subarray(s * (KNOTS + 1), (s + 1) * (KNOTS + 1)),
      start: curves.start.subarray(s * (KNOTS + 1), (s + 1) * (KNOTS + 1)),
      slope: curves.slope.subarray(s * (KNOTS + 1), (s + 1) * (KNOTS + 1)),
    })
  }
  return curves
}

function fitCurve(sorted: Float32Array, steepest: number, curve: Omit<TailCurves, 'series'>): void {
  const points = curvePoints(sorted, steepest)
  const tail = Math.min(steepest, 1 / meanExcess(sorted))
  for (const [k, { score, surprise }] of points.entries()) {
    const next = points[k + 1]
    curve.knots[k] = score
    curve.from[k + 1] = score
    curve.start[k + 1] = surprise
    curve.slope[k + 1] = next ? (next.surprise - surprise) / (next.score - score) : tail
  }
  // Below the first knot, surprise falls to 0 at the lowest score seen and stays there.
  curve.from[0] = points[0]!.score
  curve.start[0] = points[0]!.surprise
}

function curvePoints(
  sorted: Float32Array,
  steepest: number,
): { readonly score: number; readonly surprise: number }[] {
  const points: { readonly score: number; readonly surprise: number }[] = []
  for (const chance of CHANCES) {
    if (points.length > 0 && chance * sorted.length < FEWEST_BEYOND) break
    const score = sorted[Math.min(sorted.length - 1, Math.floor((1 - chance) * sorted.length))]!
    const last = points.at(-1)
    if (last && score <= last.score) continue
    const most = last ? last.surprise + steepest * (score - last.score) : Infinity
    points.push({ score, surprise: Math.min(-Math.log(chance), most) })
  }
  return points
}

/** Mean distance of the scores beyond the start of the tail to it; of all to the lowest when none is beyond; 0 when all are equal. */
function meanExcess(sorted: Float32Array): number {
  const from = Math.min(sorted.length - 1, Math.floor((1 - TAIL_FROM) * sorted.length))
  for (const begin of [from, 0]) {
    let sum = 0
    for (let i = begin; i < sorted.length; i++) sum += sorted[i]! - sorted[begin]!
    if (sum > 0) return sum / (sorted.length - begin)
  }
  return 0
}

/** Surprise of each score in nats. Shape [rows, series], row-major. */
export function surprises(
  { series, knots, from, start, slope }: TailCurves,
  scores: Float32Array,
): Float32Array {
  return scores.map((score, i) => {
    const s = i % series
    let k = 0
    while (k < KNOTS && score > knots[s * KNOTS + k]!) k++
    const at = s * (KNOTS + 1) + k
    return start[at]! + Math.fround(score - from[at]!) * slope[at]!
  })
}

/** The same inside a graph: float32 [rows, series]. */
export function graphSurprises(
  graph: Graph,
  { series, knots, from, start, slope }: TailCurves,
  scores: Value,
): Value {
  const column = graph.node('Unsqueeze', [scores, graph.constant(longs(2))])
  const above = graph.node('Greater', [column, graph.constant(floats(knots, [1, series, KNOTS]))])
  const place = graph.node(
    'ReduceSum',
    [graph.node('Cast', [above], { to: { integer: 7 } }), graph.constant(longs(2))],
    {
      keepdims: { integer: 0 },
    },
  )
  const firsts: Tensor = longs(...Array.from({ length: series }, (_, s) => s * (KNOTS + 1)))
  const at = graph.node('Add', [place, graph.constant(firsts)])
  const gather = (values: Float32Array): Value => graph.node('Gather', [graph.constant(floats(values)), at])
  const beyond = graph.node('Sub', [scores, gather(from)])
  return graph.node('Add', [gather(start), graph.node('Mul', [beyond, gather(slope)])])
}
