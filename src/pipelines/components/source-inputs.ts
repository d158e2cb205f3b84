import type { Engine } from '../../engines/duckdb.ts'
import { openSource } from '../../sources/index.ts'
import type { Source, SourceDeclaration } from '../../sources/source.ts'
import type { Inputs } from '../component.ts'
import { string } from '../parameter.ts'

/** Where batches come from, as inputs of components; an empty text stands for what is left out. */
export const sourceInputs = {
  data: string({ about: 'Files, globs, folders, or a postgresql:// URL.', min: 1 }),
  by: string({ about: 'Date or time column that cuts the data into batches.', default: '' }),
  every: string({
    default: '',
    choices: ['', 'hour', 'day', 'week', 'month'],
    about: 'Length of a batch when cut.',
  }),
  table: string({ about: 'Table of the database.', default: '' }),
  query: string({ about: 'Query of the database.', default: '' }),
  timeZone: string({ about: 'IANA time zone of calendar days.', default: '' }),
}

interface Around {
  readonly engine: Engine
  readonly folder: string
}

/** Opens the source for the time of `work`. */
export async function withSourceOf<T>(
  { data, by, every, table, query, timeZone }: Inputs<typeof sourceInputs>,
  { engine, folder }: Around,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const given = Object.entries({ by, every, table, query, timeZone }).filter(([, value]) => value !== '')
  const declaration = { data, ...Object.fromEntries(given) } as SourceDeclaration
  const source = await openSource(declaration, { engine, baseFolder: process.cwd(), workFolder: folder })
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
