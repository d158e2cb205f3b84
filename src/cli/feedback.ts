import { userInfo } from 'node:os'
import { FiableError } from '../data/errors.ts'
import { type Feedback, feedbacks } from '../data/feedback.ts'
import type { FeedbackGiven } from '../monitor/feedback.ts'
import { datasetNamed, open } from '../monitor/project.ts'

export interface FeedbackFlags {
  readonly undo?: boolean
  readonly format: 'text' | 'json'
  readonly store: string
}

/** `fiable feedback`: says what a batch was, or takes that back. */
export async function feedback(
  name: string,
  batch: string,
  said: string | undefined,
  flags: FeedbackFlags,
): Promise<void> {
  const value = feedbackOf(said, flags)
  const project = await open({ store: flags.store })
  try {
    const dataset = await datasetNamed(project, name)
    printFeedback(name, await dataset.giveFeedback(batch, value, userInfo().username), flags.format)
  } finally {
    await project.close()
  }
}

/**
 * The feedback meant by a word and `--undo`; null takes back.
 *
 * @throws FiableError BAD_ARGUMENT for another word, none, or both.
 */
export function feedbackOf(
  said: string | undefined,
  { undo = false }: Pick<FeedbackFlags, 'undo'>,
): Feedback | null {
  if (undo && said === undefined) return null
  const found = feedbacks.find((each) => each === said)
  if (found && !undo) return found
  throw new FiableError(
    'BAD_ARGUMENT',
    undo ? `Both ${said} and --undo were given.` : `The feedback was ${said ?? 'left out'}.`,
    `Say one of ${feedbacks.join(', ')}; or --undo alone to take the last one back.`,
  )
}

const meanings: Readonly<Record<Feedback, string>> = {
  expected: 'expected: it is held for normal from the next batch on',
  'false-alarm': 'a false alarm: it is held for normal, and counts among the good ones',
  real: 'really bad: it is not held for normal, and sets no threshold',
}

/** Says what is in force now, and what it replaced. */
export function printFeedback(dataset: string, given: FeedbackGiven, format: 'text' | 'json'): void {
  if (format === 'json') return void process.stdout.write(`${JSON.stringify(given, null, 2)}\n`)
  const { batches, feedback: inForce, replaced } = given
  const what = inForce === null ? 'nothing is said of it any more' : meanings[inForce]
  const before = replaced.length > 0 && inForce !== null ? ` (until now: ${replaced.join(', ')})` : ''
  process.stdout.write(`${dataset} ${batches.join(', ')}: ${what}${before}\n`)
}
