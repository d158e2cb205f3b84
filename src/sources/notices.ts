import type { OnProgress } from '../data/progress.ts'

/** Sentences for the user, each kept once and told as it comes. */
export interface Notices {
  readonly sentences: readonly string[]
  add(sentence: string): void
}

/** Starts an empty list of sentences that also go to `onProgress`. */
export function openNotices(onProgress?: OnProgress): Notices {
  const sentences: string[] = []
  return {
    sentences,
    add(sentence) {
      if (sentences.includes(sentence)) return
      sentences.push(sentence)
      onProgress?.({ stage: sentence, done: 0, total: null })
    },
  }
}
