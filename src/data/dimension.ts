/**
 * The five aspects of quality a batch is watched on.
 *
 * `integrity` is this product's word for the frequencies of values (ISO 25012 uses it for referential integrity).
 */
export const dimensions = ['conformity', 'uniqueness', 'completeness', 'integrity', 'consistency'] as const

export type Dimension = (typeof dimensions)[number]
