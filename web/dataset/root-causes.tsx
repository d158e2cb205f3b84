import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RootCauseView, VerdictSummary } from '../../src/api/schemas.ts'
import { rootCausesQuery } from '../api/queries.ts'
import { useWords, type Words } from '../language/words.tsx'
import { CopyableCode } from '../shell/copyable-code.tsx'
import { Failure, Loading } from '../shell/notices.tsx'

interface RootCausesProps {
  readonly dataset: string
  readonly verdict: VerdictSummary
}

/** Causes shown: the first is the most convincing. */
const SHOWN = 3

/** The smallest part of an unusual batch whose removal or repair makes it normal again, looked for on demand. */
export function RootCauses({ dataset, verdict }: RootCausesProps) {
  const words = useWords()
  const [asked, ask] = useState<string | null>(null)
  if (verdict.status !== 'alert') return null
  return (
    <section className="odd-rows" aria-label={words.say('causes.title')}>
      <h3>{words.say('causes.title')}</h3>
      {asked === verdict.batch ? (
        <Found dataset={dataset} verdict={verdict} />
      ) : (
        <button type="button" onClick={() => ask(verdict.batch)}>
          {words.say('causes.look')}
        </button>
      )}
    </section>
  )
}

function Found({ dataset, verdict }: RootCausesProps) {
  const words = useWords()
  const query = useQuery({ ...rootCausesQuery(dataset, verdict.batch, verdict.judgedMs), retry: false })
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <Loading what={words.say('causes.looking')} />
  if (query.data.length === 0) return <p className="muted">{words.say('causes.none')}</p>
  return (
    <ol className="root-causes">
      {query.data.slice(0, SHOWN).map((cause) => (
        <li key={cause.message}>
          <p>
            {sentenceOf(cause, words)}{' '}
            <small className="muted">
              {words.say('causes.nats', {
                before: words.score(cause.before),
                after: words.score(cause.after),
              })}
            </small>
          </p>
          {cause.predicate !== null && (
            <CopyableCode
              code={cause.predicate}
              label={words.say('rows.copy')}
              name={words.say('rows.predicate')}
            />
          )}
        </li>
      ))}
    </ol>
  )
}

function sentenceOf(
  { kind, conditions, columns, rowShare, isNormalAgain }: RootCauseView,
  words: Words,
): string {
  const share = words.value(rowShare, 'percent')
  const where = conditions.map(({ column, value }) => `${column} = ${value ?? '∅'}`).join(', ')
  const named = columns.join(', ') || words.say('place.table')
  return words.say(`causes.${kind}`, { share, where, columns: named, normal: isNormalAgain ? 'yes' : 'no' })
}
