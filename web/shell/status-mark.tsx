import type { VerdictSummary } from '../../src/api/schemas.ts'
import { useWords } from '../language/words.tsx'

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
  return (
    <svg
      className={`mark mark-${shape}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      role="img"
      aria-label={words.say(`status.${shape}`)}
    >
      {shapes[shape]}
    </svg>
  )
}

const shapes = {
  ok: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  alert: <path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor" />,
  still: <path d="M6 1.8 10.2 6 6 10.2 1.8 6z" fill="none" stroke="currentColor" strokeWidth="1.7" />,
  'cannot-judge': <circle cx="6" cy="6" r="3.8" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  late: <path d="M2 1.5h8L6 6l4 4.5H2L6 6z" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  none: <path d="M2 6h8" stroke="currentColor" strokeWidth="2" />,
} as const
