import { useWords } from '../language/words.tsx'

const keys = {
  limit: { message: 'chart.limit', shape: <path className="limit" d="M1 6h18" /> },
  alert: { message: 'status.alert', shape: <path className="diamond" d="M10 1l5 5-5 5-5-5z" /> },
  still: { message: 'status.still', shape: <path className="still" d="M10 2l4 4-4 4-4-4z" /> },
  beyond: { message: 'chart.beyond', shape: <path className="diamond" d="M10 1l5 5-5 5-5-5z" /> },
  unjudged: { message: 'status.cannot-judge', shape: <circle className="ring" cx="10" cy="6" r="3.4" /> },
  expected: {
    message: 'chart.expected',
    shape: <rect className="band" x="1" y="1" width="18" height="10" />,
  },
  center: { message: 'chart.center', shape: <path className="center" d="M1 6h18" /> },
  provisional: {
    message: 'chart.provisional',
    shape: <rect className="provisional" x="1" y="1" width="18" height="10" />,
  },
} as const

/** What the marks of a chart mean. */
export function ChartLegend({ kinds }: { readonly kinds: readonly (keyof typeof keys)[] }) {
  const words = useWords()
  return (
    <ul className="legend">
      {kinds.map((kind) => (
        <li key={kind}>
          <svg width="20" height="12" aria-hidden="true">
            {keys[kind].shape}
          </svg>
          {words.say(keys[kind].message)}
        </li>
      ))}
    </ul>
  )
}
