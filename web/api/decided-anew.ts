import { useMutation, useQueryClient } from '@tanstack/react-query'
import { decidedKeys } from './queries.ts'

/** A change that decides the history anew: all that is shown of the dataset is read again after it. */
export function useDecision<Asked>(dataset: string, change: (asked: Asked) => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all(decidedKeys(dataset).map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
}
