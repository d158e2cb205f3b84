import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { FiableError } from '../data/errors.ts'
import type { StepReply, StepRequest } from './step-child.ts'

/** Forked children that run one step after another; a child that died or was killed is replaced. */
export interface ChildPool {
  /**
   * Runs a step in a free child, forking one when there is none.
   *
   * @throws FiableError CRASHED when the child dies, CANCELLED or TIMED_OUT when it was killed for that.
   */
  run(request: StepRequest, options: ChildOptions): Promise<StepReply>
  /** Kills all children and waits for their end. */
  close(): Promise<void>
}

export interface ChildOptions {
  /** Bound of the JavaScript heap. */
  readonly memoryMb: number
  /** Its reason, a FiableError, is thrown when the child is killed. */
  readonly signal: AbortSignal
  /** Called when the step itself begins, in a child that has started. */
  readonly onBegun: () => void
}

const CHILD = new URL(`./step-child${path.extname(import.meta.filename)}`, import.meta.url)
/** Time a step has to end by itself when it is stopped. */
const GRACE_MS = 2000

/** @param modules - Modules of components, beside those that come with Fiable. */
export function childPool(modules: readonly string[]): ChildPool {
  const idle = new Map<number, ChildProcess[]>()
  const all = new Set<ChildProcess>()
  const take = (memoryMb: number): ChildProcess => {
    const child = idle.get(memoryMb)?.pop()
    if (child) return child
    const forked = forkChild(modules, memoryMb)
    all.add(forked)
    forked.once('exit', () => {
      all.delete(forked)
      idle.set(
        memoryMb,
        (idle.get(memoryMb) ?? []).filter((other) => other !== forked),
      )
    })
    return forked
  }
  return {
    async run(request, options) {
      const { memoryMb, signal } = options
      if (signal.aborted) throw signal.reason
      const child = take(memoryMb)
      const reply = await ask(child, request, options)
      if (child.connected) idle.set(memoryMb, [...(idle.get(memoryMb) ?? []), child])
      return reply
    },
    async close() {
      await Promise.all([...all].map(end))
    },
  }
}

function forkChild(modules: readonly string[], memoryMb: number): ChildProcess {
  const execArgv = [`--max-old-space-size=${memoryMb}`]
  const child = fork(CHILD, [...modules], { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  child.unref()
  child.channel?.unref()
  return child
}

function ask(
  child: ChildProcess,
  request: StepRequest,
  { signal, onBegun }: ChildOptions,
): Promise<StepReply> {
  return new Promise((resolve, reject) => {
    let killing: NodeJS.Timeout | undefined
    const stop = (): void => {
      child.kill('SIGTERM')
      killing = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
    }
    const finish = (): void => {
      clearTimeout(killing)
      signal.removeEventListener('abort', stop)
      child.off('message', heard).off('exit', died)
      child.unref()
      child.channel?.unref()
    }
    const answered = (reply: StepReply): void => {
      finish()
      if (!signal.aborted) resolve(reply)
      else {
        // A child that was told to stop takes no further step.
        child.kill('SIGKILL')
        reject(signal.reason)
      }
    }
    const heard = (message: unknown): void => {
      if (message === 'begun') onBegun()
      else answered(message as StepReply)
    }
    const died = (code: number | null, how: NodeJS.Signals | null): void => {
      finish()
      reject(signal.aborted ? signal.reason : crashed(code, how))
    }
    child.ref()
    child.channel?.ref()
    child.on('message', heard).once('exit', died)
    signal.addEventListener('abort', stop, { once: true })
    child.send(request)
  })
}

const crashed = (code: number | null, signal: NodeJS.Signals | null): FiableError =>
  new FiableError(
    'CRASHED',
    `The process of the step ended with ${signal ?? `exit code ${code}`}.`,
    'Give the component more memory (resources.memoryMb) if it was short of it; its log tells more.',
  )

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.ref()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
