import type { RunView } from '../../src/api/trace-schemas.ts'
import { useWords } from '../language/words.tsx'
import { Mark } from '../shell/mark.tsx'

const shapes = {
  START: 'none',
  RUNNING: 'running',
  COMPLETE: 'ok',
  ABORT: 'cannot-judge',
  FAIL: 'alert',
} as const

/** How a run or a step stands, by shape and colour, named for who does not see it. */
export function RunMark({ state }: { readonly state: RunView['state'] }) {
  const words = useWords()
  return <Mark shape={shapes[state]} label={words.say(`run.${state}`)} />
}
