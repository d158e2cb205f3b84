import type { Graph, Value } from '../../../onnx/graph.ts'
import { longs, scalar } from '../../../onnx/tensor.ts'
import { FIRST_LEVEL, MISSING } from '../encoded-rows.ts'
import { type Cell, type ColumnKind, feedNumbers, oneByOne } from './column-kind.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const WEEK_DAYS = 7
/** 1970-01-01 was a Thursday: days since then, plus 3, count from Monday. */
const FIRST_WEEK_DAY = 3
const HOURS = 24

export interface TimeColumn {
  /** Whether the time of day varies; a date does not. */
  readonly hasHours: boolean
  readonly [key: string]: boolean
}

/**
 * Times: where they stand in the day and in the week (UTC), as points on two circles.
 *
 * The date itself is left out: every batch is later than those learnt from.
 */
export const time: ColumnKind<TimeColumn> = {
  kind: 'time',
  input: { type: 'float64', rowDims: [] },
  fit: ({ values }) => ({ hasHours: values.some((value) => Number(value) % DAY_MS !== 0) }),
  width: ({ hasHours }) => (hasHours ? 4 : 2),
  levels: ({ hasHours }) => FIRST_LEVEL + (hasHours ? HOURS : WEEK_DAYS),
  encode(fitted, cell, out, at) {
    const angles = anglesOf(fitted, cell)
    for (const [i, angle] of angles.entries()) {
      out[at + 2 * i] = Math.sin(angle)
      out[at + 2 * i + 1] = Math.cos(angle)
    }
    return codeOf(fitted, cell)
  },
  feed: feedNumbers,
  graph: oneByOne(graphTime),
}

const weekDayOf = (ms: number): number => {
  const days = Math.floor(ms / DAY_MS) + FIRST_WEEK_DAY
  return days - WEEK_DAYS * Math.floor(days / WEEK_DAYS)
}
const dayMsOf = (ms: number): number => ms - DAY_MS * Math.floor(ms / DAY_MS)

function anglesOf({ hasHours }: TimeColumn, cell: Cell): number[] {
  const ms = finiteOf(cell)
  const week = Math.fround(weekDayOf(ms) * ((2 * Math.PI) / WEEK_DAYS))
  return hasHours ? [week, Math.fround(dayMsOf(ms) * ((2 * Math.PI) / DAY_MS))] : [week]
}

function codeOf({ hasHours }: TimeColumn, cell: Cell): number {
  const ms = finiteOf(cell)
  if (Number.isNaN(ms)) return MISSING
  return FIRST_LEVEL + (hasHours ? Math.floor(dayMsOf(ms) / HOUR_MS) : weekDayOf(ms))
}

/** An infinite time, as PostgreSQL has them, stands nowhere in a week. */
const finiteOf = (cell: Cell): number =>
  cell === null || !Number.isFinite(Number(cell)) ? Number.NaN : Number(cell)

function graphTime(graph: Graph, input: Value, { hasHours }: TimeColumn) {
  const double = (value: number): Value => graph.constant(scalar('float64', value))
  const long = (value: number): Value => graph.constant(scalar('int64', value))
  const cast = (value: Value, to: number): Value => graph.node('Cast', [value], { to: { integer: to } })
  const times = graph.node('Mul', [graph.node('Unsqueeze', [input, graph.constant(longs(1))]), double(1)])
  const floorBy = (value: Value, by: number): Value =>
    graph.node('Floor', [graph.node('Div', [value, double(by)])])
  const rest = (value: Value, by: number): Value =>
    graph.node('Sub', [value, graph.node('Mul', [floorBy(value, by), double(by)])])
  const weekDay = rest(graph.node('Add', [floorBy(times, DAY_MS), double(FIRST_WEEK_DAY)]), WEEK_DAYS)
  const dayMs = rest(times, DAY_MS)
  const circle = (value: Value, around: number): Value[] => {
    const angle = cast(graph.node('Mul', [value, double((2 * Math.PI) / around)]), FLOAT)
    return [graph.node('Sin', [angle]), graph.node('Cos', [angle])]
  }
  const parts = [...circle(weekDay, WEEK_DAYS), ...(hasHours ? circle(dayMs, DAY_MS) : [])]
  const step = hasHours ? floorBy(dayMs, HOUR_MS) : weekDay
  // An infinite time minus itself is NaN, as a missing one is; neither may reach the cast to a whole number.
  const isMissing = graph.node('IsNaN', [cast(step, FLOAT)])
  const known = cast(graph.node('Where', [isMissing, double(0), step]), LONG)
  return {
    features: graph.node('Concat', parts, { axis: { integer: 1 } }),
    codes: graph.node('Where', [isMissing, long(MISSING), graph.node('Add', [known, long(FIRST_LEVEL)])]),
  }
}

/** Numbers of element types, as Cast takes them. */
const FLOAT = 1
const LONG = 7
