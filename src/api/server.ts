import { existsSync } from 'node:fs'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Project } from '../monitor/project.ts'
import { addDatasetRoutes } from './dataset-routes.ts'
import { addDrillRoutes } from './drill-routes.ts'
import { addEventStream } from './event-stream.ts'
import { addIncidentRoutes } from './incident-routes.ts'
import type { Jobs } from './jobs.ts'
import { createModel } from './model.ts'
import type { RowModelJobs } from './row-model-jobs.ts'
import { addRowModelRoutes } from './row-model-routes.ts'
import { addSensitivityRoutes } from './sensitivity-routes.ts'
import { addTraceRoutes } from './trace-routes.ts'

export interface ServerOptions {
  readonly project: Project
  readonly jobs: Jobs
  /** Trains and explains row models. */
  readonly rowModelJobs: RowModelJobs
  /** Folder of the built console; when it is absent, `/` says how to build it. */
  readonly webFolder: string
}

/** The HTTP API under `/api`, described at `/api/openapi.json`, and the console at `/`. Not yet listening. */
export async function createServer({
  project,
  jobs,
  rowModelJobs,
  webFolder,
}: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    // Browsers keep connections on which they never ask anything: closing would wait for them.
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => answerError(error, reply as unknown as FastifyReply),
  }).withTypeProvider<ZodTypeProvider>()
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  await server.register(helmet, {
    contentSecurityPolicy: {
      directives: { 'style-src': ["'self'", "'unsafe-inline'"], 'upgrade-insecure-requests': null },
    },
  })
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fiable',
        version: '0.1.0',
        description: 'Batches under watch, their verdicts, and the metrics behind them.',
      },
    },
    transform: jsonSchemaTransform,
  })
  addErrors(server)
  const model = createModel(project, Date.now)
  server.get('/api/health', { schema: { hide: true } }, () => ({ ok: true }))
  addDatasetRoutes(server, model, jobs)
  addDrillRoutes(server, model, jobs)
  addSensitivityRoutes(server, model)
  addIncidentRoutes(server, model)
  addRowModelRoutes(server, project, rowModelJobs)
  addTraceRoutes(server, project.store)
  addEventStream(server, jobs)
  server.get('/api/openapi.json', { schema: { hide: true } }, () => server.swagger())
  if (existsSync(webFolder)) await server.register(fastifyStatic, { root: webFolder })
  else server.get('/', { schema: { hide: true } }, () => NOT_BUILT)
  return server
}

/** Told instead of the console in a checkout whose page was never built. */
const NOT_BUILT =
  'The console is not built here. Run `npm start`, or `npm run build` once. The API is at /api.\n'

/** Errors as `{ code, message, fix }`, with the status that fits. */
function addErrors(server: FastifyInstance): void {
  server.setErrorHandler((error, _request, reply) => answerError(error, reply))
  server.setNotFoundHandler((request, reply) =>
    reply.status(404).send({
      code: 'NOT_FOUND',
      message: `There is nothing at ${request.url}.`,
      fix: 'See /api/openapi.json for the routes.',
    }),
  )
}

function answerError(error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof FiableError) {
    const { code, message, fix } = error
    return reply.status(statusOf(error)).send({ code, message, fix })
  }
  const message = messageOf(error)
  const status = (error as { readonly statusCode?: number }).statusCode ?? 500
  if (status >= 400 && status < 500)
    return reply
      .status(status)
      .send({ code: 'BAD_ARGUMENT', message, fix: 'See /api/openapi.json for what this route takes.' })
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return reply
    .status(500)
    .send({ code: 'INTERNAL', message, fix: 'Report this with what the server printed.' })
}

function statusOf({ code }: FiableError): number {
  if (code === 'NOT_FOUND') return 404
  if (code === 'CONFLICT') return 409
  return code === 'STORE_BUSY' ? 503 : 422
}
