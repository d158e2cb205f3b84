import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'

/** Exit codes: what a script may rely on. */
export const EXIT = { ok: 0, alert: 1, cannotJudge: 2 } as const

/** An error as people read it: what happened, then what to do. */
export function describeError(thrown: unknown): string {
  if (thrown instanceof FiableError)
    return `${pc.red('error')} ${pc.dim(thrown.code)}  ${thrown.message}\n${pc.bold('→')} ${thrown.fix}`
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return `${pc.red('error')} ${pc.dim('INTERNAL')}  ${text}\n${pc.bold('→')} This is a defect of Fiable: please report it with the lines above.`
}

/** What went wrong with one dataset, which is named when there are several. */
export const failureOf = (
  { name }: { readonly name: string },
  among: readonly unknown[],
  thrown: unknown,
): string => (among.length > 1 ? `${name}: ${describeError(thrown)}` : describeError(thrown))

/** Prints an error and ends with the code for "cannot judge". */
export function fail(thrown: unknown): never {
  process.stderr.write(`${describeError(thrown)}\n`)
  process.exit(EXIT.cannotJudge)
}
