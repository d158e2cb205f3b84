import type { VerdictSummary } from '../../src/api/schemas.ts'
import { useDecision } from '../api/decided-anew.ts'
import { giveFeedback } from '../api/queries.ts'
import { FeedbackButtons } from '../incidents/feedback-buttons.tsx'
import { useWords } from '../language/words.tsx'

interface BatchFeedbackProps {
  readonly dataset: string
  readonly verdict: VerdictSummary
}

/** What people say of one batch, whether it alerted or not: it moves what is held for normal, and can be taken back. */
export function BatchFeedback({ dataset, verdict: { batch, feedback } }: BatchFeedbackProps) {
  const words = useWords()
  const change = useDecision(dataset, (said: VerdictSummary['feedback']) =>
    giveFeedback(dataset, batch, said),
  )
  return (
    <div className="batch-feedback">
      <FeedbackButtons
        question={words.say('batch.question')}
        feedback={feedback}
        isBusy={change.isPending}
        onGive={(said) => change.mutate(said)}
      />
      {change.error && (
        <p role="alert" className="refused">{`${words.say('incidents.refused')} ${change.error.message}`}</p>
      )}
    </div>
  )
}
