import { FiableError } from '../data/errors.ts'

const SPANS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const SPAN = /^\s*(\d+(?:\.\d+)?)\s*([mhdw])\s*$/

/**
 * Reads a time to come: a span from now (`90m`, `4h`, `3d`, `2w`), or a date or instant in ISO form (local midnight and
 * clock when it names no zone).
 *
 * @throws FiableError BAD_ARGUMENT for any other text.
 */
export function parseUntil(text: string, nowMs: number): number {
  const [, count, unit] = SPAN.exec(text) ?? []
  if (count !== undefined) return nowMs + Number(count) * SPANS_MS[unit as keyof typeof SPANS_MS]
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00`) : Date.parse(text)
  if (/^\d{4}-/.test(text) && Number.isFinite(instant)) return instant
  throw new FiableError(
    'BAD_ARGUMENT',
    `'${text}' is no time that can be waited for.`,
    'Give a span such as 4h, 3d or 2w, or a date such as 2030-01-31.',
  )
}
