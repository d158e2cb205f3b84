import pc from 'picocolors'
import { dimensions } from '../../data/dimension.ts'
import type { Evidence, Finding, Verdict, VerdictStatus } from '../../data/verdict.ts'
import { countText } from '../count-text.ts'
import { sparkline } from '../sparkline.ts'

/** Verdicts for a terminal: the verdict, its reason, one line per dimension, and the rows behind an alert. */
export function textOf(verdicts: readonly Verdict[]): string {
  return verdicts.length === 1
    ? `${wholeOf(verdicts[0]!)}\n`
    : `${verdicts.map(lineOf).join('\n')}\n\n${totalsOf(verdicts)}\n`
}

/** Shape as well as colour tells the status. */
export function badge(status: VerdictStatus): string {
  if (status === 'alert') return pc.red(pc.bold('◆ alert'))
  return status === 'ok' ? pc.green('● ok') : pc.yellow('○ cannot judge')
}

/** One verdict on one line. */
export function lineOf(verdict: Verdict): string {
  const note = verdict.label ? pc.dim(` [${verdict.label}]`) : ''
  const reason = verdict.status === 'ok' ? '' : ` ${plain(verdict.reason)}`
  return `${badge(verdict.status)}  ${plain(verdict.batch)}${note} ${pc.dim(`${countText(verdict.rows)} rows`)}${reason}`
}

function totalsOf(verdicts: readonly Verdict[]): string {
  const count = (status: VerdictStatus): number =>
    verdicts.filter((verdict) => verdict.status === status).length
  return `${verdicts.length} batches: ${count('ok')} ok, ${count('alert')} alert, ${count('cannot-judge')} cannot judge`
}

function wholeOf(verdict: Verdict): string {
  const provisional = verdict.provisional ? pc.yellow(' provisional: little history, wide limits') : ''
  const head = `${pc.bold(verdict.dataset)}  ${plain(verdict.batch)}  ${countText(verdict.rows)} rows`
  const lines = [
    head,
    `${badge(verdict.status)}${provisional}  ${plain(verdict.reason)}`,
    '',
    ...dimensions.map((dimension) => dimensionLine(verdict, dimension)),
  ]
  return [...lines, ...evidenceLines(verdict)].join('\n')
}

function dimensionLine(verdict: Verdict, dimension: (typeof dimensions)[number]): string {
  const { status, reason } = verdict.dimensions[dimension]
  const finding = verdict.findings.find((found) => found.dimension === dimension)
  const chart = finding && finding.recent.length > 1 ? `  ${pc.cyan(sparkline(finding.recent))}` : ''
  const why = status === 'ok' || !reason ? '' : `  ${plain(reason)}`
  return `  ${dimension.padEnd(13)} ${badge(status)}${status === 'ok' ? '' : chart}${why}`
}

function evidenceLines(verdict: Verdict): readonly string[] {
  if (verdict.status !== 'alert') return []
  const shown = verdict.findings.find(
    (finding): finding is Finding & { evidence: Evidence } => finding.evidence !== null,
  )
  return shown ? ['', ...tableOf(shown.evidence)] : []
}

const CELL = 28
const COLUMNS = 8

function tableOf({ description, columns, rows, total }: Evidence): readonly string[] {
  const shown = columns.slice(0, COLUMNS)
  const cells = [shown, ...rows.map((row) => row.slice(0, COLUMNS))].map((row) => row.map(cellOf))
  const widths = shown.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  const lines = cells.map((row, i) =>
    `  ${row.map((cell, j) => cell.padEnd(widths[j]!)).join('  ')}`
      .trimEnd()
      .replace(/^.*$/, (line) => (i === 0 ? pc.dim(line) : line)),
  )
  return [pc.dim(`  ${total === null ? 'some' : countText(total)} rows: ${plain(description)}`), ...lines]
}

function cellOf(cell: string | null): string {
  if (cell === null) return '∅'
  const shown = plain(cell)
  return shown.length > CELL ? `${shown.slice(0, CELL - 1)}…` : shown
}

/** Text of the data must not move the cursor or ring the bell. */
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
