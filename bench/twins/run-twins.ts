import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { FiableError } from '../../src/data/errors.ts'
import type { RowSample } from '../../src/data/profile.ts'
import { type Engine, openEngine } from '../../src/engines/duckdb.ts'
import type { TwinTable } from './job.ts'
import { judgeTwins } from './judge-twins.ts'
import { openKeep } from './keep.ts'
import { measureTwins, type TwinPlan } from './measure-twins.ts'
import { reportTwins } from './report.ts'

/** First batch that is judged, as in the paper. */
const FROM = 8

/**
 * The protocol of Redyuk et al. (EDBT 2021) on a table: for every batch from the eighth on, learn the clean batches
 * before it, then judge it and its corrupted twins, one column at a time; balanced accuracy of the decision.
 *
 * `--quick` takes every sixth batch and one seed. `--keep FOLDER` keeps what was measured: a run that was killed
 * continues there, and a later one with another scorer only judges.
 */
export async function runTwins(table: TwinTable, args: readonly string[]): Promise<void> {
  const startedMs = performance.now()
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean' }, keep: { type: 'string' } },
  })
  const plan: TwinPlan = values.quick
    ? { from: FROM, every: 6, seeds: [1] }
    : { from: FROM, every: 1, seeds: [1, 2, 3] }
  const folder = values.keep ?? mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  const engine = await openEngine({ threads: 1 })
  try {
    const keep = openKeep(folder, table.name)
    await measureTwins(engine, table, { plan, keep })
    const judged = judgeTwins(table, await firstSample(engine, table), { plan, keep })
    reportTwins(titleOf(table, plan), judged, {
      batches: judged.clean.length,
      seeds: plan.seeds.length,
      seconds: (performance.now() - startedMs) / 1000,
    })
  } finally {
    engine.close()
    if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

const titleOf = ({ name }: TwinTable, { every, seeds }: TwinPlan): string =>
  `${name}: every clean batch from the ${FROM}th on; twins of ${every === 1 ? 'each' : `every ${every}th`}, ${seeds.length} seed${seeds.length === 1 ? '' : 's'}`

async function firstSample(engine: Engine, table: TwinTable): Promise<RowSample> {
  for await (const { sample } of table.batches(engine)) return sample
  throw new FiableError('NO_BATCHES', `${table.name} has no batches.`, 'Check the file of the table.')
}
