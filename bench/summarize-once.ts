// A process in which DuckDB alone summarises files: node bench/summarize-once.ts FILE …
import { openEngine, quoteText } from '../src/engines/duckdb.ts'

const engine = await openEngine({ threads: 1 })
for (const file of process.argv.slice(2)) await engine.query(`summarize from ${quoteText(file)}`)
engine.close()
