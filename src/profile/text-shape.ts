/** Character classes counted per text, in the order of `ClassCounts`. */
export const characterClasses = ['upper', 'lower', 'digit', 'space', 'other'] as const

export const LONGEST_PATTERN = 24
/** Lengths above this count as this. */
export const LONGEST_LENGTH = 4096

const UPPER = 0
const LOWER = 1
const DIGIT = 2
const SPACE = 3
const OTHER = 4

/** Class of each ASCII character; upper, lower and digit are ASCII only, space is blank, tab to carriage return. */
const classOf = Uint8Array.from({ length: 128 }, (_, unit) => {
  if (unit >= 65 && unit <= 90) return UPPER
  if (unit >= 97 && unit <= 122) return LOWER
  if (unit >= 48 && unit <= 57) return DIGIT
  return unit === 32 || (unit >= 9 && unit <= 13) ? SPACE : OTHER
})

const maskOf = [65, 97, 57]
const NON_ASCII = 117
const mask = new Uint16Array(LONGEST_PATTERN)

/** Adds the characters of a text to `counts[at] … counts[at + 4]`, by class. */
export function countCharacters(text: string, counts: Uint32Array, at: number): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const slot = at + (unit < 128 ? classOf[unit]! : OTHER)
    counts[slot] = counts[slot]! + 1
  }
}

/** Which classes of characters a text has, one bit each, in the order of `characterClasses`: 0–31. */
export function characterSet(text: string): number {
  let set = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    set |= 1 << (unit < 128 ? classOf[unit]! : OTHER)
  }
  return set
}

/**
 * The run-collapsed mask of a text: `A` for a run of upper, `a` lower, `9` digit, `u` non-ASCII characters, all others
 * as themselves and not collapsed; at most 24 characters.
 */
export function patternOf(text: string): string {
  let size = 0
  let previous = -1
  for (let i = 0; i < text.length && size < LONGEST_PATTERN; i++) {
    const unit = text.charCodeAt(i)
    const run = unit >= 128 ? NON_ASCII : (maskOf[classOf[unit]!] ?? -1)
    if (run === -1) mask[size++] = unit
    else if (run !== previous) mask[size++] = run
    previous = run
  }
  return namedBefore(size) ?? nameOf(size)
}

/** The pattern named last: texts of one column mostly look alike. */
let last = { units: new Uint16Array(0), name: '' }

function namedBefore(size: number): string | null {
  const { units, name } = last
  if (units.length !== size) return null
  for (let i = 0; i < size; i++) if (units[i] !== mask[i]) return null
  return name
}

function nameOf(size: number): string {
  const units = mask.slice(0, size)
  last = { units, name: String.fromCharCode(...units) }
  return last.name
}
