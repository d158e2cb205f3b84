import { type Engine, quoteName, quoteText } from '../src/engines/duckdb.ts'
import { columnsOf } from '../src/profile/reading.ts'

/** The statement profiles are measured against: every value of every column is read and summed, nothing more. */
export async function rawScanSql(engine: Engine, file: string): Promise<string> {
  const columns = await columnsOf(engine, quoteText(file))
  const sums = columns.map(({ name, type, storage }) => {
    if (storage === 'time') return `sum(epoch_us(${quoteName(name)}::timestamp))`
    if (storage === 'number') return `sum(${quoteName(name)})`
    return type === 'BOOLEAN' ? `sum(${quoteName(name)}::int)` : `sum(strlen(${quoteName(name)}::varchar))`
  })
  return `select count(*), ${sums.join(', ')} from read_parquet(${quoteText(file)})`
}
