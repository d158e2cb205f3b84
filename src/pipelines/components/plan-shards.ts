import { quoteText } from '../../engines/duckdb.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer, list } from '../parameter.ts'
import { withEngine } from './with-engine.ts'

/** Ranges of rows of about equal size, none of them empty. */
export const planShards = defineComponent({
  name: 'plan-shards',
  version: '1',
  about: 'Cuts the rows of a Parquet file into ranges of about equal size.',
  inputs: { dataset: artifact('Dataset', 'Parquet'), shards: integer({ min: 1, max: 10_000 }) },
  outputs: { ranges: list() },
  run: ({ inputs, folder }) =>
    withEngine(folder, async (engine) => {
      const sql = `select count(*)::double as n from read_parquet(${quoteText(inputs.dataset.path)})`
      const [count] = await engine.query(sql)
      return { ranges: rangesOf(Number(count!.n), inputs.shards) }
    }),
})

function rangesOf(rows: number, shards: number): readonly { first: number; rows: number }[] {
  const cuts = Array.from({ length: shards + 1 }, (_, i) => Math.round((rows * i) / shards))
  const ranges = cuts.slice(1).map((end, i) => ({ first: cuts[i]!, rows: end - cuts[i]! }))
  return ranges.filter((range) => range.rows > 0)
}
