const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

/** Writes durations given in milliseconds as the language does, such as `0.42 sec`, `3 min 5 sec` and `2 hr 10 min`. */
export function createDurations(locale: string): (ms: number) => string {
  const formatter = (unit: string, maximumFractionDigits = 0): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits })
  const [days, hours, minutes] = [formatter('day'), formatter('hour'), formatter('minute')]
  const seconds = [0, 1, 2].map((digits) => formatter('second', digits))
  return (ms) => {
    const exact = Math.max(0, ms) / 1000
    const whole = Math.round(exact)
    if (whole < MINUTE_S) return seconds[exact < 1 ? 2 : exact < 10 ? 1 : 0]!.format(exact)
    if (whole < HOUR_S) return twoOf(minutes, seconds[0]!, { whole, large: MINUTE_S, small: 1 })
    if (whole < DAY_S) return twoOf(hours, minutes, { whole, large: HOUR_S, small: MINUTE_S })
    return twoOf(days, hours, { whole, large: DAY_S, small: HOUR_S })
  }
}

function twoOf(
  larges: Intl.NumberFormat,
  smalls: Intl.NumberFormat,
  { whole, large, small }: { readonly whole: number; readonly large: number; readonly small: number },
): string {
  const rest = Math.floor((whole % large) / small)
  const first = larges.format(Math.floor(whole / large))
  return rest === 0 ? first : `${first} ${smalls.format(rest)}`
}
