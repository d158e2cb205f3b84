import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Engine, quoteText } from '../../src/engines/duckdb.ts'
import type { RehearsedBatch } from '../../src/monitor/rehearsal.ts'
import { scan } from '../../src/profile/scan.ts'

/** A Parquet file as daily batches, each scanned as the monitor would. */
export async function* dailyBatches(
  engine: Engine,
  file: string,
  {
    day,
    columns,
    where = 'true',
  }: { readonly day: string; readonly columns: string; readonly where?: string },
): AsyncGenerator<RehearsedBatch> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const batch = path.join(folder, 'batch.parquet')
  const from = `read_parquet(${quoteText(file)}) where ${where}`
  try {
    const days = await engine.query(`select distinct (${day})::varchar as day from ${from} order by day`)
    for (const { day: key } of days) {
      await engine.run(
        `copy (select ${columns} from ${from} and ${day} = date '${key}') to ${quoteText(batch)}`,
      )
      const { sample } = await scan(engine, batch)
      const startMs = Date.parse(String(key))
      yield { listing: { key: String(key), startMs, endMs: null }, label: null, inBaseline: true, sample }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
