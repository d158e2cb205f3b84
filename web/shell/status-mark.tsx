import type { VerdictSummary } from '../../src/api/schemas.ts'
import { useWords } from '../language/words.tsx'
import { Mark } from './mark.tsx'

/** A status by shape and colour: a dot, a diamond, a ring; an hourglass for what did not come; a dash before anything is judged. */
export function StatusMark({
  status,
  isContinued = false,
}: {
  readonly status: VerdictSummary['status'] | 'late' | null
  /** An alert that was raised before and goes on. */
  readonly isContinued?: boolean
}) {
  const words = useWords()
  const shape = status === 'alert' && isContinued ? 'still' : (status ?? 'none')
  return <Mark shape={shape} label={words.say(`status.${shape}`)} />
}
