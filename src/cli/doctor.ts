import { existsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import path from 'node:path'
import pc from 'picocolors'
import { messageOf } from '../data/errors.ts'
import { openEngine } from '../engines/duckdb.ts'
import { listDatasets } from '../tracking/datasets.ts'
import { openStore } from '../tracking/store.ts'
import { EXIT } from './exit.ts'

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly told: string
}

/** `fiable doctor`: tries what Fiable needs, one line each; exit 2 when something is broken. */
export async function doctor({ store }: { readonly store: string }): Promise<void> {
  const findings = [checkNode(), await checkEngine(), await checkStore(store), checkMemory()]
  for (const { name, ok, told } of findings)
    process.stdout.write(`${ok ? pc.green('●') : pc.red('◆')} ${name.padEnd(12)} ${told}\n`)
  process.exitCode = findings.every((finding) => finding.ok) ? EXIT.ok : EXIT.cannotJudge
}

function checkNode(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= 24
  return {
    name: 'node',
    ok,
    told: ok
      ? process.version
      : `${process.version}; 24 or newer is needed: run through \`npx fiable\` or \`npm run fiable\`, which bring it`,
  }
}

async function checkEngine(): Promise<Finding> {
  try {
    const engine = await openEngine()
    const [row] = await engine.query('select 42 as answer')
    engine.close()
    return { name: 'data engine', ok: row?.answer === 42, told: `DuckDB ${engine.version}` }
  } catch (thrown) {
    return { name: 'data engine', ok: false, told: messageOf(thrown) }
  }
}

async function checkStore(folder: string): Promise<Finding> {
  const absolute = path.resolve(folder)
  if (!existsSync(absolute))
    return { name: 'store', ok: true, told: `${absolute} (created at the first check)` }
  try {
    const store = await openStore(folder)
    const datasets = await listDatasets(store.db)
    await store.close()
    return {
      name: 'store',
      ok: true,
      told: `${absolute}, ${datasets.length} ${datasets.length === 1 ? 'dataset' : 'datasets'}`,
    }
  } catch (thrown) {
    return { name: 'store', ok: false, told: messageOf(thrown) }
  }
}

function checkMemory(): Finding {
  const freeMb = Math.round(freemem() / 2 ** 20)
  return {
    name: 'memory',
    ok: freeMb > 300,
    told: `${freeMb} MB free of ${Math.round(totalmem() / 2 ** 20)} MB`,
  }
}
