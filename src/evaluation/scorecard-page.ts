import { dimensions } from '../data/dimension.ts'
import type { Interval } from '../math/bootstrap.ts'
import type { CatchRate } from './catch-rate.ts'
import type { Delay } from './detection-delay.ts'
import type { FireDrill } from './fire-drill.ts'
import type { Scorecard, ScorecardLine } from './scorecard.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(0)} %`)

const range = ({ rate, low, high }: Pick<CatchRate, 'rate' | 'low' | 'high'>): string =>
  `${percent(rate)} <small>(${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)})</small>`

/** A share of the rows: `2 %`, `0.5 %`, or the band of drawn ones. */
export function bandText([low, high]: ScorecardLine['band']): string {
  const text = (share: number): string => String(Number((share * 100).toPrecision(2)))
  return low === high ? `${text(low)} %` : `${text(low)}–${text(high)} %`
}

/** A scorecard as one page of HTML without scripts or requests: per corruption, its catch-rates by fraction. */
export function scorecardPage(dataset: string, scorecard: Scorecard, fire: FireDrill | null = null): string {
  const { overall, falseAlarms, batches } = scorecard
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
<p class="lead">The monitor would catch <b>${range(overall)}</b> of such faults; ${overall.trials.toLocaleString('en')} were tried on ${batches} batches.
It names the right dimension first in <b>${range(scorecard.dimensionNamed)}</b> of those caught and a spoiled column among its first three in <b>${range(scorecard.columnNamed)}</b>.
False alarms on <b>${range(falseAlarms)}</b> of the clean batches.</p>
<p class="lead">A range holds 19 times in 20 for as many new trials, with other seeds, rows and batches; it allows for batches of one stretch resembling each other
(${scorecard.designEffect.toFixed(1)} × the variance of independent trials).</p>
${fireOf(fire)}
${weakOf(scorecard.lines)}
${sections.join('\n')}
${delaysOf(scorecard.delays)}
${hybridOf(scorecard.hybrid)}
${notApplicableOf(scorecard.notApplicable)}
</body></html>
`
}

function fireOf(fire: FireDrill | null): string {
  if (!fire) return ''
  return `<p class="${fire.rang === fire.trials.length ? 'lead' : 'bad'}">Fire drill of ${new Date(fire.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC on ${escaped(fire.batch)}: ${fire.rang} of ${fire.trials.length} rang.</p>`
}

/** Corruptions named at the top, each at the largest share that is still missed. */
const WEAKEST = 8

function weakOf(lines: readonly ScorecardLine[]): string {
  const missed = lines.filter(({ dimension, caught }) => dimension !== null && caught.rate < 0.8)
  const largest = Map.groupBy(missed, ({ corruption }) => corruption).values()
  const weak = [...largest].map((of) => of.reduce((a, b) => (b.fraction > a.fraction ? b : a)))
  if (weak.length === 0)
    return '<h2>Weak spots</h2><p class="lead">None: every fault tried was caught at least four times in five.</p>'
  const items = weak.slice(0, WEAKEST).map((line) => {
    const [worst] = line.columns
    const where = worst ? `, worst in <code>${escaped(worst.column)}</code> ${range(worst.caught)}` : ''
    return `<li>would catch <b>${range(line.caught)}</b> of ${bandText(line.band)} ${escaped(line.corruption)}${where}`
  })
  return `<h2>Weak spots</h2><ol>${items.join('')}</ol>`
}

function sectionOf(dimension: string | null, lines: readonly ScorecardLine[]): string {
  if (lines.length === 0) return ''
  const title = dimension ?? 'Benign changes, which must not alarm'
  const rows = [...Map.groupBy(lines, ({ corruption }) => corruption).values()].map(rowOf)
  return `<h2>${title}</h2><table><thead><tr><th>fault<th>caught, by share of the rows<th><th>right dimension<th>column in top 3<th>ROC AUC<th>PR AUC</thead><tbody>${rows.join('')}</tbody></table>`
}

function rowOf(unordered: readonly ScorecardLine[]): string {
  const lines = [...unordered].sort((a, b) => a.fraction - b.fraction)
  const [first] = lines as [ScorecardLine]
  const stacked = (text: (line: ScorecardLine) => string): string => lines.map(text).join('<br>')
  const cells = [
    plotOf(lines),
    stacked(({ band, caught }) => `<small>${bandText(band)}</small> ${range(caught)}`),
    stacked(({ dimensionNamed }) => percent(dimensionNamed.rate)),
    stacked(({ columnNamed }) => percent(columnNamed.rate)),
    stacked(({ rocAuc }) => area(rocAuc)),
    stacked(({ averagePrecision }) => area(averagePrecision)),
  ]
  return `<tr><td>${escaped(first.corruption)}${cells.map((cell) => `<td>${cell}`).join('')}`
}

const area = ({ value, low, high }: Interval): string =>
  Number.isNaN(value) ? '–' : `${value.toFixed(2)} <small>(${low.toFixed(2)}–${high.toFixed(2)})</small>`

const PLOT = { width: 190, height: 62, left: 6, right: 6, top: 6, bottom: 6 } as const

/** Catch-rate over the share of the rows, logarithmic from 0.1 % to all of them, each with its range. */
function plotOf(lines: readonly ScorecardLine[]): string {
  const { width, height, left, right, top, bottom } = PLOT
  const x = (fraction: number): number =>
    left + ((Math.log10(Math.max(fraction, 1e-3)) + 3) / 3) * (width - left - right)
  const y = (rate: number): number => top + (1 - rate) * (height - top - bottom)
  const points = lines.map(({ fraction, caught }) => ({ x: x(fraction), ...caught }))
  const grid = [0.001, 0.01, 0.1, 1].map((at) => `M${x(at)} ${y(0)}v${y(1) - y(0)}`).join('')
  const ranges = points
    .map((at) => `M${at.x.toFixed(1)} ${y(at.low).toFixed(1)}V${y(at.high).toFixed(1)}`)
    .join('')
  const curve = points
    .map((at, i) => `${i === 0 ? 'M' : 'L'}${at.x.toFixed(1)} ${y(at.rate).toFixed(1)}`)
    .join('')
  const kind = lines[0]!.dimension === null ? 'false' : 'true'
  const dots = points
    .map((at) => `<circle cx="${at.x.toFixed(1)}" cy="${y(at.rate).toFixed(1)}" r="3" class="dot ${kind}"/>`)
    .join('')
  const label = lines.map(({ band, caught }) => `${bandText(band)}: ${percent(caught.rate)}`).join(', ')
  return `<svg width="${width}" height="${height}" role="img" aria-label="${label}"><path d="${grid}M${left} ${y(0)}H${width - right}M${left} ${y(1)}H${width - right}" class="grid"/><path d="${ranges}" class="range ${kind}"/><path d="${curve}" class="curve ${kind}"/>${dots}</svg>`
}

function hybridOf(hybrid: Scorecard['hybrid']): string {
  if (!hybrid || hybrid.members.length === 0) return ''
  const points = (share: number): string => `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(1)}`
  const rows = hybrid.members.map(
    ({ member, weight, gain }) =>
      `<tr><td>${member}<td>× ${weight}<td>${points(gain.value)} <small>(${points(gain.low)} to ${points(gain.high)})</small><td>${hybrid.weights[member] === undefined ? '' : 'surely'}`,
  )
  return `<h2>What the detectors are worth here</h2><p class="lead">Points of the chance (${percent(hybrid.auc)}) that a spoiled batch scores above a clean one, were one detector to count for more or less. Only those that surely gain are weighed.</p><table><thead><tr><th>detector<th>counted<th>gain<th></thead><tbody>${rows.join('')}</tbody></table>`
}

function delaysOf(delays: readonly Delay[]): string {
  if (delays.length === 0) return ''
  const rows = delays.map(
    ({ corruption, shape, caught, medianBatches }) =>
      `<tr><td>${escaped(corruption)}<td>${shape}<td>${range(caught)} of ${caught.trials}<td>${medianBatches ?? 'more than half never told'}`,
  )
  return `<h2>Faults that last</h2><table><thead><tr><th>fault<th>shape<th>told at all<th>batches until the first alert, median</thead><tbody>${rows.join('')}</tbody></table>`
}

function notApplicableOf(none: Scorecard['notApplicable']): string {
  if (none.length === 0) return ''
  const items = none.map(
    ({ corruption, reasons }) => `<li>${escaped(corruption)} <small>${reasons.join(', ')}</small>`,
  )
  return `<h2>Not applicable here</h2><p class="lead">Neither caught nor missed.</p><ul class="columns">${items.join('')}</ul>`
}

const STYLE = `:root{color-scheme:light dark;--ink:#14181f;--soft:#5a6472;--line:#e4e8ee;--true:#0b6bcb;--false:#c8322b;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#9aa6b6;--line:#262d38;--true:#5aa9f7;--false:#ff7b72;--page:#0e1116}}
body{font:14px/1.5 system-ui,sans-serif;max-width:1080px;margin:32px auto;padding:0 20px;color:var(--ink);background:var(--page);font-variant-numeric:tabular-nums}
h1{font-size:22px}h2{font-size:15px;margin:28px 0 8px}h2::first-letter{text-transform:capitalize}.lead{color:var(--soft);max-width:86ch}.lead b{color:var(--ink);font-weight:600}b small{font-weight:400;white-space:nowrap}.bad{color:var(--false);font-weight:600}
small{color:var(--soft)}ol,ul{padding-left:22px}.columns{columns:2}
table{border-collapse:collapse;width:100%}th{font-weight:500;color:var(--soft);text-align:left}td,th{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);vertical-align:middle;white-space:nowrap}
.grid{stroke:var(--line);fill:none}.range{fill:none;stroke-width:5;stroke-opacity:.3;stroke-linecap:round}.curve{fill:none;stroke-width:1.5}path.true{stroke:var(--true)}path.false{stroke:var(--false)}.dot.true{fill:var(--true)}.dot.false{fill:var(--false)}
@media(max-width:760px){table{display:block;overflow-x:auto}}`
