import type { FindingDetail } from '../../src/api/schemas.ts'
import { useWords } from '../language/words.tsx'
import { CopyableCode } from '../shell/copyable-code.tsx'

/** Rows of the batch that show what is wrong, and the predicate that selects them all. */
export function EvidenceTable({ finding }: { readonly finding: FindingDetail }) {
  const words = useWords()
  const { evidence } = finding
  if (!evidence)
    return <p className="muted">{words.say(finding.entity === 'pair' ? 'rows.lookedUp' : 'rows.none')}</p>
  const offending = new Set(finding.columns)
  return (
    <section className="evidence" aria-label={words.say('rows.title')}>
      <h3>{words.say('rows.title')}</h3>
      <p className="muted">
        {words.say('rows.of', {
          shown: evidence.rows.length,
          total: evidence.total ?? evidence.rows.length,
          description: words.told(evidence.description, 'rows'),
        })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and the keyboard must reach it. */}
      <div className="table-scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {evidence.columns.map((column) => (
                <th key={column} scope="col" className={offending.has(column) ? 'offending' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {evidence.rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity, and never move.
              <tr key={i}>
                {evidence.columns.map((column, j) => (
                  <Cell key={column} value={row[j] ?? null} isOffending={offending.has(column)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CopyableCode
        code={evidence.predicate}
        label={words.say('rows.copy')}
        name={words.say('rows.predicate')}
      />
    </section>
  )
}

function Cell({ value, isOffending }: { readonly value: string | null; readonly isOffending: boolean }) {
  return (
    <td className={isOffending ? 'offending' : undefined}>
      {value === null ? <span className="null">∅</span> : value}
    </td>
  )
}
