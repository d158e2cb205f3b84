import type { SensitivityView } from '../../src/api/sensitivity-schemas.ts'
import { type Dimension, dimensions } from '../charts/timeline.ts'
import { useWords } from '../language/words.tsx'
import { budgetWords, callsPerDay } from './budget-words.ts'
import { LearntWeights } from './learnt-weights.tsx'

/** Steps of the slider, rare to frequent. */
const STEPS = ['1/month', '2/month', '1/week', '2/week', '4/week', '1/day', '2/day'] as const
/** Parts that a dimension may have for itself. */
const SHARES = ['10 %', '25 %', '50 %'] as const
/** Rows that may change without a call. */
const FLOORS = ['0.5 %', '1 %', '2 %', '5 %'] as const

interface SensitivityFormProps {
  readonly dataset: string
  readonly asked: SensitivityView
  readonly inForce: SensitivityView
  onChange(asked: SensitivityView): void
}

/** A slider for the calls, a switch to hold them strictly, and a part of its own per dimension. */
export function SensitivityForm({ dataset, asked, inForce, onChange }: SensitivityFormProps) {
  const words = useWords()
  const steps = [...new Set([...STEPS, inForce.atMost])].sort((a, b) => callsPerDay(a) - callsPerDay(b))
  const said = budgetWords(asked.atMost, words)
  return (
    <div className="sensitivity-form">
      <label className="sensitivity-calls">
        <span>{words.say('sensitivity.calls')}</span>
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          step={1}
          value={steps.indexOf(asked.atMost)}
          aria-valuetext={said}
          onChange={({ target }) => onChange({ ...asked, atMost: steps[Number(target.value)]! })}
        />
        <output>{said}</output>
      </label>
      <label className="sensitivity-strict">
        <input
          type="checkbox"
          checked={asked.strict ?? false}
          onChange={({ target }) => onChange({ ...asked, strict: target.checked })}
        />
        {words.say('sensitivity.strict')}
      </label>
      <LearntWeights {...{ dataset, asked, inForce, onChange }} />
      <fieldset className="sensitivity-own">
        <legend>{words.say('sensitivity.own')}</legend>
        {dimensions.map((dimension) => (
          <OwnPart key={dimension} {...{ dataset, dimension, asked, inForce, onChange }} />
        ))}
      </fieldset>
      <fieldset className="sensitivity-own">
        <legend>{words.say('sensitivity.floors')}</legend>
        {dimensions.map((dimension) => (
          <Floor key={dimension} {...{ dataset, dimension, asked, inForce, onChange }} />
        ))}
      </fieldset>
    </div>
  )
}

interface OfDimension extends SensitivityFormProps {
  readonly dimension: Dimension
}

function Floor({ dimension, asked, inForce, onChange }: OfDimension) {
  const words = useWords()
  const own = inForce.floors?.[dimension]
  const steps = [...new Set([...FLOORS, ...(own === undefined || own === '0 %' ? [] : [own])])]
  const change = (floor: string): void => {
    const { [dimension]: _, ...others } = asked.floors ?? {}
    onChange({ ...asked, floors: floor === '' ? others : { ...others, [dimension]: floor } })
  }
  return (
    <label>
      <span>{words.say(`dimension.${dimension}`)}</span>
      <select value={asked.floors?.[dimension] ?? ''} onChange={({ target }) => change(target.value)}>
        <option value="">{words.say('sensitivity.floorDefault')}</option>
        <option value="0 %">{words.say('sensitivity.floorNone')}</option>
        {steps.map((share) => (
          <option key={share} value={share}>
            {words.value(Number.parseFloat(share) / 100, 'percent')}
          </option>
        ))}
      </select>
    </label>
  )
}

function OwnPart({ dimension, asked, inForce, onChange }: OfDimension) {
  const words = useWords()
  const own = inForce.dimensions?.[dimension]
  const change = (part: string): void => {
    const { [dimension]: _, ...others } = asked.dimensions ?? {}
    onChange({ ...asked, dimensions: part === '' ? others : { ...others, [dimension]: part } })
  }
  return (
    <label>
      <span>{words.say(`dimension.${dimension}`)}</span>
      <select value={asked.dimensions?.[dimension] ?? ''} onChange={({ target }) => change(target.value)}>
        <option value="">{words.say('sensitivity.shared')}</option>
        {own !== undefined && <option value={own}>{budgetWords(own, words)}</option>}
        {SHARES.map((share) => (
          <option key={share} value={share}>
            {share}
          </option>
        ))}
      </select>
    </label>
  )
}
