import type { DatasetDetail, VerdictSummary } from '../../src/api/schemas.ts'

/** A dataset with more batches judged: one judged again keeps its place, a new one comes last. */
export function withVerdicts(detail: DatasetDetail, judged: readonly VerdictSummary[]): DatasetDetail {
  if (judged.length === 0) return detail
  const byBatch = new Map(detail.verdicts.map((verdict) => [verdict.batch, verdict]))
  for (const verdict of judged) byBatch.set(verdict.batch, verdict)
  const verdicts = [...byBatch.values()]
  return {
    ...detail,
    verdicts,
    batches: verdicts.length,
    alerts: verdicts.filter(({ status }) => status === 'alert').length,
    latest: verdicts.at(-1) ?? null,
    // One came just now: when the next is due is for the server to say.
    next: null,
  }
}

/** Verdicts judged after everything in an answer: the server may answer with what it read a second ago. */
export function judgedSince(
  known: DatasetDetail | undefined,
  answer: DatasetDetail,
): readonly VerdictSummary[] {
  const newest = answer.verdicts.reduce((latest, { judgedMs }) => Math.max(latest, judgedMs), 0)
  return known?.verdicts.filter(({ judgedMs }) => judgedMs > newest) ?? []
}
