import { createHash } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import { FiableError, messageOf } from '../data/errors.ts'
import { type ExecutionRecord, listExecutions } from './executions.ts'
import type { LineageArtifact } from './lineage.ts'
import { lineageOf } from './lineage.ts'
import { findRun } from './runs.ts'
import type { Tables } from './schema.ts'
import type { ExecutionState } from './trace-schema.ts'

const SPEC = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'
const FACETS = 'https://openlineage.io/spec/facets'
const PRODUCER = 'https://github.com/fiable/fiable'

/** A RunEvent of OpenLineage 2.0.2, as JSON. */
export type RunEvent = Readonly<Record<string, unknown>> & { readonly eventType: ExecutionState }

/**
 * The events of a run and its executions, in the order they happened: START and COMPLETE, FAIL or ABORT of each, the data in
 * and out of them, rows where they are known, and the run as their parent.
 */
export async function runEvents(db: Kysely<Tables>, runId: number): Promise<readonly RunEvent[]> {
  const run = await findRun(db, runId)
  const project = await db
    .selectFrom('project')
    .select('name')
    .where('id', '=', run.projectId)
    .executeTakeFirstOrThrow()
  const executions = await listExecutions(db, runId)
  const whole = { name: run.pipeline, uuid: uuidOf(`run ${runId} ${run.createdMs}`), namespace: project.name }
  const steps = await Promise.all(executions.map((execution) => stepEvents(db, execution, whole)))
  const own = [
    eventOf('START', run.createdMs, whole, {}),
    ...(run.endedMs === null ? [] : [eventOf(run.state, run.endedMs, whole, { error: run.error })]),
  ]
  return [...own, ...steps.flat()].sort((a, b) => (String(a.eventTime) < String(b.eventTime) ? -1 : 1))
}

interface JobOf {
  readonly name: string
  readonly uuid: string
  readonly namespace: string
  readonly parent?: JobOf
}

interface Told {
  readonly error?: string | null
  readonly inputs?: readonly LineageArtifact[]
  readonly outputs?: readonly LineageArtifact[]
}

async function stepEvents(
  db: Kysely<Tables>,
  execution: ExecutionRecord,
  parent: JobOf,
): Promise<readonly RunEvent[]> {
  const { inputs, outputs } = await filesOf(db, execution.id)
  const uuid = uuidOf(`execution ${execution.id} ${execution.createdMs}`)
  const job = { name: `${parent.name}.${execution.path}`, uuid, namespace: parent.namespace, parent }
  const start = eventOf('START', execution.startedMs ?? execution.createdMs, job, { inputs })
  if (execution.endedMs === null) return [start]
  return [
    start,
    eventOf(execution.state, execution.endedMs, job, { inputs, outputs, error: execution.error }),
  ]
}

async function filesOf(
  db: Kysely<Tables>,
  execution: number,
): Promise<{ readonly inputs: readonly LineageArtifact[]; readonly outputs: readonly LineageArtifact[] }> {
  const events = await db.selectFrom('event').selectAll().where('execution_id', '=', execution).execute()
  const { artifacts } = await lineageOf(
    db,
    events.map(({ artifact_id }) => artifact_id),
    { direction: 'back', depth: 0 },
  )
  const of = (type: 'INPUT' | 'OUTPUT'): readonly LineageArtifact[] => {
    const ids = new Set(events.filter((event) => event.type === type).map(({ artifact_id }) => artifact_id))
    return artifacts.filter(({ id }) => ids.has(id))
  }
  return { inputs: of('INPUT'), outputs: of('OUTPUT') }
}

function eventOf(eventType: ExecutionState, timeMs: number, job: JobOf, told: Told): RunEvent {
  return {
    eventType,
    eventTime: new Date(timeMs).toISOString(),
    producer: PRODUCER,
    schemaURL: SPEC,
    run: { runId: job.uuid, facets: runFacets(job, told) },
    job: {
      namespace: job.namespace,
      name: job.name,
      facets: {
        jobType: facet('2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet', {
          processingType: 'BATCH',
          integration: 'FIABLE',
          jobType: job.parent ? 'TASK' : 'DAG',
        }),
      },
    },
    inputs: (told.inputs ?? []).map((artifact) => ({
      ...datasetOf(artifact, job),
      inputFacets: inputFacets(artifact),
    })),
    outputs: (told.outputs ?? []).map((artifact) => ({
      ...datasetOf(artifact, job),
      outputFacets: outputFacets(artifact),
    })),
  }
}

const facet = (schema: string, fields: object) => ({
  _producer: PRODUCER,
  _schemaURL: `${FACETS}/${schema}`,
  ...fields,
})

function runFacets({ parent }: JobOf, { error }: Told): object {
  return {
    ...(parent
      ? {
          parent: facet('1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet', {
            run: { runId: parent.uuid },
            job: { namespace: parent.namespace, name: parent.name },
          }),
        }
      : {}),
    ...(error
      ? {
          errorMessage: facet('1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet', {
            message: error,
            programmingLanguage: 'TypeScript',
          }),
        }
      : {}),
  }
}

const datasetOf = ({ digest, name, type, uri }: LineageArtifact, { namespace }: JobOf) => ({
  namespace,
  name: digest,
  facets: {
    version: facet('1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet', {
      datasetVersion: digest,
    }),
    dataSource: facet('1-0-1/DatasourceDatasetFacet.json#/$defs/DatasourceDatasetFacet', {
      name: `${type} ${name}`,
      uri,
    }),
  },
})

const inputFacets = ({ rows, bytes }: LineageArtifact) => ({
  dataQualityMetrics: facet(
    '1-0-3/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet',
    { ...(rows === null ? {} : { rowCount: rows }), bytes, columnMetrics: {} },
  ),
})

const outputFacets = ({ rows, bytes }: LineageArtifact) => ({
  outputStatistics: facet(
    '1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet',
    {
      ...(rows === null ? {} : { rowCount: rows }),
      size: bytes,
    },
  ),
})

/** A UUID (version 8) made from a name: the same run has the same one whenever it is told. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`fiable ${name}`).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * Sends events to a file, one JSON a line, or to a URL, one POST each.
 *
 * @throws FiableError NOT_READABLE when the file cannot be written or the server does not take an event.
 */
export async function sendRunEvents(events: readonly RunEvent[], target: string): Promise<void> {
  try {
    if (/^https?:/.test(target)) for (const event of events) await post(target, event)
    else await appendFile(target, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  } catch (cause) {
    throw new FiableError(
      'NOT_READABLE',
      `The lineage events could not be sent to ${target}: ${messageOf(cause)}.`,
      'Check the path or the server; the run itself is stored, and its events can be sent again.',
      { cause },
    )
  }
}

async function post(url: string, event: RunEvent): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok) throw new Error(`it answered ${response.status}`)
}
