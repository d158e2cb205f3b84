import path from 'node:path'
import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import { explainInChild } from '../monitor/explain-in-child.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import type { BatchExplanation, ExplainedRow } from '../row-models/explain-batch.ts'
import { countText } from './count-text.ts'

/** Beside this file, as source or compiled. */
export const EXPLAIN_WORKER = new URL(
  `./explain-worker${path.extname(import.meta.filename)}`,
  import.meta.url,
)

export interface ExplainFlags {
  readonly store: string
  readonly rows: string | true
  readonly format: 'text' | 'json'
}

/** `fiable explain --rows`: the oddest rows of a batch, with the cells at fault, what was expected, and rows alike. */
export async function explainRows(
  name: string,
  batch: string | undefined,
  flags: ExplainFlags,
): Promise<void> {
  const rows = wholeOf(flags.rows)
  const project = await open({ store: flags.store })
  try {
    await datasetNamed(project, name)
    const explanation = await explainInChild(EXPLAIN_WORKER, {
      what: 'rows',
      store: project.store.folder,
      dataset: name,
      batch,
      rows,
    })
    process.stdout.write(
      flags.format === 'json' ? `${JSON.stringify(explanation, null, 2)}\n` : `${textOf(explanation)}\n`,
    )
  } finally {
    await project.close()
  }
}

function wholeOf(given: string | true): number {
  const value = given === true ? 10 : Number(given)
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value
  throw new FiableError(
    'BAD_ARGUMENT',
    `--rows was ${given}; it must be a whole number from 1 to 1000.`,
    'Give a number of rows, such as --rows 10.',
  )
}

function textOf(explanation: BatchExplanation): string {
  const { dataset, batch, model, rows, oddFraction, isInSample, oddest } = explanation
  return [
    pc.bold(`${dataset} ${batch}: ${percent(oddFraction)} of the rows are above the 1 % line of clean rows`),
    pc.dim(
      `${model.name} ${model.version}; ${countText(rows.looked)} of ${countText(rows.of)} rows looked at`,
    ),
    ...(isInSample
      ? [pc.yellow('The model learnt from this batch: its rows look less odd than they are.')]
      : []),
    ...oddest.flatMap((row, i) => ['', ...rowText(explanation, row, i)]),
  ].join('\n')
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

/** Cells printed per row. */
const SHOWN_CELLS = 8
const CLIPPED = 24

function rowText({ columns }: BatchExplanation, row: ExplainedRow, i: number): string[] {
  const suspects = row.suspects.map(
    ({ column, value, expected, surprise }) =>
      `   ${pc.red('◆')} ${pc.bold(column)} is ${value ?? '∅'}${expected === null ? '' : `, expected ${expected}`}  ${pc.dim(`${surprise.toFixed(1)} nats`)}`,
  )
  const whole = pc.dim('   odd as a whole: no cell stands out')
  const order = columnsToShow(columns, row)
  const line = (cells: readonly (string | null)[]): string =>
    order.map((c) => `${columns[c]}=${clip(cells[c] ?? '∅')}`).join('  ')
  return [
    `${pc.bold(`${i + 1}.`)} ${row.score.toFixed(1)} nats  ${line(row.cells)}`,
    ...(suspects.length > 0 ? suspects : [whole]),
    ...(row.similar[0] ? [pc.dim(`   alike: ${line(row.similar[0])}`)] : []),
  ]
}

/** The suspects first, then the other columns in their order. */
function columnsToShow(columns: readonly string[], { suspects }: ExplainedRow): number[] {
  const first = suspects.map(({ column }) => columns.indexOf(column))
  const others = [...columns.keys()].filter((c) => !first.includes(c))
  return [...first, ...others].slice(0, SHOWN_CELLS)
}

const clip = (text: string): string => (text.length > CLIPPED ? `${text.slice(0, CLIPPED - 1)}…` : text)
