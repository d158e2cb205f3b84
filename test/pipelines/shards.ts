import { integer } from '../../src/pipelines/parameter.ts'
import { definePipeline } from '../../src/pipelines/pipeline.ts'
import { add, make, slow } from './sample-components.ts'

/** Twelve numbers, each made after a wait, then added. */
export const shards = definePipeline({
  name: 'shards',
  about: 'Numbers made after a wait, then added.',
  parameters: { ms: integer(), base: integer() },
  build(p, { ms, base }) {
    const items = Array.from({ length: 12 }, (_, i) => i)
    const each = p.forEach(items, 'integer', (value, q) => {
      const wait = q.step(slow, { ms })
      return { data: q.step(make, { value }, { after: [wait] }).outputs.data }
    })
    const start = p.step(make, { value: base }, { name: 'base' })
    const all = p.step(add, { data: each.outputs.data }, { after: [start] })
    return { total: all.outputs.total }
  },
})
