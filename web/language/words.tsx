import { createContext, type ReactNode, use, useMemo } from 'react'
import { createIntl, createIntlCache, type IntlShape, RawIntlProvider } from 'react-intl'
import type { Cause, VerdictSummary } from '../../src/api/schemas.ts'
import type { Language } from '../state/preferences.ts'
import { english, type MessageId } from './english.ts'
import { createFormats, type Formats } from './formats.ts'
import { french } from './french.ts'
import { englishRules, frenchMetrics } from './french-metrics.ts'
import { recognise } from './server-sentence.ts'

type Values = Readonly<Record<string, string | number>>

/** Everything the console says, in the chosen language. */
export interface Words extends Formats {
  readonly language: Language
  /** A message of the console. */
  say(id: MessageId, values?: Values): string
  /** What a metric measures. */
  label(metric: Pick<Cause, 'metric' | 'label'>): string
  /** Where a metric was measured. */
  place(metric: Pick<Cause, 'entity' | 'instance'>): string
  /** What the past made likely. */
  expected(of: Pick<Cause, 'lowerLimit' | 'upperLimit' | 'unit'>): string
  /** The whole finding in one sentence: where, what, value, expected. */
  sentence(cause: Cause): string
  /** Why a batch was judged so. */
  reason(verdict: Pick<VerdictSummary, 'reason' | 'cause'>): string
  /** A note or a description of rows that the server wrote. */
  told(sentence: string, kind: 'note' | 'rows'): string
  /** A batch by its day, or by its key when it has none. */
  batch(batch: Pick<VerdictSummary, 'batch' | 'startMs'>): string
}

const WordsContext = createContext<Words | null>(null)

export function useWords(): Words {
  const words = use(WordsContext)
  if (!words) throw new Error('useWords was called outside of WordsProvider; wrap the page in it.')
  return words
}

export function WordsProvider({ language, children }: { language: Language; children: ReactNode }) {
  const intl = useMemo(
    () => createIntl({ locale: language, messages: language === 'fr' ? french : english }, createIntlCache()),
    [language],
  )
  const words = useMemo(() => createWords(intl, language), [intl, language])
  return (
    <RawIntlProvider value={intl}>
      <WordsContext value={words}>{children}</WordsContext>
    </RawIntlProvider>
  )
}

/** The words of one language. */
export function createWords(intl: IntlShape, language: Language): Words {
  const formats = createFormats(language)
  const say = (id: MessageId, values: Values = {}): string => intl.formatMessage({ id }, values)
  const label: Words['label'] = (of) =>
    (language === 'fr' ? frenchMetrics[of.metric] : englishRules[of.metric]) ?? of.label
  const place: Words['place'] = ({ entity, instance }) => (entity === 'table' ? say('place.table') : instance)
  const recognised = (sentence: string, kind: Parameters<typeof recognise>[1]): string =>
    sayRecognised(sentence, kind, { say, formats }) ?? sentence
  const sentence: Words['sentence'] = (cause) => {
    if (cause.absolute) return recognised(cause.message, 'rule')
    const values = {
      place: place(cause),
      label: label(cause),
      value: formats.value(cause.value, cause.unit),
      center: formats.value(cause.centerLine, cause.unit),
      ...limitsIn(cause, formats),
    }
    return say(`sentence.${isDrifting(cause) ? 'drifting' : (limitKind(cause) ?? 'bare')}`, values)
  }
  return {
    ...formats,
    language,
    say,
    label,
    place,
    expected: (of) => say(`range.${limitKind(of) ?? 'unknown'}`, limitsIn(of, formats)),
    sentence,
    reason: ({ reason, cause }) => {
      const known = recognise(reason, 'reason')
      if ((known?.id === 'reason.still' || known?.id === 'reason.belowFloor') && cause)
        return say(known.id, { sentence: sentence(cause) })
      if (known) return say(known.id, numbersIn(known.values))
      return cause ? sentence(cause) : reason
    },
    told: recognised,
    batch: ({ batch, startMs }) => (startMs === null ? batch : formats.instant(startMs)),
  }
}

type Limits = Pick<Cause, 'lowerLimit' | 'upperLimit' | 'unit'>

function limitKind({ lowerLimit, upperLimit }: Limits): 'between' | 'atMost' | 'atLeast' | null {
  if (lowerLimit !== null && upperLimit !== null) return 'between'
  if (upperLimit !== null) return 'atMost'
  return lowerLimit === null ? null : 'atLeast'
}

/** Whether a value lies within what is expected: it is told because values like it went on. */
const isDrifting = ({ value, lowerLimit, upperLimit, centerLine }: Cause): boolean =>
  value !== null &&
  centerLine !== null &&
  (lowerLimit !== null || upperLimit !== null) &&
  value >= (lowerLimit ?? Number.NEGATIVE_INFINITY) &&
  value <= (upperLimit ?? Number.POSITIVE_INFINITY)

const limitsIn = ({ lowerLimit, upperLimit, unit }: Limits, formats: Formats) => ({
  low: formats.value(lowerLimit, unit),
  high: formats.value(upperLimit, unit),
})

const numbersIn = (values: Readonly<Record<string, string>>): Values =>
  values.count === undefined ? values : { ...values, count: Number(values.count) }

function sayRecognised(
  sentence: string,
  kind: Parameters<typeof recognise>[1],
  { say, formats }: { readonly say: Words['say']; readonly formats: Formats },
): string | null {
  const known = recognise(sentence, kind)
  if (!known) return null
  const { percent, ...values } = known.values
  if (percent === undefined) return say(known.id, values)
  const value = Number(percent.replaceAll(',', '')) / 100
  return say(known.id, { ...values, value: formats.value(value, 'percent') })
}
