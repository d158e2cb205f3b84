const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A series as one character per value, lowest to highest; gaps for what is not a number. */
export function sparkline(values: readonly number[], width = 24): string {
  const shown = values.slice(-width)
  const finite = shown.filter(Number.isFinite)
  const low = Math.min(...finite)
  const high = Math.max(...finite)
  return shown.map((value) => barOf(value, low, high)).join('')
}

function barOf(value: number, low: number, high: number): string {
  if (!Number.isFinite(value)) return ' '
  return BARS[high > low ? Math.round(((value - low) / (high - low)) * (BARS.length - 1)) : 0]!
}
