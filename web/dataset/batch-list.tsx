import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import { type KeyboardEvent, memo, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { VerdictSummary } from '../../src/api/schemas.ts'
import { isContinued } from '../language/server-sentence.ts'
import { useWords } from '../language/words.tsx'
import { StatusMark } from '../shell/status-mark.tsx'

const ROW = 62
/** Rows kept above and below what is seen. */
const SPARE = 6

type Filter = 'all' | 'alerts'

interface BatchListProps {
  /** In the order of arrival. */
  readonly verdicts: readonly VerdictSummary[]
  readonly selected: string | null
  onSelect(batch: string): void
}

/** All judged batches, newest first. Only the rows in sight are in the page: thousands of batches scroll like ten. */
export const BatchList = memo(function BatchList({ verdicts, selected, onSelect }: BatchListProps) {
  const words = useWords()
  const [filter, setFilter] = useState<Filter>('all')
  const shown = useMemo(
    () => verdicts.filter(({ status }) => filter === 'all' || status === 'alert').reverse(),
    [verdicts, filter],
  )
  const alerts = useMemo(() => verdicts.filter(({ status }) => status === 'alert').length, [verdicts])
  return (
    <section className="card batch-list" aria-labelledby="batches-title">
      <header className="card-head">
        <h2 id="batches-title">{words.say('batches.title')}</h2>
        <ToggleGroup
          className="segments"
          aria-label={words.say('batches.filter')}
          value={[filter]}
          onValueChange={([next]) => next && setFilter(next as Filter)}
        >
          <Toggle value="all">
            {words.say('batches.all')} <small>{words.count(verdicts.length)}</small>
          </Toggle>
          <Toggle value="alerts">
            {words.say('batches.alerts')} <small>{words.count(alerts)}</small>
          </Toggle>
        </ToggleGroup>
      </header>
      {shown.length === 0 ? (
        <p className="muted">{words.say('batches.empty')}</p>
      ) : (
        <Window shown={shown} selected={selected} onSelect={onSelect} />
      )}
    </section>
  )
})

interface WindowProps {
  readonly shown: readonly VerdictSummary[]
  readonly selected: string | null
  onSelect(batch: string): void
}

function Window({ shown, selected, onSelect }: WindowProps) {
  const words = useWords()
  const id = useId()
  const ref = useRef<HTMLDivElement>(null)
  const [scroll, setScroll] = useState({ top: 0, height: 600 })
  const place = shown.findIndex(({ batch }) => batch === selected)
  const first = Math.max(0, Math.floor(scroll.top / ROW) - SPARE)
  const last = Math.min(shown.length - 1, Math.ceil((scroll.top + scroll.height) / ROW) + SPARE)
  const measure = (): void => {
    if (ref.current) setScroll({ top: ref.current.scrollTop, height: ref.current.clientHeight })
  }
  useEffect(() => {
    if (!ref.current) return
    const observer = new ResizeObserver(measure)
    observer.observe(ref.current)
    return () => observer.disconnect()
  })
  useEffect(() => {
    if (ref.current && place >= 0) scrollIntoSight(ref.current, place)
  }, [place])
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = afterKey(event.key, place, { last: shown.length - 1, page: Math.floor(scroll.height / ROW) })
    if (next === null) return
    event.preventDefault()
    onSelect(shown[next]!.batch)
  }
  return (
    <div
      ref={ref}
      className="scroller"
      role="listbox"
      tabIndex={0}
      aria-label={words.say('batches.list')}
      aria-activedescendant={place >= first && place <= last ? `${id}-${place}` : undefined}
      onScroll={measure}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: shown.length * ROW }}>
        {shown.slice(first, last + 1).map((verdict, i) => (
          <Row
            key={verdict.batch}
            id={`${id}-${first + i}`}
            verdict={verdict}
            place={first + i}
            count={shown.length}
            isSelected={verdict.batch === selected}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  )
}

function scrollIntoSight(list: HTMLElement, place: number): void {
  const top = place * ROW
  if (top < list.scrollTop) list.scrollTop = top
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight
}

function afterKey(
  key: string,
  place: number,
  { last, page }: { readonly last: number; readonly page: number },
): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    PageDown: place + page,
    PageUp: place - page,
    Home: 0,
    End: last,
  }
  const next = steps[key]
  return next === undefined ? null : Math.min(last, Math.max(0, next))
}

interface RowProps {
  readonly id: string
  readonly verdict: VerdictSummary
  readonly place: number
  readonly count: number
  readonly isSelected: boolean
  onSelect(batch: string): void
}

function Row({ id, verdict, place, count, isSelected, onSelect }: RowProps) {
  const words = useWords()
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys.
    <div
      id={id}
      className={`batch-row is-${verdict.status}`}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-setsize={count}
      aria-posinset={place + 1}
      style={{ top: place * ROW, height: ROW }}
      onClick={() => onSelect(verdict.batch)}
    >
      <StatusMark status={verdict.status} isContinued={isContinued(verdict.reason)} />
      <div className="batch-row-head">
        <strong title={verdict.batch}>{words.batch(verdict)}</strong>
        <small>{words.say('batches.rows', { count: verdict.rows })}</small>
      </div>
      <p className={verdict.label ? 'has-note' : undefined}>
        {verdict.label && <span className="note">⚑ {words.told(verdict.label, 'note')}</span>}
        {words.reason(verdict)}
      </p>
    </div>
  )
}
