import type { Dataset } from '../monitor/project.ts'
import { duration } from './progress.ts'

/** `fiable check --plan`: what a check would read, and about how long it would take. */
export async function plan(datasets: readonly Dataset[]): Promise<void> {
  for (const dataset of datasets) {
    const seen = await dataset.plan()
    const size =
      seen.bytes === null
        ? 'size unknown'
        : `${(seen.bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`
    const rows = seen.rows === null ? 'rows unknown' : `about ${seen.rows.toLocaleString('en')} rows`
    const time = seen.estimatedMs === null ? '' : `, about ${duration(seen.estimatedMs)}`
    process.stdout.write(
      `${dataset.name}: ${seen.batches} batches, ${seen.pending} to judge; ${rows}, ${size}${time}\n  ${seen.source}\n`,
    )
  }
}
