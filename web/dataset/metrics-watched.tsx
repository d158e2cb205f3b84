import { useQuery } from '@tanstack/react-query'
import { memo } from 'react'
import type { Series } from '../../src/api/schemas.ts'
import { watchedQuery } from '../api/queries.ts'
import { useElementWidth } from '../charts/element-width.ts'
import { isBeyond } from '../charts/series-columns.ts'
import { SmallMultiple } from '../charts/small-multiple.tsx'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'

/** Narrowest tile and the space between two, CSS pixels: as in the style sheet. */
const TILE = 152
const GAP = 8
const PADDING = 18

interface MetricsWatchedProps {
  readonly dataset: string
  readonly selected: string | null
  onSelect(key: string): void
}

/** The most surprising metrics of a dataset, side by side. */
export const MetricsWatched = memo(function MetricsWatched({
  dataset,
  selected,
  onSelect,
}: MetricsWatchedProps) {
  const words = useWords()
  const query = useQuery(watchedQuery(dataset))
  const [ref, width] = useElementWidth<HTMLUListElement>()
  return (
    <section className="watched" aria-labelledby="watched-title">
      <header className="section-head">
        <h2 id="watched-title">{words.say('watched.title')}</h2>
        {query.data && <p className="muted">{words.say('watched.about', { count: query.data.length })}</p>}
      </header>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading what={words.say('loading.series')} />}
      <ul ref={ref} className="tiles">
        {query.data?.map((series) => (
          <Tile
            key={series.key}
            series={series}
            width={tileWidth(width)}
            isSelected={series.key === selected}
            onSelect={onSelect}
          />
        ))}
      </ul>
    </section>
  )
})

function tileWidth(width: number): number {
  const columns = Math.max(1, Math.floor((width + GAP) / (TILE + GAP)))
  return Math.max(0, Math.floor((width - (columns - 1) * GAP) / columns) - PADDING)
}

interface TileProps {
  readonly series: Series
  readonly width: number
  readonly isSelected: boolean
  onSelect(key: string): void
}

function Tile({ series, width, isSelected, onSelect }: TileProps) {
  const words = useWords()
  const violations = series.points.filter(isBeyond).length
  const name = `${words.place(series)} · ${words.label(series)}`
  const said = words.say('watched.violations', { count: violations })
  return (
    <li>
      <button type="button" aria-pressed={isSelected} title={name} onClick={() => onSelect(series.key)}>
        <span className="tile-head">
          <span>
            <strong>{words.place(series)}</strong>
            {words.label(series)}
          </span>
          <b className={violations > 0 ? 'hot' : undefined} title={said}>
            {words.count(violations)}
            <span className="unseen"> {said}</span>
          </b>
        </span>
        <SmallMultiple series={series} width={width} />
      </button>
    </li>
  )
}
