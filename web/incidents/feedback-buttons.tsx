import type { IncidentView } from '../../src/api/incident-schemas.ts'
import { useWords } from '../language/words.tsx'

type Feedback = IncidentView['feedback']

interface FeedbackButtonsProps {
  /** What is asked. */
  readonly question: string
  readonly feedback: Feedback
  readonly isBusy: boolean
  /** Null takes back what was given. */
  onGive(feedback: Feedback): void
}

/** What may be said, in the order asked. */
export const feedbacks = ['expected', 'false-alarm', 'real'] as const

/** What it really was: expected, a false alarm, or bad. */
export function FeedbackButtons({ question, feedback, isBusy, onGive }: FeedbackButtonsProps) {
  const words = useWords()
  return (
    <fieldset className="incident-actions">
      <legend>{question}</legend>
      {feedbacks.map((each) => (
        <button
          key={each}
          type="button"
          title={words.say(`feedback.about.${each}`)}
          aria-pressed={feedback === each}
          disabled={isBusy}
          onClick={() => onGive(each)}
        >
          {words.say(`feedback.${each}`)}
        </button>
      ))}
      {feedback !== null && (
        <button type="button" className="quiet" disabled={isBusy} onClick={() => onGive(null)}>
          {words.say('incidents.undo')}
        </button>
      )}
      {feedback !== null && <p className="muted">{words.say(`feedback.about.${feedback}`)}</p>}
    </fieldset>
  )
}
