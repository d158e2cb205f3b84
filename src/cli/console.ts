import { existsSync } from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createJobs } from '../api/jobs.ts'
import { createRowModelJobs } from '../api/row-model-jobs.ts'
import { createServer } from '../api/server.ts'
import { FiableError } from '../data/errors.ts'
import type { DatasetInput } from '../monitor/declaration.ts'
import { type Dataset, open, type Project } from '../monitor/project.ts'
import { DEMO_DATASET, prepareDemo } from './demo.ts'
import { EXPLAIN_WORKER } from './explain-rows.ts'
import { readProjectFile } from './project-datasets.ts'

export interface ConsoleFlags {
  readonly port: string
  readonly host: string
  readonly demo?: boolean
  readonly config: string
  readonly store: string
}

const WEB = path.join(import.meta.dirname, '..', '..', 'dist', 'web')
/** Beside this file, as source or compiled. */
const WORKER = new URL(`./check-worker${path.extname(import.meta.filename)}`, import.meta.url)
/** Ports tried after the wanted one. */
const TRIES = 20

/** `fiable console`: serves the console until interrupted, and checks every dataset once at the start. */
export async function serveConsole(flags: ConsoleFlags): Promise<void> {
  const project = await open({ store: flags.store })
  const given = new Map<string, DatasetInput>()
  const jobs = createJobs(WORKER, { store: project.store.folder, baseFolder: process.cwd() }, given)
  const rowModelJobs = createRowModelJobs(EXPLAIN_WORKER, project.store)
  const server = await createServer({ project, jobs, rowModelJobs, webFolder: WEB })
  const address = await listen(server, flags)
  onEnd(async () => {
    await Promise.all([jobs.close(), rowModelJobs.close()])
    await server.close()
    await project.close()
  })
  process.stdout.write(`Fiable is at ${address}\n`)
  for (const { name, declaration, notices } of await declare(project, flags)) {
    for (const notice of notices) process.stderr.write(`note: ${notice}\n`)
    given.set(name, declaration)
    jobs.start(name)
  }
}

async function declare(project: Project, { demo, config }: ConsoleFlags): Promise<readonly Dataset[]> {
  const declared: Dataset[] = []
  if (existsSync(config))
    for (const [name, declaration] of Object.entries((await readProjectFile(config)).datasets))
      declared.push(await project.dataset(name, declaration))
  if (demo)
    declared.push(
      await project.dataset(DEMO_DATASET, {
        data: await prepareDemo(project.store.folder),
        atMost: '2/month',
      }),
    )
  return declared.length > 0 ? declared : project.datasets()
}

async function listen(server: FastifyInstance, { port, host }: ConsoleFlags): Promise<string> {
  const wanted = Number(port)
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new FiableError(
      'BAD_ARGUMENT',
      `--port was ${port}; it must be 0 to 65535.`,
      'Give a free port, or 0 for any.',
    )
  for (let attempt = 0; ; attempt++) {
    try {
      return await server.listen({ host, port: wanted === 0 ? 0 : wanted + attempt })
    } catch (cause) {
      const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!isTaken || attempt === TRIES)
        throw new FiableError(
          'BAD_ARGUMENT',
          `The console cannot listen on ${host}:${wanted + attempt}: ${(cause as Error).message}.`,
          'Choose another with --port and --host.',
          { cause },
        )
    }
  }
}

/** Ends on a signal, asked once or more, and when what started it is gone: nobody could end it then. */
function onEnd(close: () => Promise<void>): void {
  let isEnding = false
  const end = (): void => {
    if (isEnding) return
    isEnding = true
    void close().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  if (!process.connected) return
  process.channel?.unref()
  process.once('disconnect', end)
}
