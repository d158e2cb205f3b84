import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useLiveEvents } from './api/live-events.ts'
import { datasetsQuery } from './api/queries.ts'
import { DatasetPage } from './dataset/dataset-page.tsx'
import { useWords, WordsProvider } from './language/words.tsx'
import { Navigation } from './shell/navigation.tsx'
import { Failure, Loading, NoDatasets, Notice } from './shell/notices.tsx'
import { Switches } from './shell/switches.tsx'
import { useLanguage, useTheme } from './state/preferences.ts'
import { NOTHING, type Selection, useSelection } from './state/selection.ts'

/** Loaded when it is first shown: most people come for the datasets. */
const RunsPage = lazy(async () => ({ default: (await import('./runs/runs-page.tsx')).RunsPage }))

/** The console. */
export function App() {
  const [language, setLanguage] = useLanguage()
  const [theme, setTheme] = useTheme()
  return (
    <WordsProvider language={language}>
      <Console
        switches={<Switches language={language} theme={theme} onLanguage={setLanguage} onTheme={setTheme} />}
      />
    </WordsProvider>
  )
}

function Console({ switches }: { readonly switches: React.ReactNode }) {
  const words = useWords()
  const connection = useLiveEvents()
  const [selection, select] = useSelection()
  const query = useQuery(datasetsQuery)
  const datasets = query.data ?? []
  const isRunsShown = selection.page === 'runs'
  const chosen = isRunsShown ? null : (selection.dataset ?? datasets[0]?.name ?? null)
  return (
    <div className="app">
      <a className="skip" href="#content">
        {words.say('nav.skip')}
      </a>
      <Navigation
        datasets={datasets}
        chosen={chosen}
        isRunsShown={isRunsShown}
        onChoose={(dataset) => select({ ...NOTHING, dataset })}
        onRuns={() => select({ ...NOTHING, page: 'runs' })}
      />
      <main id="content">
        {switches}
        {connection === 'lost' && (
          <p className="lost" role="alert">
            {words.say('connection.lost')}
          </p>
        )}
        {isRunsShown ? (
          <Suspense fallback={<Loading what={words.say('loading.runs')} />}>
            <RunsPage selection={selection} select={select} />
          </Suspense>
        ) : (
          <Watched chosen={chosen} selection={selection} select={select} />
        )}
      </main>
    </div>
  )
}

interface WatchedProps {
  /** Name of a dataset. */
  readonly chosen: string | null
  readonly selection: Selection
  select(change: Partial<Selection>): void
}

/** The chosen dataset, or why there is none to show. */
function Watched({ chosen, selection, select }: WatchedProps) {
  const words = useWords()
  const query = useQuery(datasetsQuery)
  const datasets = query.data ?? []
  const summary = datasets.find(({ name }) => name === chosen)
  return (
    <>
      {summary?.error && (
        <Notice title={words.say('error.title')} message={summary.error.message} fix={summary.error.fix} />
      )}
      {summary && !summary.error && (
        <DatasetPage key={summary.name} summary={summary} selection={selection} select={select} />
      )}
      {query.isPending && <Loading what={words.say('loading.datasets')} />}
      {query.error && !query.data && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <NoDatasets />}
      {chosen !== null && datasets.length > 0 && !summary && (
        <Notice
          title={words.say('error.title')}
          message={words.say('error.unknownDataset', { dataset: chosen })}
          fix={words.say('error.chooseDataset')}
        />
      )}
    </>
  )
}
