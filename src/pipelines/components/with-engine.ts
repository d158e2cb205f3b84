import { type Engine, openEngine } from '../../engines/duckdb.ts'

/** Opens the data engine for the time of `work`: one thread, as a step shares its machine with others. */
export async function withEngine<T>(tempFolder: string, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine({ threads: 1, tempFolder })
  try {
    return await work(engine)
  } finally {
    engine.close()
  }
}
