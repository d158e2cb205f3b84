import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { FiableError } from '../src/data/errors.ts'
import { dailyBatches } from './twins/daily-batches.ts'
import type { TwinTable } from './twins/job.ts'
import { runTwins } from './twins/run-twins.ts'

export const flightsFile = (createRequire(import.meta.url).resolve.paths('vega-datasets') ?? [])
  .map((folder) => path.join(folder, 'vega-datasets', 'data', 'flights-3m.parquet'))
  .find(existsSync)

/**
 * Three million flights within the United States, the first half of 2001.
 *
 * @throws FiableError NOT_FOUND when the package is not installed.
 */
export function flightsTable(): TwinTable {
  if (!flightsFile)
    throw new FiableError(
      'NOT_FOUND',
      'The package vega-datasets is not installed.',
      'Run `npm install vega-datasets`.',
    )
  return {
    name: 'flights',
    batches: (engine) => dailyBatches(engine, flightsFile, { day: 'date::date', columns: '*' }),
    numbers: ['delay', 'distance'],
    texts: ['origin', 'destination'],
    swappedNumbers: ['delay', 'distance'],
    swappedTexts: ['origin', 'destination'],
    batchesAWeek: 7,
    days: 182,
  }
}

export const run = (args: readonly string[]): Promise<void> => runTwins(flightsTable(), args)
