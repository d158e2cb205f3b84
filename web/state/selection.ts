import { useCallback, useMemo, useSyncExternalStore } from 'react'

/** What is looked at. It lives in the address, so that a link shows the same. */
export interface Selection {
  readonly dataset: string | null
  readonly batch: string | null
  /** Key of a metric's series. */
  readonly metric: string | null
  /** A page that belongs to no dataset. */
  readonly page: Page | null
  /** Number of a run. */
  readonly run: string | null
  /** Path of a step in the run. */
  readonly step: string | null
}

type Page = 'runs'

/** What a page is chosen from scratch with. */
export const NOTHING: Selection = {
  dataset: null,
  batch: null,
  metric: null,
  page: null,
  run: null,
  step: null,
}

const MOVED = 'fiable:moved'

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed)
  window.addEventListener(MOVED, changed)
  return () => {
    window.removeEventListener('popstate', changed)
    window.removeEventListener(MOVED, changed)
  }
}

/** The address that shows a selection, and nothing of what it leaves out. */
export function addressOf(selection: Partial<Selection>): string {
  const chosen = Object.entries({ ...NOTHING, ...selection }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  )
  return chosen.length > 0 ? `?${new URLSearchParams(chosen)}` : '.'
}

/** The selection in the address, and a way to change parts of it; every change is a step of the browser's history. */
export function useSelection(): readonly [Selection, (change: Partial<Selection>) => void] {
  const address = useSyncExternalStore(subscribe, () => window.location.search)
  const selection = useMemo(() => {
    const parameters = new URLSearchParams(address)
    return {
      dataset: parameters.get('dataset'),
      batch: parameters.get('batch'),
      metric: parameters.get('metric'),
      page: parameters.get('page') === 'runs' ? ('runs' as const) : null,
      run: parameters.get('run'),
      step: parameters.get('step'),
    }
  }, [address])
  const select = useCallback(
    (change: Partial<Selection>) => {
      const next = addressOf({ ...selection, ...change })
      if (next === window.location.search) return
      window.history.pushState(null, '', next)
      window.dispatchEvent(new Event(MOVED))
    },
    [selection],
  )
  return [selection, select]
}
