import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import { formatValue, wordsOf } from '../data/metric-words.ts'
import type { Finding } from '../data/verdict.ts'
import type { Explanation } from '../monitor/explain.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import type { RootCause } from '../monitor/root-cause.ts'
import { countText } from './count-text.ts'
import { badge } from './formats/text.ts'
import { sparkline } from './sparkline.ts'

export interface ExplainBatchFlags {
  readonly metrics: string
  readonly causes?: boolean
  readonly format: 'text' | 'json'
  readonly store: string
}

/** `fiable explain`: metrics ranked with what was expected, and SQL for the rows at fault. */
export async function explainBatch(
  name: string,
  batch: string | undefined,
  flags: ExplainBatchFlags,
): Promise<void> {
  const limit = limitOf(flags.metrics)
  const project = await open({ store: flags.store })
  try {
    const dataset = await datasetNamed(project, name)
    const explanation = await dataset.explain(batch, limit)
    const causes = flags.causes ? await dataset.rootCauses(explanation.verdict.batch) : []
    process.stdout.write(
      flags.format === 'json'
        ? `${JSON.stringify({ ...explanation, causes }, null, 2)}\n`
        : `${[textOf(explanation), ...causeLines(causes)].join('\n')}\n`,
    )
  } finally {
    await project.close()
  }
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw new FiableError(
    'BAD_ARGUMENT',
    `--metrics was ${text}; it must be a whole number from 1 to 1000.`,
    'Give a number of metrics, such as --metrics 20.',
  )
}

function textOf({ verdict, metrics, rows, incidents }: Explanation): string {
  return [
    `${pc.bold(verdict.dataset)}  ${plain(verdict.batch)}  ${countText(verdict.rows)} rows`,
    `${badge(verdict.status)}  ${plain(verdict.reason)}`,
    ...(incidents.length > 0 ? [pc.dim(`  incident ${incidents.map(({ id }) => id).join(', ')}`)] : []),
    '',
    ...metricLines(metrics),
    ...rows.flatMap(({ description, total, sql }) => [
      '',
      pc.dim(`  ${total === null ? 'some' : countText(total)} rows: ${plain(description)}`),
      `  ${plain(sql)}`,
    ]),
  ].join('\n')
}

/** Explanations of a cause that are printed. */
const CAUSES = 3

const causeLines = (causes: readonly RootCause[]): readonly string[] =>
  causes.length === 0
    ? []
    : ['', ...causes.slice(0, CAUSES).map(({ message }, i) => `  ${i + 1}. ${plain(message)}`)]

const HEAD = ['nats', 'metric', 'value', 'expected', 'history'] as const

function metricLines(metrics: readonly Finding[]): readonly string[] {
  const cells = [HEAD, ...metrics.map(cellsOf)]
  const widths = HEAD.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  return cells.map((row, at) => {
    const line = row
      .map((cell, i) => (i === 0 || i === 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
    return at === 0 ? pc.dim(`  ${line}`) : `  ${line}`
  })
}

function cellsOf(found: Finding): readonly string[] {
  const { label, unit } = wordsOf(found.metric)
  const place = found.entity === 'table' ? 'the table' : found.instance
  return [
    found.absolute ? 'rule' : found.surprise.toFixed(1),
    plain(`${place}: ${label}`),
    formatValue(found.value, unit),
    found.absolute ? '' : rangeOf(found, unit),
    sparkline(found.recent),
  ]
}

function rangeOf({ lowerLimit, upperLimit }: Finding, unit: Parameters<typeof formatValue>[1]): string {
  if (Number.isNaN(lowerLimit) || Number.isNaN(upperLimit)) return ''
  const [low, high] = [formatValue(lowerLimit, unit), formatValue(upperLimit, unit)]
  if (upperLimit === Number.POSITIVE_INFINITY) return `≥ ${low}`
  return lowerLimit === Number.NEGATIVE_INFINITY ? `≤ ${high}` : `${low} to ${high}`
}

/** Text of the data must not move the cursor or ring the bell. */
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
