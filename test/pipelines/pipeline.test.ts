import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FiableError } from '../../src/data/errors.ts'
import { checkGraph } from '../../src/pipelines/check-graph.ts'
import { componentBook } from '../../src/pipelines/component-book.ts'
import type { Graph } from '../../src/pipelines/graph.ts'
import { integer } from '../../src/pipelines/parameter.ts'
import { compare, definePipeline } from '../../src/pipelines/pipeline.ts'
import { planTasks, type TaskResult } from '../../src/pipelines/plan-tasks.ts'
import { add, count, make, show } from './sample-components.ts'

const book = componentBook([make, count, add, show])

const fan = definePipeline({
  name: 'fan',
  about: 'Makes numbers and adds them.',
  parameters: { below: integer({ default: 3 }) },
  build(p, { below }) {
    const { numbers } = p.step(count, { below }).outputs
    const each = p.forEach(numbers, 'integer', (value, q) => ({ data: q.step(make, { value }).outputs.data }))
    const { total } = p.step(add, { data: each.outputs.data }).outputs
    p.when(compare(total, '>', 2), (then) => then.step(show, { text: 'large' }, { name: 'large' }))
    p.onExit(show, (status) => ({ status }))
    return { total }
  },
})

const done = (parameters: Record<string, number | number[]>, files: readonly string[] = []): TaskResult => ({
  state: 'COMPLETE',
  outputs: {
    parameters,
    artifacts: Object.fromEntries(
      files.map((name) => [name, { id: 1, type: 'Dataset', name, digest: name, bytes: 1, metadata: {} }]),
    ),
  },
})

const failed: TaskResult = { state: 'FAIL', error: 'no luck' }
const pathsOf = (
  graph: Graph,
  results: Record<string, TaskResult>,
  parameters = { below: 3 },
): readonly string[] =>
  planTasks(graph, parameters, new Map(Object.entries(results))).ready.map(({ path }) => path)

test('a pipeline that fits passes the check', () => {
  assert.doesNotThrow(() => checkGraph(fan.graph, book))
})

test('a produced list fans out, its files come together in order, and a condition decides', () => {
  const counted = { count: done({ numbers: [0, 1] }) }
  assert.deepEqual(pathsOf(fan.graph, {}), ['count'])
  assert.deepEqual(pathsOf(fan.graph, counted), ['each/0/make', 'each/1/make'])
  const one = { ...counted, 'each/1/make': done({ twice: 2 }, ['data']) }
  assert.deepEqual(pathsOf(fan.graph, one), ['each/0/make'])
  const made = { ...one, 'each/0/make': done({ twice: 0 }, ['data']) }
  const [task] = planTasks(fan.graph, { below: 3 }, new Map(Object.entries(made))).ready
  assert.equal(task?.path, 'add')
  assert.equal(task?.artifacts.data?.length, 2)
  assert.deepEqual(pathsOf(fan.graph, { ...made, add: done({ total: 3 }) }), ['large'])
  assert.deepEqual(pathsOf(fan.graph, { ...made, add: done({ total: 1 }) }), ['show'])
})

test('the exit task runs after a failure, is told of it, and the run has failed', () => {
  const results = new Map<string, TaskResult>([['count', failed]])
  const plan = planTasks(fan.graph, { below: 3 }, results)
  assert.deepEqual(
    plan.ready.map(({ path, parameters }) => [path, parameters]),
    [['show', { status: { state: 'FAIL', error: 'no luck' } }]],
  )
  assert.equal(planTasks(fan.graph, { below: 3 }, results.set('show', done({}))).state, 'FAIL')
})

test('an empty list is done at once, and what comes after it gets none', () => {
  const plan = planTasks(fan.graph, { below: 0 }, new Map([['count', done({ numbers: [] })]]))
  assert.deepEqual(
    plan.ready.map(({ path, artifacts }) => [path, artifacts.data]),
    [['add', []]],
  )
})

test('a failed step holds up what needs it and nothing else', () => {
  const two = definePipeline({
    name: 'two',
    about: 'Two chains.',
    parameters: {},
    build(p) {
      const a = p.step(make, { value: 1 }, { name: 'a' })
      p.step(make, { value: a.outputs.twice }, { name: 'after-a' })
      p.step(make, { value: 2 }, { name: 'b' })
      return {}
    },
  })
  const plan = planTasks(two.graph, {}, new Map([['a', failed]]))
  assert.deepEqual(
    plan.ready.map(({ path }) => path),
    ['b'],
  )
  assert.equal(
    planTasks(
      two.graph,
      {},
      new Map([
        ['a', failed],
        ['b', done({})],
      ]),
    ).state,
    'FAIL',
  )
})

test('a pipeline is a step of another, and its outputs are connected like any', () => {
  const outer = definePipeline({
    name: 'outer',
    about: 'Uses another.',
    parameters: {},
    build(p) {
      const inner = p.use(plain, {})
      return { told: p.step(make, { value: inner.outputs.twice }).outputs.twice }
    },
  })
  assert.doesNotThrow(() => checkGraph(outer.graph, book))
  assert.deepEqual(pathsOf(outer.graph, {}), ['plain/make'])
  assert.deepEqual(pathsOf(outer.graph, { 'plain/make': done({ twice: 10 }, ['data']) }), ['make'])
})

const plain = definePipeline({
  name: 'plain',
  about: 'One step.',
  parameters: { value: integer({ default: 5 }) },
  build: (p, { value }) => ({ twice: p.step(make, { value }).outputs.twice }),
})

test('a chain of two thousand steps is planned in a moment', () => {
  const chain = definePipeline({
    name: 'chain',
    about: 'Long.',
    parameters: {},
    build(p) {
      let last = p.step(make, { value: 1 }).outputs.twice
      for (let i = 0; i < 2000; i++) last = p.step(make, { value: last }).outputs.twice
      return { last }
    },
  })
  const started = performance.now()
  assert.deepEqual(pathsOf(chain.graph, {}), ['make'])
  assert.ok(performance.now() - started < 500)
})

test('a wrong connection does not compile', () => {
  definePipeline({
    name: 'wrong',
    about: 'Only the compiler reads this.',
    parameters: { below: integer() },
    build(p, { below }) {
      const { numbers } = p.step(count, { below }).outputs
      const { data, twice } = p.step(make, { value: 1 }).outputs
      // @ts-expect-error a list is no whole number
      p.step(make, { value: numbers })
      // @ts-expect-error a text is no whole number
      p.step(make, { value: 'one' })
      // @ts-expect-error a value is no file
      p.step(add, { data: twice })
      // @ts-expect-error an input is missing
      p.step(make, {})
      // @ts-expect-error there is no such input
      p.step(make, { value: 1, values: 2 })
      // @ts-expect-error one file is no list of files
      p.step(add, { data })
      // @ts-expect-error there is no such output
      p.step(make, { value: p.step(count, {}).outputs.number })
      p.step(add, { data: [data] })
      p.step(show, { share: twice })
      return {}
    },
  })
})

const step = (
  name: string,
  component: string,
  inputs: Graph['nodes'][number] extends infer N ? (N extends { inputs: infer I } ? I : never) : never,
  after: string[] = [],
) => ({ kind: 'step', name, component, version: '1', inputs, after }) as const
const graphOf = (nodes: Graph['nodes'], outputs: Graph['outputs'] = {}): Graph => ({
  name: 'bad',
  about: '',
  parameters: {},
  nodes,
  outputs,
  exit: null,
})
const constant = (value: number | string) => ({ from: 'constant', value }) as const
const from = (name: string, output: string) => ({ from: 'step', step: name, output }) as const

const wrong: Readonly<Record<string, readonly [Graph, RegExp]>> = {
  'an unknown component': [graphOf([step('a', 'nope', {})]), /a is nope@1, which is not known here/],
  'a version that disappeared': [
    graphOf([{ ...step('a', 'count', {}), version: '9' }]),
    /count@9, which is not known/,
  ],
  'a missing input': [graphOf([step('a', 'make', {})]), /a lacks its input value \(integer\)/],
  'an input that does not exist': [
    graphOf([step('a', 'count', { x: constant(1) })]),
    /a\.x is not an input; below/,
  ],
  'a constant out of range': [
    graphOf([step('a', 'make', { value: constant(2000) })]),
    /must be from 0 to 1000 and is 2000/,
  ],
  'a constant of another type': [
    graphOf([step('a', 'make', { value: constant('x') })]),
    /must be of type integer and is "x"/,
  ],
  'a value of another type': [
    graphOf([step('a', 'count', {}), step('b', 'make', { value: from('a', 'numbers') })]),
    /b\.value takes integer and is given list/,
  ],
  'a file where a value belongs': [
    graphOf([step('a', 'make', { value: constant(1) }), step('b', 'make', { value: from('a', 'data') })]),
    /b\.value takes integer and is given Dataset/,
  ],
  'an output that does not exist': [
    graphOf([step('a', 'count', {}), step('b', 'make', { value: from('a', 'number') })]),
    /uses a\.number, which is not an output/,
  ],
  'a step that does not exist': [
    graphOf([step('b', 'make', { value: from('a', 'x') })]),
    /uses a, which does not exist/,
  ],
  'a name used twice': [graphOf([step('a', 'count', {}), step('a', 'count', {})]), /two steps are named a/],
  'a cycle': [
    graphOf([
      step('a', 'make', { value: from('b', 'twice') }),
      step('b', 'make', { value: from('a', 'twice') }),
    ]),
    /there is a cycle: .*a.* → .*b/,
  ],
  'a step that waits for itself': [graphOf([step('a', 'count', {}, ['a'])]), /there is a cycle/],
  'a loop over what is no list': [
    graphOf([{ kind: 'loop', name: 'each', items: constant(3), itemType: 'integer', body: [] }]),
    /each goes over integer, which is not a list/,
  ],
  'an item outside of its loop': [
    graphOf([step('a', 'make', { value: { from: 'item', loop: 'each' } })]),
    /uses the item of each outside of it/,
  ],
}

for (const [what, [graph, message]] of Object.entries(wrong))
  test(`${what} is an error before anything runs`, () => {
    assert.throws(
      () => checkGraph(graph, book),
      (error: FiableError) => error.code === 'BAD_CONFIG' && message.test(error.message),
    )
  })
