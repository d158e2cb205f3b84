import type { ScorecardLineView } from '../../src/api/schemas.ts'
import { useElementWidth } from '../charts/element-width.ts'

const HEIGHT = 74
const MARGIN = { left: 4, right: 26, top: 8, bottom: 16 }
/** Shares of the rows marked on the axis. */
const MARKS = [0.001, 0.01, 0.1, 1] as const

interface CatchRatePlotProps {
  /** Of one corruption, small shares first. */
  readonly lines: readonly ScorecardLineView[]
  readonly label: string
}

/** Catch-rates over the share of the rows, logarithmic from 0.1 % to all of them, each with its range. */
export function CatchRatePlot({ lines, label }: CatchRatePlotProps) {
  const [ref, width] = useElementWidth<HTMLDivElement>()
  const x = (fraction: number): number =>
    MARGIN.left + ((Math.log10(Math.max(fraction, 1e-3)) + 3) / 3) * (width - MARGIN.left - MARGIN.right)
  const y = (rate: number): number => MARGIN.top + (1 - rate) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const points = lines.map(({ fraction, caught }) => ({
    x: x(fraction),
    y: y(caught.rate ?? 0),
    low: y(caught.low),
    high: y(caught.high),
  }))
  const curve = points.map((at, i) => `${i === 0 ? 'M' : 'L'}${at.x},${at.y}`).join('')
  return (
    <div ref={ref}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label}>
          <path
            className="grid"
            d={`${MARKS.map((mark) => `M${x(mark)},${y(0)}V${y(1)}`).join('')}M${x(0.001)},${y(0)}H${x(1)}M${x(0.001)},${y(1)}H${x(1)}`}
          />
          {MARKS.map((mark) => (
            <text key={mark} x={x(mark)} y={HEIGHT - 4} textAnchor={mark === 0.001 ? 'start' : 'middle'}>
              {`${mark * 100} %`}
            </text>
          ))}
          <text x={x(1) + 4} y={y(1) + 4}>
            100
          </text>
          <text x={x(1) + 4} y={y(0) + 1}>
            0
          </text>
          {points.map((at) => (
            <path key={at.x} className="range" d={`M${at.x},${at.low}V${at.high}`} />
          ))}
          <path className="curve" d={curve} />
          {points.map((at) => (
            <circle key={at.x} className="dot" cx={at.x} cy={at.y} r={3} />
          ))}
        </svg>
      )}
    </div>
  )
}
