import { spawn } from 'node:child_process'
import { FiableError } from '../data/errors.ts'

export interface CommandOptions {
  /** ExecutorInput, as JSON. */
  readonly input: string
  /** File descriptor for what it prints. */
  readonly log: number
  readonly cwd: string
  readonly signal: AbortSignal
}

/**
 * Runs a program that keeps the step contract itself.
 *
 * @throws FiableError NOT_FOUND when there is no such program, CRASHED when it was killed (also exit codes from 129, which
 * shells give for that), ENGINE_FAILED for any other exit code.
 */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  { input, log, cwd, signal: stop }: CommandOptions,
): Promise<void> {
  const child = spawn(program, [...args, '--executor-input', input], { cwd, stdio: ['ignore', log, log] })
  const endWithUs = (): boolean => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  stop.addEventListener('abort', endWithUs)
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (...how) => resolve(how))
    })
    if (code !== 0) throw ended(program, code, signal)
  } catch (cause) {
    if (cause instanceof FiableError) throw cause
    throw new FiableError(
      'NOT_FOUND',
      `The program ${program} cannot be started: ${(cause as Error).message}.`,
      'Install it on this machine, or correct the command of the component.',
      { cause },
    )
  } finally {
    process.off('exit', endWithUs)
    stop.removeEventListener('abort', endWithUs)
  }
}

function ended(program: string, code: number | null, signal: NodeJS.Signals | null): FiableError {
  const isKilled = signal !== null || (code ?? 0) > 128
  return new FiableError(
    isKilled ? 'CRASHED' : 'ENGINE_FAILED',
    `The program ${program} ended with ${signal ?? `exit code ${code}`}.`,
    isKilled ? 'Give it more memory if it was short of it; its log tells more.' : 'Read the log of the step.',
  )
}
