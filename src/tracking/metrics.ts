import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'
import { writing } from './sqlite.ts'

/** A number told by an execution, at a step of its own. */
export interface MetricPoint {
  readonly step: number
  readonly value: number
}

export interface NewMetric extends MetricPoint {
  readonly name: string
}

const ROWS_AT_ONCE = 1000

/** Stores numbers of an execution; NaN is kept as such. */
export async function recordMetrics(
  db: Kysely<Tables>,
  {
    runId,
    executionId,
    nowMs,
  }: { readonly runId: number; readonly executionId: number; readonly nowMs: number },
  metrics: readonly NewMetric[],
): Promise<void> {
  const rows = metrics.map(({ name, step, value }) => ({
    run_id: runId,
    execution_id: executionId,
    name,
    step,
    value: Number.isNaN(value) ? null : value,
    created_ms: nowMs,
  }))
  await writing(db, async (transaction) => {
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE)
      await transaction
        .insertInto('metric')
        .values(rows.slice(i, i + ROWS_AT_ONCE))
        .execute()
  })
}

/** One metric of a run over its steps. */
export async function metricHistory(
  db: Kysely<Tables>,
  runId: number,
  name: string,
): Promise<readonly MetricPoint[]> {
  const rows = await db
    .selectFrom('metric')
    .select(['step', 'value'])
    .where('run_id', '=', runId)
    .where('name', '=', name)
    .orderBy('step')
    .execute()
  return rows.map(({ step, value }) => ({ step, value: value ?? Number.NaN }))
}

/** The metrics of a run, each with its last value. */
export async function metricsOfRun(db: Kysely<Tables>, runId: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('metric')
    .select(['name', 'value'])
    .where('run_id', '=', runId)
    .orderBy('name')
    .orderBy('step')
    .orderBy('id')
    .execute()
  return new Map(rows.map(({ name, value }) => [name, value ?? Number.NaN]))
}
