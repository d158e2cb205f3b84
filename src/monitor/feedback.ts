import type { Kysely } from 'kysely'
import { FiableError } from '../data/errors.ts'
import type { Feedback } from '../data/feedback.ts'
import { recordAction } from '../tracking/actions.ts'
import type { BatchRecord } from '../tracking/batches.ts'
import type { Tables } from '../tracking/schema.ts'
import type { JudgedBatch } from './baseline.ts'
import { storedAction } from './incident-actions.ts'
import type { Incident } from './incidents.ts'

/** What became of feedback. */
export interface FeedbackGiven {
  readonly batches: readonly string[]
  /** In force now for these batches; null when people say nothing, or not the same of each. */
  readonly feedback: Feedback | null
  /** What was in force before and is not any more; the latest feedback wins. */
  readonly replaced: readonly Feedback[]
  /** Whether each is held for normal from now on. */
  readonly inBaseline: boolean
}

/** Feedback on single batches, or on an incident with all of its batches. */
export interface FeedbackAsked {
  readonly batches: readonly string[]
  readonly incident: Incident | null
  /** Null takes back the one in force. */
  readonly feedback: Feedback | null
  readonly author: string
}

/**
 * The batches that feedback is about, as they are known; those of which it says nothing new are left out.
 *
 * @throws FiableError NOT_FOUND for a batch that is not judged; CONFLICT when there is nothing to take back; BAD_ARGUMENT
 *   when a batch without rows is to be held for normal.
 */
export function checkFeedback(
  dataset: string,
  judged: readonly JudgedBatch[],
  asked: Pick<FeedbackAsked, 'batches' | 'feedback'>,
): readonly BatchRecord[] {
  const known = new Map(judged.map(({ record }) => [record.listing.key, record]))
  const records = asked.batches.map((key) => known.get(key) ?? refuseUnknown(dataset, key, judged))
  if (asked.feedback === null) return toTakeBack(dataset, records)
  const empty = records.find(({ rows }) => rows === 0)
  if (empty && asked.feedback !== 'real')
    throw new FiableError(
      'BAD_ARGUMENT',
      `Batch ${empty.listing.key} of ${dataset} has no rows: it cannot be held for normal.`,
      'Say that it is real, or snooze the incident.',
    )
  return records.filter(({ feedback }) => feedback !== asked.feedback)
}

function toTakeBack(dataset: string, records: readonly BatchRecord[]): readonly BatchRecord[] {
  const given = records.filter(({ feedback }) => feedback !== null)
  if (given.length > 0) return given
  throw new FiableError(
    'CONFLICT',
    `There is no feedback on ${records.map(({ listing }) => listing.key).join(', ')} of ${dataset} to take back.`,
    'Leave out --undo to give feedback.',
  )
}

/** Batches named in an error. */
const NAMED = 5

function refuseUnknown(dataset: string, key: string, judged: readonly JudgedBatch[]): never {
  const newest = judged.slice(-NAMED).map(({ record }) => record.listing.key)
  throw new FiableError(
    'NOT_FOUND',
    `${dataset} has no judged batch ${key}: it was never judged, or is deleted; the newest are ${newest.join(', ') || 'none'}.`,
    'Choose a batch that `fiable check --all` lists.',
  )
}

/** Stores feedback, all or nothing. */
export async function giveFeedback(
  { db, datasetId }: { readonly db: Kysely<Tables>; readonly datasetId: number },
  asked: FeedbackAsked,
  { records, nowMs }: { readonly records: readonly BatchRecord[]; readonly nowMs: number },
): Promise<void> {
  if (records.length === 0) return
  const { incident, feedback, author } = asked
  await recordAction(
    db,
    {
      datasetId,
      kind: 'feedback',
      incident: incident?.id ?? null,
      value: incident
        ? storedAction(incident, { kind: 'feedback', feedback })
        : { feedback, batches: records.map(({ listing }) => listing.key) },
      author,
      createdMs: nowMs,
    },
    records.map(({ id }) => ({ batchId: id, feedback })),
  )
}

/** What is in force after feedback was given. */
export function feedbackGiven(
  { batches }: Pick<FeedbackAsked, 'batches'>,
  before: readonly BatchRecord[],
  judged: readonly JudgedBatch[],
): FeedbackGiven {
  const wanted = new Set(batches)
  const now = judged.map(({ record }) => record).filter(({ listing }) => wanted.has(listing.key))
  const standing = new Set(now.map(({ feedback }) => feedback))
  return {
    batches,
    feedback: standing.size === 1 ? [...standing][0]! : null,
    replaced: [...new Set(before.flatMap(({ feedback }) => feedback ?? []))],
    inBaseline: now.every(({ inBaseline }) => inBaseline),
  }
}
