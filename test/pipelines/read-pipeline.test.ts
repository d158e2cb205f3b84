import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGraph } from '../../src/pipelines/check-graph.ts'
import { componentBook } from '../../src/pipelines/component-book.ts'
import { planTasks } from '../../src/pipelines/plan-tasks.ts'
import { readPipeline } from '../../src/pipelines/read-pipeline.ts'
import { add, count, make, show } from './sample-components.ts'

const book = componentBook([make, count, add, show])
const read = (text: string) => readPipeline(text, { book, where: 'pipeline.yaml' })

const FAN = `
pipeline: fan
about: Makes numbers and adds them.
parameters:
  below: { type: integer, default: 3, max: 10 }
steps:
  total: { component: add, with: { data: "\${each.one.data}" } }
  numbers: { component: count, with: { below: "\${parameters.below}" } }
  each:
    forEach: \${numbers.numbers}
    of: integer
    steps:
      one: { component: make@1, with: { value: "\${item}" } }
  large:
    when: \${total.total} > 2
    steps:
      tell: { component: show, with: { text: large, share: 0.25 } }
exit: { component: show, with: { status: "\${status}" } }
outputs: { total: "\${total.total}" }
`

test('a pipeline in YAML is checked and planned like one in TypeScript', async () => {
  const graph = await read(FAN)
  checkGraph(graph, book)
  const first = planTasks(graph, { below: 3 }, new Map())
  assert.deepEqual(
    first.ready.map(({ path, version, parameters }) => [path, version, parameters]),
    [['numbers', '1', { below: 3 }]],
  )
  const counted = new Map([
    ['numbers', { state: 'COMPLETE', outputs: { parameters: { numbers: [4, 5] }, artifacts: {} } } as const],
  ])
  assert.deepEqual(
    planTasks(graph, { below: 3 }, counted).ready.map(({ path, parameters }) => [path, parameters]),
    [
      ['each/0/one', { value: 4 }],
      ['each/1/one', { value: 5 }],
    ],
  )
})

const bad: Readonly<Record<string, readonly [string, RegExp]>> = {
  'what is no YAML': ['pipeline: [', /pipeline\.yaml is not a pipeline/],
  'a missing list of steps': ['pipeline: x', /steps/],
  'a field misspelt': ['pipeline: x\nstep: {}\nsteps: {}', /Unrecognized key: "step"/],
  'a step that is nothing known': ['pipeline: x\nsteps: { a: { run: ls } }', /steps\.a/],
  'a condition without a comparison': [
    'pipeline: x\nsteps: { a: { when: yes please, steps: {} } }',
    /does not compare two values/,
  ],
  'a reference to nothing': [
    'pipeline: x\nsteps: { a: { component: make, with: { value: "$\u007bx}" } } }',
    /\$\{x\} leads nowhere/,
  ],
  'an unknown pipeline': [
    'pipeline: x\nsteps: { a: { pipeline: other } }',
    /uses the pipeline other, which is not known/,
  ],
}

for (const [what, [text, message]] of Object.entries(bad))
  test(`${what} is refused with its place`, async () => {
    await assert.rejects(read(text), (error: Error) => message.test(error.message))
  })

test('a step that needs itself through a loop is a cycle', async () => {
  const graph = await read(`
pipeline: x
steps:
  each:
    forEach: \${after.numbers}
    of: integer
    steps: { one: { component: make, with: { value: "\${item}" } } }
  sum: { component: add, with: { data: "\${each.one.data}" } }
  after: { component: count, with: { below: "\${sum.total}" } }
`)
  assert.throws(() => checkGraph(graph, book), /there is a cycle/)
})
