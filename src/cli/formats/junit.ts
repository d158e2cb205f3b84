import { dimensions } from '../../data/dimension.ts'
import type { Verdict } from '../../data/verdict.ts'

/** Verdicts as JUnit XML: a suite per batch, a case per dimension. What cannot be judged is skipped, never passed. */
export function junitOf(verdicts: readonly Verdict[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="fiable">\n${verdicts.map(suiteOf).join('\n')}\n</testsuites>\n`
}

function suiteOf(verdict: Verdict): string {
  const states = dimensions.map((dimension) => verdict.dimensions[dimension].status)
  const count = (status: string): number => states.filter((state) => state === status).length
  const head = `tests="${dimensions.length}" failures="${count('alert')}" skipped="${count('cannot-judge')}" timestamp="${new Date(verdict.judgedMs).toISOString()}"`
  return `  <testsuite name="${escaped(`${verdict.dataset} ${verdict.batch}`)}" ${head}>\n${dimensions.map((dimension) => caseOf(verdict, dimension)).join('\n')}\n  </testsuite>`
}

function caseOf(verdict: Verdict, dimension: (typeof dimensions)[number]): string {
  const { status, reason } = verdict.dimensions[dimension]
  const name = `name="${dimension}" classname="${escaped(verdict.dataset)}"`
  if (status === 'ok') return `    <testcase ${name}/>`
  const why = escaped(reason ?? verdict.reason)
  const body = status === 'alert' ? `<failure message="${why}"/>` : `<skipped message="${why}"/>`
  return `    <testcase ${name}>${body}</testcase>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML 1.0 forbids most control characters even when escaped. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!)
