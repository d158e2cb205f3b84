import '@fontsource-variable/inter/wght.css'
import './style/tokens.css'
import './style/frame.css'
import './style/notices.css'
import './style/statuses.css'
import './style/dataset.css'
import './style/charts.css'
import './style/batch-list.css'
import './style/batch-detail.css'
import './style/tiles.css'
import './style/drills.css'
import './style/incidents.css'
import './style/sensitivity.css'
import './style/runs.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiFailure } from './api/client.ts'
import { App } from './app.tsx'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; a server that is away may come back.
      retry: (failures, error) => !(error instanceof ApiFailure) && failures < 3,
    },
  },
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
