/**
 * The detectors that a monitor is a hybrid of: control charts of single columns and of pairs of columns, two-sample
 * distances to the past, and the four row detectors by the spread of their scores over a batch.
 */
export const hybridMembers = [
  'charts',
  'pair-charts',
  'two-sample',
  'isolation-forest',
  'nearest-neighbours',
  'frequency-surprise',
  'autoencoder',
] as const

export type HybridMember = (typeof hybridMembers)[number]

/** What the nats of each member count for; one left out counts once. */
export type HybridWeights = Readonly<Partial<Record<HybridMember, number>>>

/** Every member counts once. */
export const EVEN_WEIGHTS: HybridWeights = {}
