import type { FindingDetail } from '../../src/api/schemas.ts'
import { useWords } from '../language/words.tsx'

interface FindingsListProps {
  readonly findings: readonly FindingDetail[]
  readonly selected: FindingDetail | null
  onSelect(finding: FindingDetail): void
}

/** What is unusual in a batch, the most surprising first. */
export function FindingsList({ findings, selected, onSelect }: FindingsListProps) {
  const words = useWords()
  const highest = findings.reduce((peak, { surprise }) => Math.max(peak, surprise ?? 0), 1)
  return (
    <div className="findings-list">
      <h3>{words.say('findings.title')}</h3>
      <ol>
        {findings.map((finding) => (
          <li key={`${finding.key}${finding.absolute}`}>
            <button type="button" aria-pressed={finding === selected} onClick={() => onSelect(finding)}>
              <span className="finding-name">
                <b>{words.place(finding)}</b> {words.label(finding)}
              </span>
              <span className="finding-surprise">
                {finding.absolute ? (
                  <em>{words.say('finding.rule')}</em>
                ) : (
                  words.say('finding.surprise', { value: words.score(finding.surprise) })
                )}
              </span>
              <span className="finding-value">
                {words.value(finding.value, finding.unit)}
                {(finding.lowerLimit !== null || finding.upperLimit !== null) && (
                  <small>
                    {' '}
                    · {words.say('finding.expected').toLowerCase()} {words.expected(finding)}
                  </small>
                )}
              </span>
              {finding.belowFloor !== null && (
                <small className="finding-floor">
                  {words.say('finding.belowFloor', { floor: words.value(finding.belowFloor, 'percent') })}
                </small>
              )}
              <meter
                min={0}
                max={highest}
                value={finding.surprise ?? highest}
                aria-label={words.say('finding.surpriseTitle')}
              />
            </button>
          </li>
        ))}
      </ol>
    </div>
  )
}
