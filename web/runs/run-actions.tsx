import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { RunDetailView } from '../../src/api/trace-schemas.ts'
import { cancelRun, isOpen, retryRun, runsKey } from '../api/run-queries.ts'
import { useWords } from '../language/words.tsx'

/** What can be done with a run: cancel it while it goes on, retry it when it did not end well. */
export function RunActions({ run: { id, state } }: { readonly run: RunDetailView }) {
  const words = useWords()
  const client = useQueryClient()
  const isGoing = isOpen(state)
  const change = useMutation({
    mutationFn: (asked: 'cancel' | 'retry') => (asked === 'cancel' ? cancelRun(id) : retryRun(id)),
    onSuccess: () => client.invalidateQueries({ queryKey: runsKey }),
  })
  if (state === 'COMPLETE') return null
  const isAsked = isGoing && change.isSuccess && change.variables === 'cancel'
  return (
    <div className="incident-actions">
      <button
        type="button"
        disabled={change.isPending || isAsked}
        onClick={() => change.mutate(isGoing ? 'cancel' : 'retry')}
      >
        {words.say(isGoing ? 'run.cancel' : 'run.retry')}
      </button>
      <p className="muted" role="status">
        {words.say(isAsked ? 'run.stopping' : isGoing ? 'run.cancelAbout' : 'run.retryAbout')}
      </p>
      {change.error && (
        <p role="alert" className="refused">{`${words.say('incidents.refused')} ${change.error.message}`}</p>
      )}
    </div>
  )
}
