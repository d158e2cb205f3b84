import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { installedCopy } from '../scripts/installed-copy.ts'
import { type Engine, openEngine, quoteText } from '../src/engines/duckdb.ts'
import { median } from './cpu.ts'

const root = path.join(import.meta.dirname, '..')
const ROWS = 100_000
const COLUMNS = 40
const FORMATS = ['parquet', 'csv'] as const

/** What a whole process took. */
interface Usage {
  readonly cpuS: number
  readonly rssMb: number
}

const notMeasured = [
  'time on the clock, and a disk that is not in memory',
  'more than two batches, other shapes of table, gzip and databases',
  'what ends after the process says goodbye (a few ms)',
]

/**
 * Measures the command line as whole processes, CPU time of all threads and peak memory: `--help`, and `check` of two
 * files of 100,000 rows × 40 columns, as installed by npm; beside the same from the sources of the checkout, a bare Node,
 * and DuckDB's own SUMMARIZE of the same files.
 *
 * `--quick` runs each once instead of five times. Each runs once before, unmeasured: that fills Node's cache of compiled code.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = args.includes('--quick') ? 1 : 5
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-bench-'))
  try {
    const installed = installedCopy(folder)
    await makeFiles(folder)
    const all = Object.entries(cases(folder, installed))
    const measured = new Map<string, Usage[]>(all.map(([name]) => [name, []]))
    for (let round = -1; round < rounds; round++)
      for (const [name, measure] of all) {
        const usage = measure()
        if (round >= 0) measured.get(name)!.push(usage)
      }
    report(new Map([...measured].map(([name, usages]) => [name, middle(usages)])))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeFiles(folder: string): Promise<void> {
  const engine = await openEngine()
  try {
    for (const format of FORMATS) {
      mkdirSync(path.join(folder, format))
      for (const day of [1, 2]) await makeFile(engine, fileOf(folder, format, day), day)
    }
  } finally {
    engine.close()
  }
}

const fileOf = (folder: string, format: string, day: number): string =>
  path.join(folder, format, `orders-2024-01-0${day}.${format}`)

const makeFile = (engine: Engine, file: string, day: number): Promise<void> => {
  const columns = Array.from({ length: COLUMNS }, (_, c) => `${columnSql(c, day)} as c${c}`)
  return engine.run(`copy (select ${columns.join(', ')} from range(${ROWS}) t(i)) to ${quoteText(file)}`)
}

/** Whole numbers, amounts, categories, names and times in turn. */
function columnSql(c: number, day: number): string {
  const draw = `hash(i, ${c}, ${day})`
  return [
    `(${draw} % 1000000)::bigint`,
    `round((${draw} % 100000) / 97, 2)`,
    `'category ' || ${draw} % 30`,
    `'item ' || ${draw} % 5000 || ' of shop'`,
    `timestamp '2024-01-0${day}' + to_seconds((${draw} % 86400)::int)`,
  ][c % 5]!
}

const cases = (folder: string, installed: string) => ({
  node: () => usageOf(['-e', '0']),
  help: () => usageOf([installed, '--help']),
  checkParquet: () => usageOfCheck(installed, folder, 'parquet'),
  checkCsv: () => usageOfCheck(installed, folder, 'csv'),
  sourcesParquet: () => usageOfCheck(sources, folder, 'parquet'),
  summarizeParquet: () => usageOfSummarize(folder, 'parquet'),
  summarizeCsv: () => usageOfSummarize(folder, 'csv'),
})

const sources = path.join(root, 'bin', 'fiable.mjs')

function usageOfCheck(command: string, folder: string, format: string): Usage {
  const store = path.join(folder, 'store')
  const usage = usageOf([command, 'check', path.join(folder, format), '--store', store])
  rmSync(store, { recursive: true })
  return usage
}

const usageOfSummarize = (folder: string, format: string): Usage =>
  usageOf([
    path.join(root, 'bench', 'summarize-once.ts'),
    ...[1, 2].map((day) => fileOf(folder, format, day)),
  ])

/** Two batches cannot be judged yet, which `check` says by exit code 2. */
const EXPECTED_CODES = [0, 2]

function usageOf(args: readonly string[]): Usage {
  const preload = path.join(root, 'bench', 'usage.mjs')
  const child = spawnSync(process.execPath, ['--import', preload, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  if (!EXPECTED_CODES.includes(child.status ?? -1) || !child.output[3])
    throw new Error(`node ${args.join(' ')} ended with ${child.status ?? child.signal}: ${child.stderr}`)
  return JSON.parse(child.output[3]) as Usage
}

const middle = (usages: readonly Usage[]): Usage => ({
  cpuS: median(usages.map(({ cpuS }) => cpuS)),
  rssMb: median(usages.map(({ rssMb }) => rssMb)),
})

function report(measured: ReadonlyMap<string, Usage>): void {
  console.log(`${'process'.padEnd(20)}${'CPU s'.padStart(9)}${'peak MB'.padStart(9)}`)
  for (const [name, { cpuS, rssMb }] of measured)
    console.log(`${name.padEnd(20)}${cpuS.toFixed(2).padStart(9)}${rssMb.toFixed(0).padStart(9)}`)
  console.log('\nGoals: help ≤ 0.15 s; check ≤ 3 s and ≤ 300 MB.')
  console.log(`Not measured: ${notMeasured.join('; ')}.`)
  const rounded = Object.entries(resultsOf(measured)).map(([key, value]) => [key, Number(value.toFixed(3))])
  console.log(JSON.stringify(Object.fromEntries(rounded)))
}

function resultsOf(measured: ReadonlyMap<string, Usage>): Readonly<Record<string, number>> {
  const of = (name: string): Usage => measured.get(name)!
  return {
    helpCpuS: of('help').cpuS,
    checkCpuS: of('checkParquet').cpuS,
    checkRssMb: of('checkParquet').rssMb,
    checkSourcesCpuS: of('sourcesParquet').cpuS,
    checkSourcesRssMb: of('sourcesParquet').rssMb,
    checkCsvCpuS: of('checkCsv').cpuS,
    checkCsvRssMb: of('checkCsv').rssMb,
    nodeCpuS: of('node').cpuS,
    summarizeCpuS: of('summarizeParquet').cpuS,
    summarizeCsvCpuS: of('summarizeCsv').cpuS,
    checkOverSummarize: of('checkParquet').cpuS / of('summarizeParquet').cpuS,
    checkCsvOverSummarize: of('checkCsv').cpuS / of('summarizeCsv').cpuS,
  }
}
