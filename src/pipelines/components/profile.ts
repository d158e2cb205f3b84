import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { quoteText } from '../../engines/duckdb.ts'
import { encodeProfile } from '../../profile/codec.ts'
import { scan } from '../../profile/scan.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer } from '../parameter.ts'
import { withEngine } from './with-engine.ts'

/** The mergeable profile of a Parquet file, or of a range of its rows. */
export const profile = defineComponent({
  name: 'profile',
  version: '1',
  about: 'Profiles the rows of a Parquet file, or a range of them.',
  inputs: {
    dataset: artifact('Dataset', 'Parquet'),
    first: integer({ min: 0, default: 0, about: 'First row, from 0.' }),
    rows: integer({ min: 0, default: 0, about: 'Rows from there; all when 0.' }),
  },
  outputs: { profile: artifact('Profile'), rows: integer() },
  run: ({ inputs, outputs, folder }) =>
    withEngine(folder, async (engine) => {
      const { dataset, first, rows } = inputs
      const shard = path.join(folder, 'shard.parquet')
      if (rows > 0)
        await engine.run(
          `copy (select * exclude (file_row_number) from read_parquet(${quoteText(dataset.path)}, file_row_number = true)
           where file_row_number >= ${first} and file_row_number < ${first + rows}) to ${quoteText(shard)} (format parquet)`,
        )
      const scanned = await scan(engine, rows > 0 ? shard : dataset.path)
      await writeFile(outputs.profile.path, encodeProfile(scanned.profile))
      outputs.profile.metadata.rows = scanned.profile.rows
      return { rows: scanned.profile.rows }
    }),
})
