import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, FiableError, messageOf } from '../data/errors.ts'
import { componentBook, loadComponents } from './component-book.ts'
import { builtInComponents } from './components/index.ts'
import { parseExecutorInput } from './executor.ts'
import { runCommand } from './run-command.ts'
import { runStep } from './run-step.ts'

/** What a child is asked to do; one step at a time. */
export interface StepRequest {
  readonly component: string
  /** ExecutorInput, as JSON. */
  readonly executorInput: string
  /** File for everything the step prints. */
  readonly log: string
  /** Folder for what it keeps meanwhile. */
  readonly temp: string
}

/** How it went. */
export interface StepReply {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly fix: string } | null
  readonly cpuMs: number
  readonly peakMemoryMb: number
}

/** Said once the step itself begins: starting a process is not the step's time. */
const BEGUN = 'begun'

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
// The runner is gone: what is unfinished is done again by the next.
process.once('disconnect', () => process.exit(1))

// A step that never yields would not hear of it: this thread does.
new Worker(
  `const parent = process.ppid; setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 1000)`,
  { eval: true },
).unref()

const loaded = loadComponents(process.argv.slice(2)).then(
  (own) => componentBook([...builtInComponents, ...own]),
  (thrown: unknown) => thrown as FiableError,
)
process.on('message', (request) => void answer(request as StepRequest))

async function answer(request: StepRequest): Promise<void> {
  const before = process.cpuUsage()
  const log = openSync(request.log, 'a')
  const restore = printTo(log)
  let error: StepReply['error'] = null
  try {
    await perform(request, log)
  } catch (thrown) {
    error = errorOf(thrown)
    writeSync(
      log,
      `${thrown instanceof FiableError ? `${error.code} ${error.message}\n${error.fix}` : stackOf(thrown)}\n`,
    )
  } finally {
    restore()
    closeSync(log)
  }
  const { user, system } = process.cpuUsage(before)
  const peakMemoryMb = Math.round(process.resourceUsage().maxRSS / 1024)
  process.send?.({ error, cpuMs: (user + system) / 1000, peakMemoryMb } satisfies StepReply)
}

async function perform(request: StepRequest, log: number): Promise<void> {
  const book = await loaded
  process.send?.(BEGUN)
  if (book instanceof Error) throw book
  const component = book.find(request.component)
  if (!component)
    throw new FiableError(
      'NOT_FOUND',
      `The component ${request.component} is not known to this runner.`,
      'Name the module that exports it with --components.',
    )
  mkdirSync(request.temp, { recursive: true })
  process.env.TMPDIR = request.temp
  if (component.command)
    await runCommand(component.command, {
      input: request.executorInput,
      log,
      cwd: request.temp,
      signal: stop.signal,
    })
  else await runStep(component, parseExecutorInput(request.executorInput), stop.signal)
}

/** Sends what is printed to the step's log, until the returned function is called. */
function printTo(log: number): () => void {
  const streams = [process.stdout, process.stderr]
  const originals = streams.map((stream) => stream.write)
  const write = (chunk: string | Uint8Array): boolean => {
    if (typeof chunk === 'string') writeSync(log, chunk)
    else writeSync(log, chunk)
    return true
  }
  for (const stream of streams) stream.write = write as typeof stream.write
  return () => {
    for (const [i, stream] of streams.entries()) stream.write = originals[i]!
  }
}

const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)

const errorOf = (thrown: unknown): NonNullable<StepReply['error']> =>
  thrown instanceof FiableError
    ? { code: thrown.code, message: thrown.message, fix: thrown.fix }
    : {
        code: 'INTERNAL',
        message: messageOf(thrown),
        fix: 'Read the log of the step; the stack is there.',
      }
