/** Edits (insert, delete, replace) between two names, case ignored. @see Levenshtein (1966). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, j) => j)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[right.length]!
}

/** The names a person may have meant by `wanted`, nearest first, at most three. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const asked = wanted.toLowerCase()
  return names
    .map((name) => ({ name, edits: distance(asked, name.toLowerCase().slice(0, 200)) }))
    .filter(({ name, edits }) => edits <= Math.max(2, asked.length / 3) || isPart(asked, name.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name)
}

const isPart = (asked: string, name: string): boolean =>
  asked.length >= 3 && (name.includes(asked) || (name.length >= 3 && asked.includes(name)))
