import { dimensions } from '../data/dimension.ts'
import type { Scorecard, ScorecardLine } from './scorecard.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(0)} %`)

/** A scorecard as one page of HTML without scripts or requests: a bar with its interval per corruption and fraction. */
export function scorecardPage(dataset: string, scorecard: Scorecard): string {
  const { overall, falseAlarms, batches, trials } = scorecard
  const sections = [...dimensions, null].map((dimension) =>
    sectionOf(
      dimension,
      scorecard.lines.filter((line) => line.dimension === dimension),
    ),
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Scorecard of ${escaped(dataset)}</title>
<style>${STYLE}</style></head><body>
<h1>Scorecard of ${escaped(dataset)}</h1>
<p class="lead">The monitor would catch <b>${percent(overall.rate)}</b> (${percent(overall.low)}–${percent(overall.high)}) of ${trials} faults tried on ${batches} batches;
false alarms on ${percent(falseAlarms.rate)} (${percent(falseAlarms.low)}–${percent(falseAlarms.high)}) of the clean ones. Intervals are 95 % (Wilson).</p>
${sections.join('\n')}
</body></html>
`
}

function sectionOf(dimension: string | null, lines: readonly ScorecardLine[]): string {
  if (lines.length === 0) return ''
  const title = dimension ?? 'Benign changes, which must not alarm'
  return `<h2>${title}</h2><table><thead><tr><th>fault<th>rows<th>caught<th><th>right dimension<th>column in top 3<th>ROC AUC</thead><tbody>${lines.map(rowOf).join('')}</tbody></table>`
}

const WIDTH = 220

function rowOf({
  corruption,
  dimension,
  fraction,
  caught,
  dimensionNamed,
  columnNamed,
  rocAuc,
}: ScorecardLine): string {
  const x = (share: number): string => (share * WIDTH).toFixed(1)
  const bar = `<svg width="${WIDTH}" height="14" role="img" aria-label="${percent(caught.low)} to ${percent(caught.high)}"><rect width="${WIDTH}" height="14" class="ground"/><rect width="${x(caught.rate)}" height="14" class="${dimension === null ? 'false' : 'bar'}"/><path d="M${x(caught.low)} 7H${x(caught.high)}M${x(caught.low)} 3v8M${x(caught.high)} 3v8" class="interval"/></svg>`
  const cells = [
    `${(fraction * 100).toFixed(fraction < 0.01 ? 1 : 0)} %`,
    `${percent(caught.rate)} of ${caught.trials}`,
    bar,
    percent(dimensionNamed.rate),
    percent(columnNamed.rate),
    Number.isNaN(rocAuc) ? '–' : rocAuc.toFixed(3),
  ]
  return `<tr><td>${corruption}${cells.map((cell) => `<td>${cell}`).join('')}`
}

const STYLE = `:root{color-scheme:light dark;--ink:#14181f;--soft:#5a6472;--line:#e4e8ee;--ground:#eef1f5;--bar:#0b6bcb;--false:#c8322b;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#9aa6b6;--line:#262d38;--ground:#1d2430;--bar:#5aa9f7;--false:#ff7b72;--page:#0e1116}}
body{font:14px/1.5 system-ui,sans-serif;max-width:920px;margin:32px auto;padding:0 20px;color:var(--ink);background:var(--page);font-variant-numeric:tabular-nums}
h1{font-size:22px}h2{font-size:15px;margin:28px 0 8px;text-transform:capitalize}.lead{color:var(--soft)}.lead b{color:var(--ink)}
table{border-collapse:collapse;width:100%}th{font-weight:500;color:var(--soft);text-align:left}td,th{padding:4px 10px 4px 0;border-bottom:1px solid var(--line)}
.ground{fill:var(--ground)}.bar{fill:var(--bar)}.false{fill:var(--false)}.interval{stroke:var(--ink);fill:none;stroke-width:1.3}`
