import type { MessageId } from './english.ts'

/** A sentence of the server recognised: the message that says it in any language, and what it is filled with. */
export interface Recognised {
  readonly id: MessageId
  readonly values: Readonly<Record<string, string>>
}

/** The fixed sentences of the server. One that is not listed is shown as the server wrote it. */
const patterns: readonly (readonly [MessageId, RegExp])[] = [
  ['reason.likely', /^As (?<count>\d+) earlier batch(?:es)? makes? likely\.$/],
  ['reason.first', /^The first batch: there is nothing yet to compare it with\.$/],
  ['reason.little', /^Too little history to judge\.$/],
  ['reason.varies', /^The past varies so much that no batch could raise an alert\.$/],
  ['reason.together', /^Several metrics are unusual together\.$/],
  ['reason.belowFloor', /^Not called for: (?<sentence>.*)$/s],
  ['reason.onlyBelowFloor', /^Only what is below the materiality floors is unusual\.$/],
  ['reason.still', /^Still unusual, as before\. (?<sentence>.*)$/s],
  ['rule.emptyBatch', /^The batch has no rows\.$/],
  ['rule.columnMissing', /^Column (?<column>.*) is missing\.$/s],
  ['rule.columnAdded', /^Column (?<column>.*) \((?<type>.*?)\) is new\.$/s],
  ['rule.batchReplayed', /^The batch has the same content as (?<batch>.*): it was delivered twice\.$/s],
  ['rule.duplicates', /^(?<percent>[\d.,e-]+) % of the rows are duplicates; there were none before\.$/],
  ['rule.nulls', /^(?<column>.*) is null in (?<percent>[\d.,e-]+) % of the rows; it never was before\.$/s],
  ['rule.allNull', /^(?<column>.*) is entirely null\.$/s],
  ['rule.unreadable', /^(?<percent>[\d.,e-]+) % of (?<column>.*) cannot be read as (?<type>.*)\.$/s],
  [
    'rule.repeats',
    /^(?<column>.*) never repeated within a batch; now (?<percent>[\d.,e-]+) % of its values do\.$/s,
  ],
  ['note.spoiled', /^spoiled on purpose: (?<how>.*)$/s],
  ['rows.twice', /^rows that occur more than once$/],
  ['rows.null', /^(?<column>.*) is null$/s],
  ['rows.placeholder', /^(?<column>.*) stands for a missing value$/s],
  ['rows.unreadable', /^(?<column>.*) cannot be read as (?<type>.*)$/s],
  ['rows.repeats', /^(?<column>.*) repeats$/s],
  ['rows.negative', /^(?<column>.*) is negative$/s],
  ['rows.zero', /^(?<column>.*) is zero$/s],
  ['rows.unseen', /^(?<column>.*) was never seen before$/s],
  ['rows.outside', /^(?<column>.*) is outside (?<low>\S+) … (?<high>\S+)$/s],
  ['rows.is', /^(?<column>.*?) is (?<value>.*)$/s],
]

/** Recognises a sentence of one kind: `reason`, `rule`, `note` or `rows`. */
export function recognise(sentence: string, kind: 'reason' | 'rule' | 'note' | 'rows'): Recognised | null {
  for (const [id, pattern] of patterns) {
    if (!id.startsWith(`${kind}.`)) continue
    const groups = pattern.exec(sentence)
    if (groups) return { id, values: { ...groups.groups } }
  }
  return null
}

/** True for a batch that stays unusual after the alert that spent the budget. */
export const isContinued = (reason: string): boolean => recognise(reason, 'reason')?.id === 'reason.still'
