import type { Dataset } from '../monitor/project.ts'
import { countText } from './count-text.ts'
import { failureOf } from './exit.ts'
import { duration } from './progress.ts'

/**
 * `fiable check --plan`: what a check would read, and about how long it would take.
 *
 * @returns What kept a dataset from being planned, if anything: the others are planned all the same.
 */
export async function plan(datasets: readonly Dataset[]): Promise<readonly string[]> {
  const failures: string[] = []
  for (const dataset of datasets)
    try {
      process.stdout.write(await planOf(dataset))
    } catch (thrown) {
      failures.push(failureOf(dataset, datasets, thrown))
    }
  return failures
}

async function planOf(dataset: Dataset): Promise<string> {
  const seen = await dataset.plan()
  const size =
    seen.bytes === null
      ? 'size unknown'
      : `${(seen.bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`
  const rows = seen.rows === null ? 'rows unknown' : `about ${countText(seen.rows)} rows`
  const time = seen.estimatedMs === null ? '' : `, about ${duration(seen.estimatedMs)}`
  return `${dataset.name}: ${seen.batches} batches, ${seen.pending} to judge; ${rows}, ${size}${time}\n  ${seen.source}\n`
}
