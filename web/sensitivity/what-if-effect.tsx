import type { VerdictSummary } from '../../src/api/schemas.ts'
import type { OutcomeView, WhatIfView } from '../../src/api/sensitivity-schemas.ts'
import { useElementWidth } from '../charts/element-width.ts'
import { diamonds, type Point, rings, thin } from '../charts/marks.ts'
import { useWords, type Words } from '../language/words.tsx'

interface WhatIfEffectProps {
  readonly effect: WhatIfView
  readonly verdicts: readonly VerdictSummary[]
  readonly isSame: boolean
}

/** What a sensitivity would have made of the past: figures now and then, calls over time, and what changes. */
export function WhatIfEffect({ effect, verdicts, isSame }: WhatIfEffectProps) {
  const words = useWords()
  const { before, after, rung, silenced } = effect
  const changes = (
    [
      ['sensitivity.rung', rung],
      ['sensitivity.silenced', silenced],
    ] as const
  ).filter(([, batches]) => batches.length > 0)
  return (
    <>
      <Figures before={before} after={after} />
      <CallLanes effect={effect} />
      {!isSame && changes.length === 0 && <p className="muted">{words.say('sensitivity.same')}</p>}
      {changes.map(([id, batches]) => (
        <p key={id} className="muted">
          {words.say(id, { count: batches.length, list: listOf(batches, verdicts, words) })}
        </p>
      ))}
    </>
  )
}

/** Batches named at most. */
const NAMED = 6

function listOf(batches: readonly string[], verdicts: readonly VerdictSummary[], words: Words): string {
  const known = new Map(verdicts.map((verdict) => [verdict.batch, verdict]))
  const named = batches.slice(-NAMED).map((batch) => {
    const verdict = known.get(batch)
    return verdict?.startMs ? words.shortDay(verdict.startMs) : batch
  })
  return batches.length > NAMED ? `… ${named.join(', ')}` : named.join(', ')
}

function Figures({ before, after }: { readonly before: OutcomeView; readonly after: OutcomeView }) {
  const words = useWords()
  const rows = [
    ['sensitivity.pages', (of: OutcomeView) => words.count(of.pages)],
    ['sensitivity.perWeek', (of: OutcomeView) => (of.perWeek === null ? '–' : words.rate(of.perWeek))],
    ['sensitivity.digest', (of: OutcomeView) => words.count(of.digest)],
    ['sensitivity.caught', (of: OutcomeView) => `${of.caught.length}/${of.caught.length + of.missed.length}`],
  ] as const
  const hasBad = before.caught.length + before.missed.length > 0
  return (
    <dl className="sensitivity-figures">
      {rows.slice(0, hasBad ? 4 : 3).map(([id, text]) => (
        <div key={id}>
          <dd>
            {text(before)} {text(after) !== text(before) && <b>{`→ ${text(after)}`}</b>}
          </dd>
          <dt>{words.say(id)}</dt>
        </div>
      ))}
    </dl>
  )
}

const ROW = 20
const LABEL = 62

/** Two lanes of marks over all batches, now and then: a diamond calls, a ring is in the digest. */
function CallLanes({ effect }: { readonly effect: WhatIfView }) {
  const words = useWords()
  const [ref, width] = useElementWidth<HTMLDivElement>()
  const { fates, batches, before, after } = effect
  const step = (width - LABEL - 8) / Math.max(1, batches - 1)
  const marks = (lane: number, is: (place: number) => boolean): readonly Point[] =>
    thin(
      fates.flatMap((_, place) => (is(place) ? [{ x: LABEL + place * step, y: ROW * lane + ROW / 2 }] : [])),
      3,
    )
  const label = words.say('sensitivity.lane', { count: batches, before: before.pages, after: after.pages })
  return (
    <div ref={ref} className="call-lanes">
      {width > 0 && (
        <svg width={width} height={2 * ROW} role="img" aria-label={label}>
          <text x={0} y={ROW / 2 + 4}>
            {words.say('sensitivity.now')}
          </text>
          <text x={0} y={ROW * 1.5 + 4}>
            {words.say('sensitivity.then')}
          </text>
          <path className="grid" d={`M${LABEL} ${ROW / 2}H${width}M${LABEL} ${ROW * 1.5}H${width}`} />
          <path
            className="diamond"
            d={diamonds(
              marks(0, (place) => effect.fatesBefore[place] === 'page'),
              4.6,
            )}
          />
          <path
            className="digest"
            d={rings(
              marks(0, (place) => effect.fatesBefore[place] === 'digest'),
              2.4,
            )}
          />
          <path
            className="diamond"
            d={diamonds(
              marks(1, (place) => fates[place] === 'page'),
              4.6,
            )}
          />
          <path
            className="digest"
            d={rings(
              marks(1, (place) => fates[place] === 'digest'),
              2.4,
            )}
          />
        </svg>
      )}
    </div>
  )
}
