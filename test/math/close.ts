import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** Fails unless |actual − expected| ≤ tolerance·max(|expected|, scale). */
export function assertClose(
  actual: number,
  expected: number,
  tolerance: number,
  { scale = 0, what = '' }: { readonly scale?: number; readonly what?: string } = {},
): void {
  const allowed = tolerance * Math.max(Math.abs(expected), scale)
  assert.ok(
    actual === expected || Math.abs(actual - expected) <= allowed,
    `${what} is ${actual}, expected ${expected} within ${allowed}`,
  )
}

/** A file of reference values; each names its generator and the versions that made it. */
export function reference<Content>(name: string): Content {
  return JSON.parse(
    readFileSync(path.join(import.meta.dirname, '..', 'reference', `${name}.json`), 'utf8'),
  ) as Content
}
