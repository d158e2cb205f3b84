/** The last `capacity` values added, kept in ascending order: `sorted[0 … size − 1]`. */
export interface SortedWindow {
  size: number
  readonly sorted: Float64Array
  /** The same values as a ring in order of arrival; `next` is where the next one goes. */
  readonly arrived: Float64Array
  next: number
}

export const createSortedWindow = (capacity: number): SortedWindow => ({
  size: 0,
  sorted: new Float64Array(capacity),
  arrived: new Float64Array(capacity),
  next: 0,
})

/** Adds a value other than NaN, forgetting the oldest when full; the cost is one binary search and one memory move. */
export function addToWindow(window: SortedWindow, value: number): void {
  const { sorted, arrived } = window
  if (window.size === sorted.length) {
    const at = lowerBound(window, arrived[window.next]!)
    sorted.copyWithin(at, at + 1, window.size)
    window.size -= 1
  }
  const at = lowerBound(window, value)
  sorted.copyWithin(at + 1, at, window.size)
  sorted[at] = value
  window.size += 1
  arrived[window.next] = value
  window.next = (window.next + 1) % arrived.length
}

/** Number of values below `value`. */
function lowerBound({ sorted, size }: SortedWindow, value: number): number {
  let low = 0
  let high = size
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
