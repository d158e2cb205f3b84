import { EVEN_WEIGHTS, type HybridMember, type HybridWeights, hybridMembers } from '../data/hybrid.ts'
import type { Interval } from '../math/bootstrap.ts'
import { quantileOfSorted } from '../math/quantile.ts'
import { random, randomInteger } from '../math/random.ts'
import { rocAuc } from '../math/roc.ts'

/** What a member is tried to count for, beside once. */
const TRIED = [0.5, 1.5] as const
const RESAMPLES = 200

/** Ways to weigh the hybrid that are tried on every trial: evenly, then one member at a time. */
export const weightings: readonly HybridWeights[] = [
  EVEN_WEIGHTS,
  ...hybridMembers.flatMap((member) => TRIED.map((weight) => ({ [member]: weight }))),
]

/** Table scores of one batch, one per weighting, in nats. */
export interface WeighedScores {
  /** Place of the batch: those of one batch are drawn together. */
  readonly place: number
  readonly scores: readonly number[]
}

/** What counting for more or less would bring, by itself. */
export interface MemberGain {
  readonly member: HybridMember
  readonly weight: number
  /** Gain in the chance that a spoiled batch scores above a clean one, with its 95 % range over batches. */
  readonly gain: Interval
}

/** What the members of the hybrid are worth on a table. */
export interface LearntWeights {
  /** Only members that are surely worth more, or less; the others count once. */
  readonly weights: HybridWeights
  /** The better weight of each member that speaks on this table, the largest gain first. */
  readonly members: readonly MemberGain[]
  /** Chance that a spoiled batch scores above a clean one as it is. */
  readonly auc: number
}

/**
 * Learns what each member of the hybrid should count for from spoiled copies of batches: a member is weighed when the whole
 * range of what that brings, over batches drawn anew, is above 0.
 *
 * Gains are those of one member at a time: members that gain by telling the same do not gain twice. With fewer than eight clean
 * batches nothing is learnt.
 *
 * @see Efron and Tibshirani (1993), An introduction to the bootstrap, ch. 8 (resampling clusters) and 13 (percentiles).
 */
export function learnWeights(
  clean: readonly WeighedScores[],
  spoiled: readonly WeighedScores[],
  seed: number | string,
): LearntWeights {
  const aucOf = (weighting: number, places: Places): number =>
    rocAuc(scoresAt(clean, weighting, places), scoresAt(spoiled, weighting, places))
  const all = new Map(clean.map(({ place }) => [place, 1]))
  const auc = aucOf(0, all)
  if (clean.length < LEAST_CLEAN || spoiled.length === 0) return { weights: EVEN_WEIGHTS, members: [], auc }
  const draws = drawPlaces(
    clean.map(({ place }) => place),
    seed,
  )
  const even = draws.map((places) => aucOf(0, places))
  const members = hybridMembers.flatMap((member): readonly MemberGain[] => {
    const tried = TRIED.map((weight) => ({
      weight,
      at: weightings.findIndex((weighting) => weighting[member] === weight),
    })).filter(({ at }) => speaks(at, clean, spoiled))
    const gains = tried.map(({ weight, at }) => ({ member, weight, at, value: aucOf(at, all) - auc }))
    const best = gains.toSorted((a, b) => b.value - a.value)[0]
    if (!best) return []
    const drawn = Float64Array.from(draws, (places, i) => aucOf(best.at, places) - even[i]!).sort()
    const gain = {
      value: best.value,
      low: quantileOfSorted(drawn, 0.025),
      high: quantileOfSorted(drawn, 0.975),
    }
    return [{ member, weight: best.weight, gain }]
  })
  return {
    weights: Object.fromEntries(
      members.filter(({ gain }) => gain.low > 0).map(({ member, weight }) => [member, weight]),
    ),
    members: members.toSorted((a, b) => b.gain.value - a.gain.value),
    auc,
  }
}

const LEAST_CLEAN = 8

/** How often each place counts. */
type Places = ReadonlyMap<number, number>

function scoresAt(of: readonly WeighedScores[], weighting: number, places: Places): number[] {
  const scores: number[] = []
  for (const { place, scores: own } of of)
    for (let i = places.get(place) ?? 0; i > 0; i--) scores.push(own[weighting]!)
  return scores
}

function drawPlaces(places: readonly number[], seed: number | string): readonly Places[] {
  const draw = random(`${seed} hybrid weights`)
  return Array.from({ length: RESAMPLES }, () => {
    const drawn = new Map<number, number>()
    for (const _ of places) {
      const place = places[randomInteger(draw, 0, places.length)]!
      drawn.set(place, (drawn.get(place) ?? 0) + 1)
    }
    return drawn
  })
}

/** Whether a weighting changes any score: its member has metrics here. */
const speaks = (at: number, ...groups: readonly (readonly WeighedScores[])[]): boolean =>
  groups.some((group) => group.some(({ scores }) => scores[at] !== scores[0]))
