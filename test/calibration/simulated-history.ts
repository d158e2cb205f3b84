import type { Dimension } from '../../src/data/dimension.ts'
import { dimensions } from '../../src/data/dimension.ts'
import type { Metric } from '../../src/data/metric.ts'
import type { Arrival } from '../../src/detectors/table-scorer.ts'
import type { Random } from '../../src/math/random.ts'
import { random, randomInteger, randomNormal } from '../../src/math/random.ts'

const DAY_MS = 86_400_000
const MONDAY_MS = Date.UTC(2024, 0, 1)

/** Something that went wrong: from `day`, for `days`, in `column`. */
export interface Incident {
  readonly day: number
  readonly days: number
  readonly column: string
  readonly kind: 'spike' | 'shift' | 'ramp'
}

/** A made-up table's metrics, with what a careless model of real ones would miss: seasons, shared factors, heavy tails,
 * drifting volatility, level shifts, holidays, and rates that are mostly zero. */
export interface History {
  readonly arrivals: readonly Arrival[]
  readonly incidents: readonly Incident[]
}

type Kind = 'plain' | 'heavy' | 'wandering' | 'rare' | 'rate' | 'yearly'
const KINDS: readonly Kind[] = ['plain', 'heavy', 'wandering', 'rare', 'rate', 'yearly']

interface Series {
  readonly column: number
  readonly dimension: Dimension
  readonly kind: Kind
  /** Values by day, before they become counts for rates. */
  readonly values: Float64Array
  readonly usual: number
  readonly rareChance: number
  readonly rateBase: number
  readonly seed: number
}

/** @param incidentSize - Size of planted incidents in units of a metric's day-to-day deviation; 0 plants none. */
export function simulateHistory(
  seed: number,
  {
    series = 100,
    days = 365,
    incidentSize = 0,
  }: { series?: number; days?: number; incidentSize?: number } = {},
): History {
  const draw = random(`history ${seed}`)
  const columns = Math.max(4, series >> 3)
  const shared = {
    all: autoregression(draw, days, 0.5),
    holidays: holidaysOf(draw, days),
    factor: Array.from({ length: columns }, () => autoregression(draw, days, 0.8 * draw())),
    week: Array.from({ length: columns }, () => Array.from({ length: 7 }, () => randomNormal(draw))),
    shift: Array.from({ length: columns }, () => levelShifts(draw, days)),
  }
  const all = Array.from({ length: series }, (_, i) =>
    makeSeries(draw, i < columns ? i : randomInteger(draw, 0, columns), days, shared),
  )
  const incidents = incidentSize > 0 ? plantIncidents(draw, all, days, incidentSize) : []
  return { arrivals: toArrivals(all, days), incidents }
}

interface Shared {
  readonly all: Float64Array
  readonly holidays: Float64Array
  readonly factor: readonly Float64Array[]
  readonly week: readonly (readonly number[])[]
  readonly shift: readonly Float64Array[]
}

function makeSeries(draw: Random, column: number, days: number, shared: Shared): Series {
  const kind = KINDS[randomInteger(draw, 0, KINDS.length)]!
  const volatility = draw() < 0.2 ? autoregression(draw, days, 0.95) : null
  const noise = Float64Array.from({ length: days }, (_, t) => {
    const shock = kind === 'heavy' ? heavyDraw(draw) : randomNormal(draw)
    return volatility ? shock * Math.exp(0.15 * volatility[t]!) : shock
  })
  const own = smooth(noise, draw() < 0.6 ? 0.8 * draw() : 0)
  const weight = draw() < 0.7 ? 0.9 * draw() : 0
  const parts = {
    all: draw() < 0.3 ? 0.4 : 0,
    week: draw() < 0.5 ? 3 * draw() : 0,
    shift: draw() < 0.6 ? 0.5 + 0.5 * draw() : 0,
    slope: kind === 'wandering' ? 0.04 * (draw() - 0.5) : 0,
    holiday: kind === 'yearly' ? 0.3 + 0.7 * draw() : 0,
  }
  let walk = 0
  const values = Float64Array.from({ length: days }, (_, t) => {
    if (kind === 'wandering') walk += 0.08 * randomNormal(draw) + parts.slope
    const yearly = kind === 'yearly' ? 2 * Math.sin((2 * Math.PI * t) / 365) : 0
    return (
      weight * shared.factor[column]![t]! +
      Math.sqrt(1 - weight * weight) * own[t]! +
      parts.all * shared.all[t]! +
      parts.week * shared.week[column]![t % 7]! +
      parts.shift * shared.shift[column]![t]! +
      parts.holiday * shared.holidays[t]! +
      walk +
      yearly
    )
  })
  return {
    column,
    dimension: dimensions[randomInteger(draw, 0, 5)]!,
    kind,
    values,
    usual: Math.max(0.3, Math.sqrt(1 - weight * weight)),
    rareChance: 0.02 + 0.28 * draw(),
    rateBase: -5 + 4 * draw(),
    seed: draw(),
  }
}

/** Spikes of a day, shifts that stay, ramps over ten days, in turn, about a fortnight apart. */
function plantIncidents(draw: Random, all: readonly Series[], days: number, size: number): Incident[] {
  const incidents: Incident[] = []
  const kinds = ['spike', 'shift', 'ramp'] as const
  for (
    let day = 60 + randomInteger(draw, 0, 7), k = 0;
    day < days - 14;
    day += randomInteger(draw, 11, 17), k++
  ) {
    const kind = kinds[k % 3]!
    const { column } = all[randomInteger(draw, 0, all.length)]!
    const hit = all.filter((series) => series.column === column && series.kind !== 'rare')
    const victims = hit.slice(0, 1 + randomInteger(draw, 0, Math.min(3, hit.length || 1)))
    if (victims.length === 0) continue
    for (const victim of victims) {
      const height = size * victim.usual * (draw() < 0.5 ? -1 : 1)
      for (let t = day; t < days; t++) victim.values[t]! += height * shape(kind, t - day)
    }
    incidents.push({ day, days: { spike: 1, shift: 5, ramp: 12 }[kind], column: `column ${column}`, kind })
  }
  return incidents
}

function shape(kind: Incident['kind'], age: number): number {
  if (kind === 'spike') return age === 0 ? 1 : 0
  return kind === 'shift' ? 1 : Math.min((age + 1) / 10, 1)
}

function toArrivals(all: readonly Series[], days: number): Arrival[] {
  const draws = all.map((series) => random(`counts ${series.seed}`))
  return Array.from({ length: days }, (_, t) => ({
    startMs: MONDAY_MS + t * DAY_MS,
    metrics: all.map((series, i) => toMetric(series, i, t, draws[i]!)),
  }))
}

const ROWS = 5000

function toMetric(series: Series, index: number, day: number, draw: Random): Metric {
  const column = `column ${series.column}`
  const isRate = series.kind === 'rare' || series.kind === 'rate'
  return {
    name: `metric${index}`,
    dimension: series.dimension,
    entity: 'column',
    instance: column,
    columns: [column],
    value: isRate ? rateOf(series, day, draw) : series.values[day]!,
    scale: isRate ? 'rate' : 'level',
    side: 'both',
    support: ROWS,
  }
}

function rateOf(series: Series, day: number, draw: Random): number {
  if (series.kind === 'rare')
    return draw() < series.rareChance ? Math.round(-3 * Math.log(1 - draw()) + 0.5) / ROWS : 0
  const p = 1 / (1 + Math.exp(-(series.rateBase + 0.15 * series.values[day]!)))
  // Overdispersed: as if the rows came in 400 clusters.
  const p2 = Math.max(0, p + Math.sqrt((p * (1 - p)) / 400) * randomNormal(draw))
  return Math.min(1, Math.max(0, Math.round(ROWS * p2) / ROWS))
}

/** Student's t with 3 degrees, shrunk to about unit variance. */
function heavyDraw(draw: Random): number {
  const chiSquare = randomNormal(draw) ** 2 + randomNormal(draw) ** 2 + randomNormal(draw) ** 2
  return randomNormal(draw) / Math.sqrt(chiSquare / 3) / 1.4
}

function smooth(noise: Float64Array, memory: number): Float64Array {
  let value = 0
  return noise.map((shock) => (value = memory * value + shock))
}

const autoregression = (draw: Random, days: number, memory: number): Float64Array =>
  smooth(
    Float64Array.from({ length: days }, () => randomNormal(draw)),
    memory,
  )

function holidaysOf(draw: Random, days: number): Float64Array {
  const effect = new Float64Array(days)
  for (let k = 0; k < 4; k++) effect[randomInteger(draw, 0, days)] = -(3 + 5 * draw())
  return effect
}

function levelShifts(draw: Random, days: number): Float64Array {
  let level = 0
  return Float64Array.from({ length: days }, () => {
    if (draw() < 1 / 250) level += (draw() < 0.5 ? -1 : 1) * (1 + 5 * draw())
    return level
  })
}
