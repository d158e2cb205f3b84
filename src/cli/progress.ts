import type { OnProgress } from '../data/progress.ts'
import { countText } from './count-text.ts'

const BAR = 24
const SHOWN_AFTER_MS = 700
const REDRAWN_EVERY_MS = 80

/** Progress drawn on a terminal's error stream; silent elsewhere, and for work shorter than a second. */
export interface ProgressBar {
  readonly update: OnProgress
  /** Wipes the bar, so that output may follow. */
  clear(): void
}

export function progressBar(stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  const startedAt = performance.now()
  let drawnAt = 0
  let stage = ''
  let stageStartedAt = startedAt
  const clear = (): void => {
    if (drawnAt > 0) stream.write('\r\u001b[K')
    drawnAt = 0
  }
  return {
    clear,
    update(progress) {
      const now = performance.now()
      if (progress.stage !== stage) {
        stage = progress.stage
        stageStartedAt = now
      }
      if (!stream.isTTY || now - startedAt < SHOWN_AFTER_MS || now - drawnAt < REDRAWN_EVERY_MS) return
      stream.write(`\r\u001b[K${line(progress, now - stageStartedAt)}`)
      drawnAt = now
    },
  }
}

function line({ stage, done, total }: Parameters<OnProgress>[0], elapsedMs: number): string {
  if (total === null || total === 0) return `${stage} … ${done > 0 ? countText(done) : ''}`
  const filled = Math.round((BAR * done) / total)
  const left = done > 0 ? ` · ${duration((elapsedMs / done) * (total - done))} left` : ''
  return `${stage} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${done} of ${total}${left}`
}

/** A duration as people say it: `12 s`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return 'under 1 s'
  return ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}
