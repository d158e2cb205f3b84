/**
 * How a fault develops over the batches it lasts.
 *
 * - `once`: the first batch only.
 * - `step`: all of them, in full.
 * - `ramp`: growing in equal steps, in full at the last.
 * - `intermittent`: every third batch, in full.
 */
export const shapes = ['once', 'step', 'ramp', 'intermittent'] as const

export type Shape = (typeof shapes)[number]

/**
 * Share of the full fraction that is spoiled at a batch.
 *
 * @param position - Batches since the fault began, from 0.
 * @param duration - Batches it lasts, ≥ 1.
 * @returns 0 to 1; 0 outside of the fault.
 */
export function strengthAt(shape: Shape, position: number, duration: number): number {
  if (position < 0 || position >= duration) return 0
  if (shape === 'once') return position === 0 ? 1 : 0
  if (shape === 'ramp') return (position + 1) / duration
  return shape === 'step' || position % 3 === 0 ? 1 : 0
}
