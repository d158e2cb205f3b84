import { createHash } from 'node:crypto'
import type { Json } from '../data/json.ts'
import type { Task } from './plan-tasks.ts'

/**
 * A digest of everything the outputs of a task depend on: component, version, parameters, and the content of its input files.
 *
 * The order of names does not matter, that of files in a list does.
 */
export function cacheKey({ component, version, parameters, artifacts }: Task): string {
  const digests = Object.fromEntries(
    Object.entries(artifacts).map(([name, files]) => [name, files.map(({ digest }) => digest)]),
  )
  return createHash('sha256').update(canonical({ component, version, parameters, digests })).digest('hex')
}

/** JSON with the keys of every object in order. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}
