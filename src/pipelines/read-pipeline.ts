import { z } from 'zod'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { ComponentBook } from './component-book.ts'
import { findNode } from './find-node.ts'
import type { Condition, Graph, GraphNode, Operator, Source, StepNode } from './graph.ts'
import { type Parameter, type ParameterType, parameterTypes } from './parameter.ts'

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>

const parameter = z.strictObject({
  type: z.enum(parameterTypes),
  about: z.string().optional(),
  default: json.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  choices: z.array(z.string()).optional(),
})

const inputs = z.record(z.string(), json).default({})
const exitStep = z.strictObject({ component: z.string(), with: inputs })

type WrittenStep =
  | { component: string; with: Record<string, Json>; after: string[] }
  | { forEach: string | Json[]; of: ParameterType; steps: Record<string, WrittenStep> }
  | { when: string; steps: Record<string, WrittenStep> }
  | { pipeline: string; with: Record<string, Json> }

const step: z.ZodType<WrittenStep> = z.lazy(() =>
  z.union([
    z.strictObject({ component: z.string(), with: inputs, after: z.array(z.string()).default([]) }),
    z.strictObject({
      forEach: z.union([z.string(), z.array(json)]),
      of: z.enum(parameterTypes).default('string'),
      steps: z.record(z.string(), step),
    }),
    z.strictObject({ when: z.string(), steps: z.record(z.string(), step) }),
    z.strictObject({ pipeline: z.string(), with: inputs }),
  ]),
)

const document = z.strictObject({
  pipeline: z.string().min(1),
  about: z.string().default(''),
  parameters: z.record(z.string(), parameter).default({}),
  steps: z.record(z.string().regex(/^[\w-]+$/, 'must be made of letters, digits, dash and underscore'), step),
  exit: exitStep.optional(),
  outputs: z.record(z.string(), z.string()).default({}),
})

export interface ReadOptions {
  readonly book: ComponentBook
  /** Pipelines that may be used as a step, by name. */
  readonly pipelines?: ReadonlyMap<string, Graph>
  /** Where the text is from, for messages. */
  readonly where: string
}

interface Reading extends ReadOptions {
  readonly nodes: GraphNode[]
  /** Names of the loops around what is read, innermost last. */
  readonly loops: readonly string[]
}

/**
 * A pipeline written in YAML. `${parameters.name}`, `${step.output}`, `${item}`, `${loop.item}`, `${item.field}` and, in
 * `exit`, `${status}` stand for values; a step inside a loop seen from outside, `${loop.step.output}`, is the list of all.
 *
 * @throws FiableError BAD_CONFIG when it is no YAML or not of this form. Connections are checked by `checkGraph`.
 */
export async function readPipeline(text: string, options: ReadOptions): Promise<Graph> {
  const { parse } = await import('yaml')
  const written = parseDocument(() => parse(text) as unknown, options.where)
  const nodes: GraphNode[] = []
  const reading: Reading = { ...options, nodes, loops: [] }
  nodes.push(...placeholders(written.steps))
  const real = nodesOf(written.steps, reading)
  return {
    name: written.pipeline,
    about: written.about,
    parameters: Object.fromEntries(
      Object.entries(written.parameters).map(([name, own]) => [name, toParameter(own)]),
    ),
    nodes: real,
    outputs: Object.fromEntries(
      Object.entries(written.outputs).map(([name, own]) => [name, sourceOf(own, reading)]),
    ),
    exit: written.exit ? (nodeOf('exit', { ...written.exit, after: [] }, reading) as StepNode) : null,
  }
}

function parseDocument(read: () => unknown, where: string): z.infer<typeof document> {
  let value: unknown
  try {
    value = read()
  } catch (cause) {
    throw badPipeline(where, messageOf(cause), cause)
  }
  const parsed = document.safeParse(value)
  if (parsed.success) return parsed.data
  throw badPipeline(
    where,
    parsed.error.issues.map((i) => `${i.path.join('.') || 'the whole'}: ${i.message}`).join('; '),
  )
}

const badPipeline = (where: string, why: string, cause?: unknown): FiableError =>
  new FiableError(
    'BAD_CONFIG',
    `${where} is not a pipeline: ${why}.`,
    'Write `pipeline:`, `steps:` with a component, forEach, when or pipeline each, and correct what is named above.',
    { cause },
  )

const toParameter = (written: z.infer<typeof parameter>): Parameter =>
  ({
    kind: 'parameter',
    presence: written.default === undefined ? 'required' : 'optional',
    ...written,
  }) as Parameter

/** The shape of the graph by name, known before any reference is read: a step may be used above where it is written. */
function placeholders(steps: Readonly<Record<string, WrittenStep>>): readonly GraphNode[] {
  const nothing = { from: 'constant', value: [] } as const
  const condition = { left: nothing, operator: '==', right: nothing } as const
  return Object.entries(steps).map(([name, own]): GraphNode => {
    if ('forEach' in own)
      return { kind: 'loop', name, items: nothing, itemType: own.of, body: placeholders(own.steps) }
    if ('when' in own) return { kind: 'condition', name, when: condition, body: placeholders(own.steps) }
    return { kind: 'step', name, component: '', version: '', inputs: {}, after: [] }
  })
}

const nodesOf = (steps: Readonly<Record<string, WrittenStep>>, reading: Reading): readonly GraphNode[] =>
  Object.entries(steps).map(([name, own]) => nodeOf(name, own, reading))

function nodeOf(name: string, own: WrittenStep, reading: Reading): GraphNode {
  if ('forEach' in own) {
    const body = nodesOf(own.steps, { ...reading, loops: [...reading.loops, name] })
    return { kind: 'loop', name, items: sourceOf(own.forEach, reading), itemType: own.of, body }
  }
  if ('when' in own)
    return {
      kind: 'condition',
      name,
      when: conditionOf(own.when, reading),
      body: nodesOf(own.steps, reading),
    }
  const wired = Object.fromEntries(
    Object.entries(own.with).map(([key, value]) => [key, sourceOf(value, reading)]),
  )
  if ('pipeline' in own)
    return { kind: 'pipeline', name, inputs: wired, graph: pipelineNamed(own.pipeline, reading) }
  const [component = '', version] = own.component.split('@')
  const found = reading.book.find(component)
  return {
    kind: 'step',
    name,
    component,
    version: version ?? found?.version ?? '',
    inputs: wired,
    after: own.after,
  }
}

function pipelineNamed(name: string, { pipelines, where }: ReadOptions): Graph {
  const graph = pipelines?.get(name)
  if (graph) return graph
  const known = [...(pipelines?.keys() ?? [])].join(', ') || 'none'
  throw badPipeline(where, `it uses the pipeline ${name}, which is not known here (known: ${known})`)
}

const OPERATOR = /^(.+?)\s*(==|!=|>=|<=|>|<)\s*(.+)$/

function conditionOf(text: string, reading: Reading): Condition {
  const [, left, operator, right] = OPERATOR.exec(text) ?? []
  if (!left || !operator || !right)
    throw badPipeline(reading.where, `the condition "${text}" does not compare two values`)
  return {
    left: sourceOf(plainValue(left), reading),
    operator: operator as Operator,
    right: sourceOf(plainValue(right), reading),
  }
}

/** A side of a condition: a reference, JSON, or a bare word. */
function plainValue(text: string): Json {
  if (text.startsWith('${')) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const REFERENCE = /^\$\{([^}]+)\}$/

function sourceOf(value: Json, reading: Reading): Source {
  const reference = typeof value === 'string' ? REFERENCE.exec(value)?.[1]?.trim() : undefined
  if (reference !== undefined) return referenceOf(reference.split('.'), reading)
  if (Array.isArray(value) && value.length > 0 && value.every(isReference))
    return { from: 'list', sources: value.map((inner) => sourceOf(inner, reading)) }
  return { from: 'constant', value }
}

const isReference = (value: Json): boolean => typeof value === 'string' && REFERENCE.test(value)

function referenceOf(parts: readonly string[], reading: Reading): Source {
  const [first = '', second, ...rest] = parts
  if (first === 'status' && second === undefined) return { from: 'status' }
  if (first === 'parameters' && second !== undefined) return { from: 'parameter', name: second }
  if (first === 'item') return itemOf(reading.loops.at(-1) ?? '', second)
  if (reading.loops.includes(first) && second === 'item') return itemOf(first, rest[0])
  const node = findNode(reading.nodes, first)
  if (node?.kind === 'loop' && !reading.loops.includes(first) && second !== undefined) {
    const inner: Reading = { ...reading, nodes: [...node.body], loops: [...reading.loops, first] }
    return { from: 'collect', loop: first, source: referenceOf([second, ...rest], inner) }
  }
  if (second !== undefined && rest.length === 0) return { from: 'step', step: first, output: second }
  throw badPipeline(reading.where, `the reference \${${parts.join('.')}} leads nowhere`)
}

const itemOf = (loop: string, field: string | undefined): Source => ({
  from: 'item',
  loop,
  ...(field === undefined ? {} : { field }),
})
