/** A place on a chart, in pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** One path for many marks: thousands cost no more elements than one. */
const pathOf = (points: readonly Point[], mark: (point: Point) => string): string => points.map(mark).join('')

/** Marks that would cover one another are drawn once; the eye loses none. */
export function thin(points: readonly Point[], pixels: number): readonly Point[] {
  const drawn = new Map<string, Point>()
  for (const point of points) {
    const cell = `${Math.round(point.x / pixels)} ${Math.round(point.y / pixels)}`
    if (!drawn.has(cell)) drawn.set(cell, point)
  }
  return [...drawn.values()]
}

const at = (value: number): string => value.toFixed(1)

/** Diamonds: an alert, whatever colours the reader sees. */
export const diamonds = (points: readonly Point[], radius: number): string =>
  pathOf(
    points,
    ({ x, y }) =>
      `M${at(x)} ${at(y - radius)}l${radius} ${radius}l${-radius} ${radius}l${-radius} ${-radius}z`,
  )

/** Rings: a batch that cannot be judged. */
export const rings = (points: readonly Point[], radius: number): string =>
  pathOf(
    points,
    ({ x, y }) =>
      `M${at(x - radius)} ${at(y)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0z`,
  )

/** Dots: one batch each, when there is room to tell them apart. */
export const dots = rings

/** Vertical lines from each point down to `bottom`. */
export const stems = (points: readonly Point[], bottom: number): string =>
  pathOf(points, ({ x, y }) => `M${at(x)} ${at(y)}V${bottom}`)
