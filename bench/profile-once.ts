// A process that profiles one file once and tells what it took: node bench/profile-once.ts FILE [ROUNDS OF RAW SCANS]
import { openEngine } from '../src/engines/duckdb.ts'
import { scan } from '../src/profile/scan.ts'
import { cpuMs, median } from './cpu.ts'
import { rawScanSql } from './raw-scan.ts'

/** What one process measured. */
export interface Once {
  readonly cpuMs: number
  readonly wallMs: number
  readonly maxRssMb: number
  readonly rawMs: number | null
}

const [file = '', rounds = '0'] = process.argv.slice(2)
const engine = await openEngine({ threads: 1, tempFolder: process.env.TMPDIR ?? '/tmp' })
const [cpu, wall] = [cpuMs(), performance.now()]
await scan(engine, file)
const measured = {
  cpuMs: cpuMs() - cpu,
  wallMs: performance.now() - wall,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
}
const raw: number[] = []
const sql = await rawScanSql(engine, file)
for (let round = 0; round < Number(rounds); round++) {
  const before = cpuMs()
  await engine.run(sql)
  raw.push(cpuMs() - before)
}
const once: Once = { ...measured, rawMs: raw.length > 0 ? median(raw) : null }
console.log(JSON.stringify(once))
engine.close()
