import { useQuery } from '@tanstack/react-query'
import type { SensitivityView } from '../../src/api/sensitivity-schemas.ts'
import { drillsQuery } from '../api/queries.ts'
import { useWords, type Words } from '../language/words.tsx'

type Weights = NonNullable<SensitivityView['weights']>

interface LearntWeightsProps {
  readonly dataset: string
  readonly asked: SensitivityView
  readonly inForce: SensitivityView
  onChange(asked: SensitivityView): void
}

/** A switch to let detectors count as the last drill learnt; nothing where no drill found one worth more or less. */
export function LearntWeights({ dataset, asked, inForce, onChange }: LearntWeightsProps) {
  const words = useWords()
  const { data } = useQuery(drillsQuery(dataset))
  const learnt = data?.scorecard?.hybrid?.weights ?? {}
  const offered = Object.keys(learnt).length > 0 ? learnt : (inForce.weights ?? {})
  if (Object.keys(offered).length === 0) return null
  return (
    <label className="sensitivity-strict">
      <input
        type="checkbox"
        checked={isSame(asked.weights ?? {}, offered)}
        onChange={({ target }) => onChange({ ...asked, weights: target.checked ? offered : {} })}
      />
      {words.say('sensitivity.weights', { list: weightsWords(offered, words) })}
    </label>
  )
}

/** Weights as people say them: `charts of pairs × 1.5, two-sample distances × 0.5`. */
export const weightsWords = (weights: Weights, words: Words): string =>
  (Object.entries(weights) as [keyof Weights, number][])
    .map(([member, weight]) => `${words.say(`hybrid.${member}`)} × ${words.rate(weight)}`)
    .join(', ')

const isSame = (a: Weights, b: Weights): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
