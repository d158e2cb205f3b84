import { existsSync } from 'node:fs'
import path from 'node:path'
import { FiableError } from '../src/data/errors.ts'
import { dailyBatches } from './twins/daily-batches.ts'
import type { TwinTable } from './twins/job.ts'
import { runTwins } from './twins/run-twins.ts'

const file = path.join(import.meta.dirname, '../../shared/data/online_retail.parquet')

/** Online Retail (UCI 352), 305 days of a shop. */
const retail: TwinTable = {
  name: 'retail',
  batches: (engine) =>
    dailyBatches(engine, file, { day: 'batch', columns: '* exclude (batch, InvoiceDate)' }),
  numbers: ['Quantity', 'UnitPrice', 'CustomerID'],
  texts: ['InvoiceNo', 'StockCode', 'Description', 'Country'],
  swappedNumbers: ['Quantity', 'UnitPrice'],
  swappedTexts: ['Description', 'Country'],
  batchesAWeek: 5.75,
}

export async function run(args: readonly string[]): Promise<void> {
  if (!existsSync(file))
    throw new FiableError(
      'NOT_FOUND',
      `${file} is not there.`,
      'Put the Online Retail table (UCI 352, with a column batch = day) there.',
    )
  await runTwins(retail, args)
}
