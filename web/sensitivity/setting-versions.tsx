import type { SensitivityView, SettingsView } from '../../src/api/sensitivity-schemas.ts'
import { useDecision } from '../api/decided-anew.ts'
import { revertTo } from '../api/queries.ts'
import { type Dimension, dimensions } from '../charts/timeline.ts'
import { useWords, type Words } from '../language/words.tsx'
import { budgetWords } from './budget-words.ts'
import { weightsWords } from './learnt-weights.tsx'

/** Who set what and when, each to be put in force again. */
export function SettingVersions({
  dataset,
  settings: { versions },
}: {
  readonly dataset: string
  readonly settings: SettingsView
}) {
  const words = useWords()
  const revert = useDecision(dataset, (version: number) => revertTo(dataset, version))
  return (
    <details className="setting-versions">
      <summary>{words.say('sensitivity.versions', { count: versions.length - 1 })}</summary>
      <ol>
        {versions.map(({ version, sensitivity, author, createdMs }, i) => (
          <li key={version}>
            <span>{wordsOf(sensitivity, words)}</span>
            <small>{`${author}, ${words.ago(createdMs, Date.now())}`}</small>
            {i === 0 ? (
              <small>{words.say('sensitivity.inForce')}</small>
            ) : (
              <button
                type="button"
                className="quiet"
                disabled={revert.isPending}
                onClick={() => revert.mutate(version)}
              >
                {words.say('sensitivity.revert')}
              </button>
            )}
          </li>
        ))}
      </ol>
      {revert.error && (
        <p
          role="alert"
          className="refused"
        >{`${words.say('sensitivity.refused')} ${revert.error.message}`}</p>
      )}
    </details>
  )
}

function wordsOf(
  { atMost, strict, dimensions: own = {}, floors = {}, weights = {} }: SensitivityView,
  words: Words,
): string {
  const parts = dimensions.flatMap((dimension: Dimension) => {
    const budget = own[dimension]
    return budget === undefined
      ? []
      : [
          words.say('label.with', {
            label: words.say(`dimension.${dimension}`),
            text: budgetWords(budget, words).toLowerCase(),
          }),
        ]
  })
  const silent = dimensions.flatMap((dimension: Dimension) => {
    const floor = floors[dimension]
    if (floor === undefined) return []
    const share = words.value(Number.parseFloat(floor) / 100, 'percent')
    const text = words.say('sensitivity.floor', { share })
    return [words.say('label.with', { label: words.say(`dimension.${dimension}`), text })]
  })
  const counted = Object.keys(weights).length > 0 ? [weightsWords(weights, words)] : []
  const strictly = strict ? [words.say('sensitivity.strictly')] : []
  return [budgetWords(atMost, words), ...strictly, ...parts, ...silent, ...counted].join('; ')
}
