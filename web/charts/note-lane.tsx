import { useWords } from '../language/words.tsx'
import type { BatchAxis } from './batch-axis.ts'
import type { Timeline } from './timeline.ts'

const HEIGHT = 18
/** Mean width of a letter at the lane's font size, pixels. */
const LETTER = 5.9
const FLAG = 12

/** Notes on batches above the charts; a note without room keeps its flag, and its words in the tooltip. */
export function NoteLane({ timeline, axis }: { readonly timeline: Timeline; readonly axis: BatchAxis }) {
  const words = useWords()
  const places = timeline.noted.filter(axis.shows)
  if (places.length === 0) return null
  const right = axis.left + axis.width
  const notes = places.map((place, i) => {
    const text = words.told(timeline.verdicts[place]!.label!, 'note')
    const short = text.slice(text.indexOf(':') + 1).trim()
    const x = axis.x(place)
    const next = i + 1 < places.length ? axis.x(places[i + 1]!) : right
    const room = (next - x - FLAG) / LETTER
    return { place, x, text, shown: [text, short].find(({ length }) => length < room) }
  })
  return (
    <svg className="note-lane" width="100%" height={HEIGHT} aria-hidden="true">
      {notes.map(({ place, x, text, shown }) => (
        <g key={place}>
          <title>{text}</title>
          <path d={`M${x} ${HEIGHT}V3h8l-2.2 3 2.2 3h-8`} />
          {shown && (
            <text x={x + FLAG} y={10}>
              {shown}
            </text>
          )}
        </g>
      ))}
    </svg>
  )
}
