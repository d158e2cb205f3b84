import type { SampleColumn } from '../data/profile.ts'
import { decimalsOf, decimalsOfSingle } from './number-shape.ts'
import { characterSet } from './text-shape.ts'

/** How many classes there are: class numbers are below it, and 0 is null. */
export const VALUE_CLASSES = 64

/** Classes of numbers: by sign and decimals (0, 1, 2, more), then one for what is not finite. */
const NOT_FINITE = 13
/** First class of texts: the set of their character classes follows, as bits. */
const FIRST_TEXT = 16

const remembered = new WeakMap<SampleColumn, Uint8Array>()

/**
 * The coarse kind of each value of a column by code, position 0 for null: sign and decimals of a number, the kinds of
 * characters in a text, the value of a boolean.
 *
 * There are so few classes that two columns' classes are seen together in every batch or never.
 */
export function valueClasses(column: SampleColumn): Uint8Array {
  let classes = remembered.get(column)
  if (!classes) {
    const { values } = column
    const decimals = column.column.type === 'FLOAT' ? decimalsOfSingle : decimalsOf
    classes = new Uint8Array(values.length + 1)
    for (let code = 1; code < classes.length; code++) classes[code] = classOf(values[code - 1]!, decimals)
    remembered.set(column, classes)
  }
  return classes
}

const classOf = (value: number | string, decimals: typeof decimalsOf): number =>
  typeof value === 'number' ? classOfNumber(value, decimals) : FIRST_TEXT + characterSet(value)

function classOfNumber(value: number, decimals: typeof decimalsOf): number {
  return Number.isFinite(value) ? 1 + 4 * (1 + Math.sign(value)) + decimals(value) : NOT_FINITE
}
