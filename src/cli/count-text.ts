/**
 * A count as people read it: `4,021`.
 *
 * As `toLocaleString('en')` writes it, which must first load the languages of the world: 25 ms of every check.
 *
 * @param count - Whole, below 1e21.
 */
export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
