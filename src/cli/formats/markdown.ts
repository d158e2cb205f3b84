import { dimensions } from '../../data/dimension.ts'
import type { Verdict } from '../../data/verdict.ts'

const MARK = { ok: '✅ ok', alert: '🔶 alert', 'cannot-judge': '⚪ cannot judge' } as const

/** Verdicts as Markdown, for a pull request or a chat. */
export const markdownOf = (verdicts: readonly Verdict[]): string =>
  `${verdicts.map(sectionOf).join('\n\n')}\n`

function sectionOf(verdict: Verdict): string {
  const rows = dimensions.map(
    (dimension) =>
      `| ${dimension} | ${MARK[verdict.dimensions[dimension].status]} | ${escaped(verdict.dimensions[dimension].reason ?? '')} |`,
  )
  return [
    `### ${escaped(verdict.dataset)} · ${escaped(verdict.batch)}: ${MARK[verdict.status]}`,
    '',
    `${escaped(verdict.reason)}${verdict.provisional ? ' *(provisional: little history)*' : ''}`,
    '',
    '| dimension | verdict | reason |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}

/** Data ends up here: nothing of it may become markup. */
const escaped = (text: string): string =>
  text.replaceAll(/[\\`*_{}[\]<>#|!]/g, '\\$&').replaceAll(/\s+/g, ' ')
