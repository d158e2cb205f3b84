import { FiableError } from '../data/errors.ts'
import type { Finding, Verdict } from '../data/verdict.ts'
import type { JudgedBatch } from './baseline.ts'
import { recentValues, verdictOf } from './decide.ts'
import type { DatasetDeclaration } from './declaration.ts'
import { rankedFindings } from './findings.ts'
import type { HandledIncident } from './incident-actions.ts'
import { decisionsOf, type Tuned } from './monitor.ts'
import { rowsQuery } from './rows-query.ts'

/** Offending rows of one finding, to be run anywhere that DuckDB runs. */
export interface OffendingRows {
  readonly description: string
  readonly total: number | null
  /** One statement, or two for a database. */
  readonly sql: string
}

/** Why a batch was judged so. */
export interface Explanation {
  readonly verdict: Verdict
  /** Absolute findings, then metrics by surprise, whether unusual or not. */
  readonly metrics: readonly Finding[]
  readonly rows: readonly OffendingRows[]
  /** Incidents that the batch tells of. */
  readonly incidents: readonly HandledIncident[]
}

/** Metrics ranked unless asked otherwise. */
export const RANKED = 12

/**
 * Ranks the metrics of a judged batch, with the rows at fault.
 *
 * @param asked.batch - Key; the newest when left out.
 * @throws FiableError NOT_FOUND when it is not judged, TOO_FEW_BATCHES when none is.
 */
export async function explainBatch(
  dataset: Tuned & { readonly declaration: DatasetDeclaration },
  judged: readonly JudgedBatch[],
  asked: { readonly batch?: string; readonly limit?: number; readonly incidents: readonly HandledIncident[] },
): Promise<Explanation> {
  const place = placeOf(dataset.name, judged, asked.batch)
  const { record, score } = judged[place]!
  const decision = decisionsOf(dataset, judged)[place]!
  const verdict = verdictOf(dataset.name, judged, { place, decision })
  const metrics = rankedFindings(score, {
    decision,
    limit: asked.limit ?? RANKED,
    recentOf: (key) => recentValues(judged, place, key),
  })
  const query =
    score.summary.evidence.length > 0 ? await rowsQuery(dataset.declaration, record.listing) : null
  const evidence = new Map(
    [...verdict.findings, ...metrics].flatMap((found) =>
      found.evidence ? [[found.evidence.predicate, found.evidence] as const] : [],
    ),
  )
  return {
    verdict,
    metrics,
    rows: [...evidence.values()].map(({ description, total, predicate }) => ({
      description,
      total,
      sql: query!(predicate),
    })),
    incidents: asked.incidents.filter(({ batches }) => batches.includes(record.listing.key)),
  }
}

function placeOf(dataset: string, judged: readonly JudgedBatch[], batch: string | undefined): number {
  if (judged.length === 0)
    throw new FiableError(
      'TOO_FEW_BATCHES',
      `${dataset} has no judged batch yet.`,
      `Run \`fiable check\` first.`,
    )
  if (batch === undefined) return judged.length - 1
  const place = judged.findIndex(({ record }) => record.listing.key === batch)
  if (place >= 0) return place
  throw new FiableError(
    'NOT_FOUND',
    `${dataset} has no judged batch ${batch}; the newest is ${judged.at(-1)!.record.listing.key}.`,
    'Choose a batch that `fiable check --all` lists.',
  )
}
