import assert from 'node:assert/strict'

/** Asserts that two values are equal, numbers among them to 1e-9 of their size. */
export function assertClose(actual: unknown, expected: unknown, path = 'value'): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    const close =
      Object.is(actual, expected) ||
      Math.abs(actual - expected) <= 1e-9 * Math.max(Math.abs(actual), Math.abs(expected))
    assert.ok(close, `${path}: ${actual} is not ${expected}`)
  } else if (Array.isArray(actual) && Array.isArray(expected)) {
    assert.equal(actual.length, expected.length, `${path}.length`)
    actual.forEach((item, i) => {
      assertClose(item, expected[i], `${path}[${i}]`)
    })
  } else if (isRecord(actual) && isRecord(expected)) {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), path)
    for (const key of Object.keys(actual)) assertClose(actual[key], expected[key], `${path}.${key}`)
  } else assert.deepEqual(actual, expected, path)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
