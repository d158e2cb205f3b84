import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { BatchListing, MaterialisedBatch } from '../../src/data/batch.ts'
import { FiableError } from '../../src/data/errors.ts'
import { type Engine, openEngine, quoteText } from '../../src/engines/duckdb.ts'
import { openSource } from '../../src/sources/index.ts'
import type { Source, SourceDeclaration } from '../../src/sources/source.ts'

/** A temporary folder with an engine, removed after the test. */
export interface Workspace {
  readonly folder: string
  readonly engine: Engine
  readonly out: string
  write(name: string, content: string | Uint8Array): string
  open(declaration: SourceDeclaration): Promise<Source>
  /** Opens, lists, and materialises every batch. */
  readAll(declaration: SourceDeclaration): Promise<{ source: Source; batches: MaterialisedBatch[] }>
  rows(batch: MaterialisedBatch): Promise<Record<string, unknown>[]>
  /** Column names and types of a materialised batch. */
  types(batch: MaterialisedBatch): Promise<Record<string, string>>
}

export async function openWorkspace(t: TestContext): Promise<Workspace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-sources-'))
  const work = path.join(folder, '.work')
  const out = path.join(folder, '.out')
  for (const each of [work, out]) mkdirSync(each)
  const engine = await openEngine({ memoryMb: 512, tempFolder: work })
  const sources: Source[] = []
  t.after(async () => {
    for (const source of sources) await source.close()
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const open = async (declaration: SourceDeclaration): Promise<Source> => {
    const source = await openSource(declaration, { engine, baseFolder: folder, workFolder: work })
    sources.push(source)
    return source
  }
  return {
    folder,
    engine,
    out,
    open,
    write(name, content) {
      const file = path.join(folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
    async readAll(declaration) {
      const source = await open(declaration)
      const batches: MaterialisedBatch[] = []
      for (const listing of await source.list()) batches.push(await source.materialise(listing, out))
      return { source, batches }
    },
    async rows(batch) {
      return engine.query(`FROM read_parquet(${quoteText(batch.path)}, hive_partitioning=false)`)
    },
    async types(batch) {
      const rows = await engine.query(
        `DESCRIBE FROM read_parquet(${quoteText(batch.path)}, hive_partitioning=false)`,
      )
      return Object.fromEntries(rows.map((row) => [String(row.column_name), String(row.column_type)]))
    },
  }
}

/** For `assert.rejects`: the code, and everything the message and the fix must say. */
export const failure =
  (code: string, ...says: readonly (string | RegExp)[]) =>
  (thrown: unknown): boolean => {
    if (!(thrown instanceof FiableError)) throw thrown
    const text = `${thrown.message}\n${thrown.fix}`
    const missing = says.filter((say) => (typeof say === 'string' ? !text.includes(say) : !say.test(text)))
    if (thrown.code === code && missing.length === 0 && thrown.fix !== '') return true
    throw new Error(`expected ${code} saying ${missing.join(' and ')}, got ${thrown.code}: ${text}`, {
      cause: thrown,
    })
  }

export const keysOf = (listings: readonly BatchListing[]): string[] => listings.map(({ key }) => key)
