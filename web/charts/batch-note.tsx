import type { VerdictSummary } from '../../src/api/schemas.ts'
import { useWords } from '../language/words.tsx'
import { StatusMark } from '../shell/status-mark.tsx'

/** What a tooltip says of a batch: its day, a figure, and why. */
export function BatchNote({
  verdict,
  status,
  figure,
  why,
}: {
  readonly verdict: VerdictSummary
  readonly status: VerdictSummary['status']
  readonly figure: string
  readonly why: string | null
}) {
  const words = useWords()
  return (
    <>
      <strong>{words.batch(verdict)}</strong>
      <span className="tooltip-figure">
        <StatusMark status={status} /> {figure}
      </span>
      {why && <span className="tooltip-why">{why}</span>}
      {verdict.label && <span className="tooltip-note">⚑ {words.told(verdict.label, 'note')}</span>}
    </>
  )
}
