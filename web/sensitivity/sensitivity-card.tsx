import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import type { VerdictSummary } from '../../src/api/schemas.ts'
import type { SensitivityView, SettingsView } from '../../src/api/sensitivity-schemas.ts'
import { useDecision } from '../api/decided-anew.ts'
import { putSensitivity, settingsQuery, whatIfQuery } from '../api/queries.ts'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'
import { SensitivityForm } from './sensitivity-form.tsx'
import { SettingVersions } from './setting-versions.tsx'
import { WhatIfEffect } from './what-if-effect.tsx'

interface SensitivityCardProps {
  readonly dataset: string
  readonly verdicts: readonly VerdictSummary[]
}

/** How often people want to be called: tried on the past first, then put in force. */
export function SensitivityCard(props: SensitivityCardProps) {
  const words = useWords()
  const query = useQuery(settingsQuery(props.dataset))
  return (
    <section className="card sensitivity" aria-labelledby="sensitivity-title">
      <header className="card-head">
        <div>
          <h2 id="sensitivity-title">{words.say('sensitivity.title')}</h2>
          <p className="muted">{words.say('sensitivity.about')}</p>
        </div>
      </header>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading what={words.say('loading.settings')} />}
      {query.data && <Tried key={query.data.versions[0]?.version} {...props} settings={query.data} />}
    </section>
  )
}

/** What is tried starts as what is in force, and anew with every version. */
function Tried({ dataset, verdicts, settings }: SensitivityCardProps & { readonly settings: SettingsView }) {
  const words = useWords()
  const [asked, setAsked] = useState<SensitivityView>(settings.inForce)
  const apply = useDecision(dataset, (wanted: SensitivityView) => putSensitivity(dataset, wanted))
  const whatIf = useQuery(whatIfQuery(dataset, useDeferredValue(asked)))
  const isSame = sameText(asked) === sameText(settings.inForce)
  return (
    <>
      <SensitivityForm dataset={dataset} asked={asked} inForce={settings.inForce} onChange={setAsked} />
      {whatIf.error && <Failure error={whatIf.error} />}
      {whatIf.data && (
        <div className={whatIf.isPlaceholderData ? 'stale' : undefined} aria-live="polite">
          <WhatIfEffect effect={whatIf.data} verdicts={verdicts} isSame={isSame} />
        </div>
      )}
      <div className="sensitivity-actions">
        <button
          type="button"
          className="primary"
          disabled={isSame || apply.isPending || whatIf.isError}
          onClick={() => apply.mutate(asked)}
        >
          {words.say('sensitivity.apply')}
        </button>
        <button type="button" disabled={isSame} onClick={() => setAsked(settings.inForce)}>
          {words.say('sensitivity.discard')}
        </button>
        {apply.error && (
          <p
            role="alert"
            className="refused"
          >{`${words.say('sensitivity.refused')} ${apply.error.message}`}</p>
        )}
      </div>
      <SettingVersions dataset={dataset} settings={settings} />
    </>
  )
}

/** The same wish is the same text, in whatever order and with or without what goes without saying. */
const sameText = ({
  atMost,
  strict = false,
  dimensions = {},
  floors = {},
  weights = {},
}: SensitivityView): string =>
  JSON.stringify([atMost, strict, ...[dimensions, floors, weights].map((of) => Object.entries(of).sort())])
