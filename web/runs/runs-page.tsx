import { useWords } from '../language/words.tsx'
import type { Selection } from '../state/selection.ts'
import { RegisteredModels } from './registered-models.tsx'
import { RunsCard } from './runs-card.tsx'

interface RunsPageProps {
  readonly selection: Selection
  select(change: Partial<Selection>): void
}

/** Runs of pipelines, and the models they registered. */
export function RunsPage({ selection, select }: RunsPageProps) {
  const words = useWords()
  return (
    <>
      <header className="dataset-head">
        <h1>{words.say('nav.pipelines')}</h1>
      </header>
      <div className="runs-page">
        <RunsCard opened={selection.run} step={selection.step} select={select} />
        <RegisteredModels />
      </div>
    </>
  )
}
