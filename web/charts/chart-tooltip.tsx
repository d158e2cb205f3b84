import type { ReactNode } from 'react'

/** A note beside the cursor that never leaves the chart. */
export function ChartTooltip({
  x,
  y,
  width,
  children,
}: {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly children: ReactNode
}) {
  const shift = width > 0 ? Math.round((x / width) * 100) : 50
  return (
    <div
      className="tooltip"
      style={{ left: x, top: y, transform: `translate(-${shift}%, calc(-100% - 10px))` }}
    >
      {children}
    </div>
  )
}
