import { existsSync } from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createJobs } from '../api/jobs.ts'
import { createRowModelJobs } from '../api/row-model-jobs.ts'
import { createServer } from '../api/server.ts'
import { FiableError } from '../data/errors.ts'
import { type Dataset, open, type Project } from '../monitor/project.ts'
import { DEMO_DATASET, prepareDemo } from './demo.ts'
import { readProjectFile } from './project-datasets.ts'
import { ROW_MODEL_WORKER } from './train.ts'

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
  const jobs = createJobs(WORKER, {
    store: project.store.folder,
    baseFolder: process.cwd(),
  })
  const rowModelJobs = createRowModelJobs(ROW_MODEL_WORKER, project.store.folder)
  const server = await createServer({ project, jobs, rowModelJobs, webFolder: WEB })
  const address = await listen(server, flags)
  process.stdout.write(`Fiable is at ${address}\n`)
  onSignal(async () => {
    await Promise.all([jobs.close(), rowModelJobs.close()])
    await server.close()
    await project.close()
  })
  for (const dataset of await declare(project, flags)) jobs.start(dataset.name)
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

function onSignal(close: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().then(() => process.exit(0)))
}
