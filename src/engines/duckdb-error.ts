import { FiableError, messageOf } from '../data/errors.ts'

/** Wraps what DuckDB threw, keeping its text, the statement and the cause. */
export function engineError(cause: unknown, sql: string): FiableError {
  const text = messageOf(cause)
  const statement = sql.length > 500 ? `${sql.slice(0, 500)}…` : sql
  if (/No space left|disk full|Could not write file/i.test(text))
    return new FiableError(
      'DISK_FULL',
      `The disk is full: ${text}`,
      'Free space, or point TMPDIR and --store at a larger disk.',
      { cause },
    )
  return new FiableError(
    'ENGINE_FAILED',
    `DuckDB refused a statement: ${text}\n  in: ${statement}`,
    'Report this with the statement above, or check the data it names.',
    { cause },
  )
}
