/**
 * What people make of a batch: `expected` (it is the new normal), `false-alarm` (it was good all along), `real` (it was
 * bad: it is never held for normal, and its scores set no threshold).
 */
export const feedbacks = ['expected', 'false-alarm', 'real'] as const

export type Feedback = (typeof feedbacks)[number]
