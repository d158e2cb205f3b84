import { integer } from '../../src/pipelines/parameter.ts'
import { definePipeline } from '../../src/pipelines/pipeline.ts'
import { add, make, slow } from './sample-components.ts'

/** Two quick steps, a slow one, and a sum at the end. */
export const thenSlow = definePipeline({
  name: 'then-slow',
  about: 'Something to interrupt.',
  parameters: { ms: integer() },
  build(p, { ms }) {
    const a = p.step(make, { value: 1 }, { name: 'a' })
    const b = p.step(make, { value: 2 }, { name: 'b' })
    const wait = p.step(slow, { ms }, { name: 'wait', after: [a, b] })
    const sum = p.step(add, { data: [a.outputs.data, b.outputs.data] }, { name: 'sum', after: [wait] })
    return { total: sum.outputs.total }
  },
})
