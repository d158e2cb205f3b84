import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createJobs, type Jobs } from '../../src/api/jobs.ts'
import { createRowModelJobs } from '../../src/api/row-model-jobs.ts'
import type { ApiEvent } from '../../src/api/schemas.ts'
import { createServer } from '../../src/api/server.ts'
import { open, type Project } from '../../src/index.ts'

/** The worker that the console starts. */
export const WORKER = new URL('../../src/cli/check-worker.ts', import.meta.url)

const EXPLAIN_WORKER = new URL('../../src/cli/explain-worker.ts', import.meta.url)

export interface RunningServer {
  readonly address: string
  readonly project: Project
  readonly jobs: Jobs
  readonly server: FastifyInstance
  get(route: string): Promise<Response>
  post(route: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** A real server on a free port of the loopback, over a store in `folder`, with a page to serve. */
export async function runServer(folder: string, worker: URL = WORKER): Promise<RunningServer> {
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  const jobs = createJobs(worker, { store: project.store.folder, baseFolder: folder })
  const webFolder = path.join(folder, 'web')
  mkdirSync(webFolder)
  await writeFile(path.join(webFolder, 'index.html'), '<title>Fiable</title>')
  const rowModelJobs = createRowModelJobs(EXPLAIN_WORKER, project.store)
  const server = await createServer({ project, jobs, rowModelJobs, webFolder })
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    address,
    project,
    jobs,
    server,
    get: (route) => fetch(address + route),
    post: (route, init = {}) => fetch(address + route, { method: 'POST', ...init }),
    async close() {
      await Promise.all([jobs.close(), rowModelJobs.close()])
      await server.close()
      await project.close()
    },
  }
}

export interface Events {
  /** Reads until an event fulfils `isLast`; returns all that came. */
  until(isLast: (event: ApiEvent) => boolean): Promise<readonly ApiEvent[]>
  /** Reads to the end of the stream. */
  end(): Promise<void>
  cancel(): Promise<void>
}

/** Subscribes to the event stream over HTTP. */
export async function listenTo({ get }: RunningServer): Promise<Events> {
  const response = await get('/api/events')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let unread = ''
  return {
    async until(isLast) {
      const events: ApiEvent[] = []
      for (;;) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`the stream ended after ${JSON.stringify(events)}`)
        const messages = (unread + value).split('\n\n')
        unread = messages.pop()!
        for (const message of messages)
          if (message.startsWith('data: ')) events.push(JSON.parse(message.slice(6)) as ApiEvent)
        if (events.some(isLast)) return events
      }
    },
    async end() {
      while (!(await reader.read()).done);
    },
    cancel: () => reader.cancel(),
  }
}

/** True for the event that says how the job of a dataset ended. */
export const isEnd =
  (dataset: string) =>
  (event: ApiEvent): boolean =>
    event.kind === 'job' && event.job.dataset === dataset && event.job.state !== 'running'
