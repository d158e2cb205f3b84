import { existsSync } from 'node:fs'
import path from 'node:path'
import { FiableError } from '../src/data/errors.ts'
import { dailyBatches } from './twins/daily-batches.ts'
import type { TwinTable } from './twins/job.ts'
import { runTwins } from './twins/run-twins.ts'

export const retailFile = path.join(import.meta.dirname, '../../shared/data/online_retail.parquet')

/** Online Retail (UCI 352), 305 days of a shop. */
export const retailTable: TwinTable = {
  name: 'retail',
  batches: (engine) =>
    dailyBatches(engine, retailFile, { day: 'batch', columns: '* exclude (batch, InvoiceDate)' }),
  numbers: ['Quantity', 'UnitPrice', 'CustomerID'],
  texts: ['InvoiceNo', 'StockCode', 'Description', 'Country'],
  swappedNumbers: ['Quantity', 'UnitPrice'],
  swappedTexts: ['Description', 'Country'],
  batchesAWeek: 5.75,
  days: 305,
}

export async function run(args: readonly string[]): Promise<void> {
  if (!existsSync(retailFile))
    throw new FiableError(
      'NOT_FOUND',
      `${retailFile} is not there.`,
      'Put the Online Retail table (UCI 352, with a column batch = day) there.',
    )
  await runTwins(retailTable, args)
}
