import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import path from 'node:path'
import type { UnitResult } from './evaluate.ts'

/** Finished units of one plan, a line each, so that an evaluation that was killed goes on where it was. */
export interface TrialLog {
  readonly done: readonly UnitResult[]
  add(result: UnitResult): void
  /** Forgets them: the evaluation is complete and told elsewhere. */
  remove(): void
}

/**
 * Opens the log of a plan in a folder, creating both.
 *
 * @param subject - Everything the results depend on; another one has another log.
 */
export function openTrialLog(folder: string, subject: unknown): TrialLog {
  mkdirSync(folder, { recursive: true })
  const digest = createHash('sha256').update(JSON.stringify(subject)).digest('hex').slice(0, 16)
  const file = path.join(folder, `${digest}.ndjson`)
  const done = existsSync(file) ? wholeLines(file) : []
  return {
    done,
    add: (result) => appendFileSync(file, `${JSON.stringify(result)}\n`),
    remove: () => rmSync(file, { force: true }),
  }
}

/** The lines that were written whole; half of one, left by a kill, is cut off. */
function wholeLines(file: string): readonly UnitResult[] {
  const bytes = readFileSync(file)
  const end = bytes.lastIndexOf(10) + 1
  if (end < bytes.length) truncateSync(file, end)
  const lines = bytes.toString('utf8', 0, end).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as UnitResult)
}
