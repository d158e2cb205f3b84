import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Browser, Page } from 'playwright-core'
import { createJobs } from '../src/api/jobs.ts'
import { createRowModelJobs } from '../src/api/row-model-jobs.ts'
import { createServer } from '../src/api/server.ts'
import { open, type Project } from '../src/monitor/project.ts'
import { launchBrowser } from './browser.ts'

const WEB = path.join(import.meta.dirname, '..', 'dist', 'web')

/** A console over a folder, as `fiable console` serves it, and a browser before it. Close it. */
export interface StartedConsole {
  readonly project: Project
  readonly address: string
  /** What pages said that they must not: errors, and requests to anybody but the server. */
  readonly complaints: string[]
  openPage(query?: string, options?: Parameters<Browser['newPage']>[0]): Promise<Page>
  stopServer(): Promise<void>
  /** At the same address. */
  startServer(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a console in a folder with its store in `store`.
 *
 * @param fill - Makes what there is to see, before anybody looks.
 */
export async function startConsole(
  folder: string,
  fill: (project: Project) => Promise<void> = async () => {},
): Promise<StartedConsole> {
  assert.ok(existsSync(WEB), 'The console is not built. Run `node scripts/run.mjs test`, which builds it.')
  const place = { store: path.join(folder, 'store'), baseFolder: folder }
  const project = await open(place)
  await fill(project)
  const jobs = createJobs(workerOf('check-worker'), place)
  const rowModelJobs = createRowModelJobs(workerOf('explain-worker'), project.store)
  const browser = await launchBrowser()
  let server: FastifyInstance
  const listen = async (port: number): Promise<string> => {
    server = await createServer({ project, jobs, rowModelJobs, webFolder: WEB })
    return server.listen({ host: '127.0.0.1', port })
  }
  const address = await listen(0)
  const complaints: string[] = []
  return {
    project,
    address,
    complaints,
    async openPage(query = '', options = {}) {
      const size = { width: 1400, height: 1000 }
      const page = await browser.newPage({ locale: 'en-US', viewport: size, ...options })
      listenTo(page, { address, complaints })
      await page.goto(`${address}/${query}`)
      return page
    },
    stopServer: () => server.close(),
    startServer: async () => void (await listen(Number(new URL(address).port))),
    async close() {
      for (const each of [browser, jobs, rowModelJobs, server, project]) await each.close()
    },
  }
}

const workerOf = (name: string): URL => new URL(`../src/cli/${name}.ts`, import.meta.url)

function listenTo(page: Page, { address, complaints }: Pick<StartedConsole, 'address' | 'complaints'>): void {
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) complaints.push(`request to ${request.url()}`)
  })
}
