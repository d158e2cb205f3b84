/** Where long work stands; `total` is null while unknown. */
export interface Progress {
  readonly stage: string
  readonly done: number
  readonly total: number | null
}

/** Told of progress; must return at once. */
export type OnProgress = (progress: Progress) => void
