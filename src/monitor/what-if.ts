import { type ObservedRate, observedRate } from '../calibration/observed-rate.ts'
import type { Decision } from '../calibration/replay-decisions.ts'
import type { Sensitivity } from '../calibration/sensitivity.ts'
import type { JudgedBatch } from './baseline.ts'
import { decideAll } from './decide.ts'

/** What became of a batch. */
export type Fate = 'page' | 'digest' | 'quiet'

/** The whole history under one sensitivity. */
export interface Outcome {
  readonly pages: number
  readonly digest: number
  /** Null while no two batches have a time. */
  readonly rate: ObservedRate | null
  /** Batches known to be bad, by their label or by feedback, that page, and that do not. */
  readonly caught: readonly string[]
  readonly missed: readonly string[]
}

/** What a change of sensitivity would have made of the past. */
export interface WhatIf {
  readonly before: Outcome
  readonly after: Outcome
  /** Batches that would page and did not, and the other way round. */
  readonly rung: readonly string[]
  readonly silenced: readonly string[]
  readonly batches: number
  /** What became of each batch, in the order of arrival, and what would. */
  readonly fatesBefore: readonly Fate[]
  readonly fates: readonly Fate[]
}

/**
 * Replays a history of stored scores under another sensitivity: nothing is read again, and the answer is exactly what a
 * full run under it would have said.
 */
export function whatIf(
  judged: readonly JudgedBatch[],
  { before, after }: { readonly before: Sensitivity; readonly after: Sensitivity },
): WhatIf {
  const [then, now] = [decideAll(judged, before), decideAll(judged, after)]
  const keysWhere = (changed: (was: Fate, is: Fate) => boolean): readonly string[] =>
    judged
      .filter((_, i) => changed(fateOf(then[i]!), fateOf(now[i]!)))
      .map(({ record }) => record.listing.key)
  return {
    before: outcomeOf(judged, then),
    after: outcomeOf(judged, now),
    rung: keysWhere((was, is) => was !== 'page' && is === 'page'),
    silenced: keysWhere((was, is) => was === 'page' && is !== 'page'),
    batches: judged.length,
    fatesBefore: then.map(fateOf),
    fates: now.map(fateOf),
  }
}

export const fateOf = ({ alert, digest }: Decision): Fate => (alert ? 'page' : digest ? 'digest' : 'quiet')

function outcomeOf(judged: readonly JudgedBatch[], decisions: readonly Decision[]): Outcome {
  const fates = decisions.map(fateOf)
  const bad = judged.flatMap(({ record }, i) =>
    record.label === null && record.feedback !== 'real'
      ? []
      : [{ key: record.listing.key, isPaged: fates[i] === 'page' }],
  )
  return {
    pages: fates.filter((fate) => fate === 'page').length,
    digest: fates.filter((fate) => fate === 'digest').length,
    rate: observedRate(
      decisions.map(({ batch }) => batch),
      decisions,
    ),
    caught: bad.filter(({ isPaged }) => isPaged).map(({ key }) => key),
    missed: bad.filter(({ isPaged }) => !isPaged).map(({ key }) => key),
  }
}
