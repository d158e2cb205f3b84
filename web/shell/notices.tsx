import type { ReactNode } from 'react'
import { ApiFailure } from '../api/client.ts'
import { useWords } from '../language/words.tsx'
import { CopyableCode } from './copyable-code.tsx'

export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" /> {what}
    </p>
  )
}

/** A failure: what happened, and what to do. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const words = useWords()
  const isAnswer = error instanceof ApiFailure
  return (
    <Notice
      title={words.say('error.title')}
      message={isAnswer ? error.message : words.say('error.unreachable')}
      fix={isAnswer ? error.fix : words.say('error.unreachableFix')}
    >
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {words.say('error.retry')}
        </button>
      )}
    </Notice>
  )
}

interface NoticeProps {
  readonly title: string
  readonly message: string
  readonly fix: string
  readonly children?: ReactNode
}

export function Notice({ title, message, fix, children }: NoticeProps) {
  return (
    <div className="notice" role="alert">
      <strong>{title}</strong>
      <p>{message}</p>
      <p className="fix">{fix}</p>
      {children}
    </div>
  )
}

const EXAMPLE = `# fiable.yaml
datasets:
  orders:
    data: "data/orders-*.parquet"
    atMost: 2/week
  visits:
    data: "data/visits.csv"
    by: visited_at
    every: day
    atMost: 1/month
`

/** What to do when nothing is watched. */
export function NoDatasets() {
  const words = useWords()
  const copy = words.say('copy')
  return (
    <section className="card welcome">
      <h1>{words.say('empty.title')}</h1>
      <p>{words.say('empty.about')}</p>
      <CopyableCode code={EXAMPLE} label={copy} name={words.say('empty.file')} />
      <p>{words.say('empty.init')}</p>
      <CopyableCode code="fiable init" label={copy} name="fiable init" />
      <p>{words.say('empty.then')}</p>
      <CopyableCode code="fiable console" label={copy} name="fiable console" />
    </section>
  )
}
