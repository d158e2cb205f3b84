import pc from 'picocolors'
import { openQueue } from '../pipelines/queue.ts'
import { runWorker } from '../pipelines/worker.ts'
import { type PlaceFlags, parallelOf, sharedUrl, withPlace } from './runner.ts'

/** `fiable worker`: runs steps of a fleet until interrupted; what it has begun it finishes. */
export async function worker(flags: PlaceFlags): Promise<void> {
  const queue = await openQueue(sharedUrl(flags))
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  try {
    await withPlace(flags, (place) => {
      const parallel = parallelOf(flags)
      process.stderr.write(`${pc.dim(`worker with ${parallel} steps at once; Ctrl-C ends it`)}\n`)
      const onStep = (told: string): void => void process.stdout.write(`${told}\n`)
      return runWorker({ ...place, queue, parallel, now: Date.now, signal: stop.signal, onStep })
    })
  } finally {
    await queue.close()
  }
}
