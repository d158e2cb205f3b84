/** Every way in which Fiable refuses input or work; stable, so that callers may branch on them. */
export type ErrorCode =
  | 'BAD_ARGUMENT'
  | 'BAD_CONFIG'
  | 'BAD_SCHEMA'
  | 'BROWSER_MISSING'
  | 'CANCELLED'
  | 'CONFLICT'
  | 'CRASHED'
  | 'DATABASE_FAILED'
  | 'DATABASE_UNREACHABLE'
  | 'DISK_FULL'
  | 'EMPTY_SOURCE'
  | 'ENGINE_FAILED'
  | 'INTERNAL'
  | 'MALFORMED_FILE'
  | 'NO_BATCHES'
  | 'NO_DATE_COLUMN'
  | 'NO_EFFECT'
  | 'NOT_FOUND'
  | 'NOT_READABLE'
  | 'NOT_CONVERGED'
  | 'SOURCE_CHANGED'
  | 'STORE_BUSY'
  | 'STORE_CORRUPT'
  | 'STORE_NEWER'
  | 'TIMED_OUT'
  | 'TOO_FEW_BATCHES'
  | 'TOO_FEW_ROWS'
  | 'TOO_MANY_COLUMNS'
  | 'UNKNOWN_COLUMN'
  | 'UNSUPPORTED_FORMAT'

/**
 * The one error class: what went wrong, where, which value was seen and which rule it broke (`message`),
 * and the next step as an imperative (`fix`).
 */
export class FiableError extends Error {
  readonly code: ErrorCode
  readonly fix: string

  constructor(code: ErrorCode, message: string, fix: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'FiableError'
    this.code = code
    this.fix = fix
  }
}

/** The text of anything thrown, for a message that quotes its cause. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)
