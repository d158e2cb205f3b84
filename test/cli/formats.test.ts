import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import Ajv from 'ajv'
import { exitCodeOf } from '../../src/cli/check.ts'
import { type Format, formatVerdicts } from '../../src/cli/formats/index.ts'
import { sparkline } from '../../src/cli/sparkline.ts'
import { dimensions } from '../../src/data/dimension.ts'
import type { Finding, Verdict, VerdictStatus } from '../../src/data/verdict.ts'

const NASTY = 'a<b>&"c"\u0007\u001b[31m|*x*`'

const finding: Finding = {
  dimension: 'completeness',
  entity: 'column',
  instance: NASTY,
  columns: [NASTY],
  metric: 'nullFraction',
  value: 0.25,
  centerLine: 0.01,
  lowerLimit: Number.NEGATIVE_INFINITY,
  upperLimit: 0.04,
  surprise: 22,
  absolute: false,
  belowFloor: null,
  message: `${NASTY}: nulls 25 %, expected at most 4 %.`,
  recent: [0.01, 0.02, 0.25],
  evidence: {
    description: `${NASTY} is null`,
    columns: [NASTY],
    rows: [[null], ['x\ny']],
    total: 2,
    predicate: 'true',
  },
}

const verdictOf = (status: VerdictStatus): Verdict => ({
  dataset: 'orders',
  batch: `day ${NASTY}`,
  revision: 1,
  startMs: 0,
  judgedMs: 0,
  rows: 1234,
  status,
  inDigest: false,
  isBelowFloor: false,
  provisional: false,
  score: 22,
  threshold: 6,
  reason: status === 'ok' ? 'As 9 earlier batches make likely.' : finding.message,
  dimensions: Object.fromEntries(
    dimensions.map((dimension) => [
      dimension,
      {
        status: status === 'alert' && dimension !== 'completeness' ? 'ok' : status,
        score: 1,
        reason: status === 'ok' ? null : finding.message,
      },
    ]),
  ) as Verdict['dimensions'],
  findings: status === 'alert' ? [finding] : [],
  label: null,
  feedback: null,
})

const all = (['ok', 'alert', 'cannot-judge'] as const).map(verdictOf)
const schema = path.join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'standards',
  'sarif',
  'sarif-schema-2.1.0.json',
)

test('an alert exits 1, only ok exits 0, anything else 2', () => {
  assert.equal(exitCodeOf([verdictOf('ok')]), 0)
  assert.equal(exitCodeOf([verdictOf('alert'), verdictOf('cannot-judge')]), 1)
  assert.equal(exitCodeOf([verdictOf('cannot-judge'), verdictOf('ok')]), 2)
  assert.equal(exitCodeOf([]), 2)
})

test('JSON carries the whole verdict', async () => {
  const [, alert] = JSON.parse(await formatVerdicts(all, 'json')) as Verdict[]
  assert.equal(alert!.findings[0]!.instance, NASTY)
})

test('JUnit is XML without forbidden characters: a failure for an alert, a skip for what cannot be judged', async () => {
  const xml = await formatVerdicts(all, 'junit')
  assert.equal(xml.match(/<failure /g)?.length, 1)
  assert.equal(xml.match(/<skipped /g)?.length, 5)
  assert.equal(xml.match(/<testsuite /g)?.length, 3)
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b-\u001f]|&(?!amp;|lt;|gt;|quot;)/)
})

test('SARIF keeps to its schema', {
  skip: existsSync(schema) || process.env.CI ? false : 'the SARIF schema is not at hand',
}, async () => {
  const { id: _, $schema: __, ...rules } = JSON.parse(readFileSync(schema, 'utf8')) as Record<string, unknown>
  const validate = new Ajv.Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(rules)
  const sarif = JSON.parse(await formatVerdicts(all, 'sarif')) as { runs: { results: unknown[] }[] }
  assert.ok(validate(sarif), JSON.stringify(validate.errors?.slice(0, 3)))
  assert.equal(sarif.runs[0]!.results.length, 1)
})

test('Markdown of hostile names is no markup', async () => {
  const markdown = await formatVerdicts([verdictOf('alert')], 'md')
  assert.doesNotMatch(markdown, /<b>/)
  assert.match(markdown, /\| completeness \| 🔶 alert \|/)
})

test('text of hostile cells moves no cursor and rings no bell', async () => {
  const text = await formatVerdicts([verdictOf('alert')], 'text')
  assert.match(text, /alert/)
  assert.match(text, /∅/)
  assert.doesNotMatch(text.replaceAll(/\u001b\[\d+m/g, ''), /[\u0000-\u0009\u000b-\u001f]/)
})

test('every format ends with a line end', async () => {
  for (const format of ['text', 'json', 'junit', 'sarif', 'md'] satisfies Format[])
    assert.ok((await formatVerdicts(all, format)).endsWith('\n'), format)
})

test('a sparkline shows lowest and highest, constants flat, gaps as blanks', () => {
  assert.equal(sparkline([0, 7]), '▁█')
  assert.equal(sparkline([3, 3, 3]), '▁▁▁')
  assert.equal(sparkline([0, Number.NaN, 1]), '▁ █')
  assert.equal(sparkline([1, 2, 3], 2), '▁█')
})
