const PARTS = /\d+|\D+/g
const DIGITS = /^\d/

function compareDigits(left: string, right: string): number {
  const a = left.replace(/^0+(?=\d)/, '')
  const b = right.replace(/^0+(?=\d)/, '')
  return a.length - b.length || compareText(a, b)
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const comparePart = (left: string, right: string): number =>
  DIGITS.test(left) && DIGITS.test(right) ? compareDigits(left, right) : compareText(left, right)

/** Orders names as people do: runs of digits as numbers (`part-2` before `part-10`), all else by code unit; total. */
export function compareNaturally(left: string, right: string): number {
  const a = left.match(PARTS) ?? []
  const b = right.match(PARTS) ?? []
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const order = comparePart(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return a.length - b.length || compareText(left, right)
}
