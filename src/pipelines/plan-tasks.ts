import type { Json } from '../data/json.ts'
import type { ArtifactMetadata, ArtifactType } from './artifact.ts'
import { findNode } from './find-node.ts'
import type { Condition, Graph, GraphNode, LoopNode, PipelineNode, Source, StepNode } from './graph.ts'
import { isOfType } from './parameter.ts'

/** A file in the artifact store. */
export interface StoredArtifact {
  /** Number of its record. */
  readonly id: number
  readonly type: ArtifactType
  readonly name: string
  /** SHA-256, hex. */
  readonly digest: string
  readonly bytes: number
  readonly metadata: ArtifactMetadata
}

/** What a finished task gave. */
export interface TaskOutputs {
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, StoredArtifact>>
}

export type TaskResult =
  | { readonly state: 'COMPLETE'; readonly outputs: TaskOutputs }
  | { readonly state: 'FAIL' | 'ABORT'; readonly error: string }

/** A step with all it needs, ready to run. */
export interface Task {
  /** Where it is in the run, such as `each/3/profile-shard`. */
  readonly path: string
  readonly component: string
  readonly version: string
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, readonly StoredArtifact[]>>
}

/** Where a run stands, given the results so far. */
export interface Plan {
  /** Tasks without a result whose inputs are all there; those already running are among them. */
  readonly ready: readonly Task[]
  readonly state: 'RUNNING' | 'COMPLETE' | 'FAIL'
  /** The pipeline's outputs, once complete. */
  readonly outputs: Readonly<Record<string, Value>>
  /** Tasks known so far, with or without a result. */
  readonly known: number
}

/** A JSON value, or files. */
export type Value =
  | { readonly kind: 'parameter'; readonly value: Json }
  | { readonly kind: 'artifacts'; readonly artifacts: readonly StoredArtifact[] }

type Resolved =
  | { readonly state: 'COMPLETE'; readonly value: Value }
  | { readonly state: 'RUNNING' | 'FAIL' | 'SKIP' }

type NodeState = 'COMPLETE' | 'RUNNING' | 'FAIL' | 'SKIP'

/** A place in the graph: nodes that see each other, and what is around them. */
interface Scope {
  readonly prefix: string
  readonly nodes: readonly GraphNode[]
  readonly parent: Scope | null
  /** Inputs of the pipeline, at its top only. */
  readonly parameters: ReadonlyMap<string, Resolved> | null
  readonly loop: { readonly name: string; readonly item: Json } | null
}

interface Walk {
  readonly results: ReadonlyMap<string, TaskResult>
  readonly ready: Task[]
  /** Why steps have no result, by path: asked once per plan, or a long chain would be walked again from each of its links. */
  readonly missing: Map<string, 'RUNNING' | 'SKIP' | 'FAIL'>
  known: number
}

/**
 * What can run now.
 *
 * A function of the graph, the parameters and the results alone: a runner that was killed, or another machine, goes on
 * from the stored results. A failed step holds up what needs it and nothing else; a loop whose list is not yet there, or a
 * condition not yet known, holds up its body.
 */
export function planTasks(
  graph: Graph,
  parameters: Readonly<Record<string, Json>>,
  results: ReadonlyMap<string, TaskResult>,
): Plan {
  const walk: Walk = { results, ready: [], missing: new Map(), known: 0 }
  const top = topScope(graph, '', mapValues(parameters, given))
  const state = stateOfAll(top.nodes, top, walk)
  const ended = state === 'RUNNING' ? state : planExit(graph, { state, walk })
  const outputs = ended === 'COMPLETE' ? outputsOf(graph, top, walk) : {}
  return { ready: walk.ready, state: ended === 'SKIP' ? 'COMPLETE' : ended, outputs, known: walk.known }
}

const given = (value: Json): Resolved => ({ state: 'COMPLETE', value: { kind: 'parameter', value } })

const mapValues = <T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): ReadonlyMap<string, U> =>
  new Map(Object.entries(record).map(([key, value]) => [key, map(value)]))

const topScope = (graph: Graph, prefix: string, parameters: ReadonlyMap<string, Resolved>): Scope => ({
  prefix,
  nodes: graph.nodes,
  parent: null,
  parameters,
  loop: null,
})

/** The exit task sees how the others went; a run whose exit task fails has failed. */
function planExit(
  { exit }: Graph,
  { state, walk }: { readonly state: NodeState; readonly walk: Walk },
): NodeState {
  if (!exit) return state
  const failures = [...walk.results].filter(([path]) => path !== exit.name)
  const error = failures
    .map(([, result]) => ('error' in result ? result.error : ''))
    .find((text) => text !== '')
  const status = { state: state === 'FAIL' ? 'FAIL' : 'COMPLETE', error: error ?? '' }
  const scope = topScope(EMPTY, '', new Map([['status', given(status)]]))
  const own = stepState(exit, scope, walk)
  return own === 'COMPLETE' ? state : own
}

const EMPTY: Graph = { name: '', about: '', parameters: {}, nodes: [], outputs: {}, exit: null }

function outputsOf(graph: Graph, top: Scope, walk: Walk): Record<string, Value> {
  const resolved = Object.entries(graph.outputs).map(
    ([name, source]) => [name, resolve(source, top, walk)] as const,
  )
  return Object.fromEntries(
    resolved.flatMap(([name, value]) => (value.state === 'COMPLETE' ? [[name, value.value]] : [])),
  )
}

/** Visits every node, so that all that is ready is found; one still running makes all running, else a failed one failed. */
function stateOfAll(nodes: readonly GraphNode[], scope: Scope, walk: Walk): NodeState {
  return together(nodes.map((node) => nodeState(node, scope, walk)))
}

function together(states: readonly NodeState[]): NodeState {
  if (states.includes('RUNNING')) return 'RUNNING'
  return states.includes('FAIL') ? 'FAIL' : 'COMPLETE'
}

function nodeState(node: GraphNode, scope: Scope, walk: Walk): NodeState {
  if (node.kind === 'step') return stepState(node, scope, walk)
  if (node.kind === 'loop') return loopState(node, scope, walk)
  if (node.kind === 'pipeline') {
    const inner = scopeOfPipeline(node, scope, walk)
    return stateOfAll(inner.nodes, inner, walk)
  }
  const holds = evaluate(node.when, scope, walk)
  if (holds !== true) return holds === false ? 'SKIP' : holds
  return stateOfAll(node.body, scope, walk)
}

function stepState(node: StepNode, scope: Scope, walk: Walk): NodeState {
  walk.known++
  const path = scope.prefix + node.name
  const result = walk.results.get(path)
  if (result) return result.state === 'COMPLETE' ? 'COMPLETE' : 'FAIL'
  const inputs = Object.entries(node.inputs).map(
    ([name, source]) => [name, resolve(source, scope, walk)] as const,
  )
  const waiting = node.after.map((name) => stateOfNamed(name, scope, walk))
  const blocked = blockedBy([...inputs.map(([, { state }]) => state), ...waiting])
  if (blocked) return blocked
  walk.ready.push(taskOf(node, path, inputs as readonly (readonly [string, { readonly value: Value }])[]))
  return 'RUNNING'
}

const blockedBy = (states: readonly NodeState[]): NodeState | null =>
  (['FAIL', 'SKIP', 'RUNNING'] as const).find((state) => states.includes(state)) ?? null

function taskOf(
  { component, version }: StepNode,
  path: string,
  inputs: readonly (readonly [string, { readonly value: Value }])[],
): Task {
  const parameters: Record<string, Json> = {}
  const artifacts: Record<string, readonly StoredArtifact[]> = {}
  for (const [name, { value }] of inputs) {
    if (value.kind === 'parameter') parameters[name] = value.value
    else artifacts[name] = value.artifacts
  }
  return { path, component, version, parameters, artifacts }
}

function loopState(node: LoopNode, scope: Scope, walk: Walk): NodeState {
  const scopes = iterations(node, scope, walk)
  if (!Array.isArray(scopes)) return scopes as NodeState
  return together(scopes.map((inner: Scope) => stateOfAll(node.body, inner, walk)))
}

/** One scope per item; or why there is none yet. An item of another type than declared fails the loop. */
function iterations(
  node: LoopNode,
  scope: Scope,
  walk: Walk,
): readonly Scope[] | Exclude<NodeState, 'COMPLETE'> {
  const items = resolve(node.items, scope, walk)
  if (items.state !== 'COMPLETE') return items.state
  const list = items.value.kind === 'parameter' ? items.value.value : null
  if (!Array.isArray(list) || !list.every((item) => isOfType(node.itemType, item))) return 'FAIL'
  return list.map((item: Json, i) => ({
    prefix: `${scope.prefix}${node.name}/${i}/`,
    nodes: node.body,
    parent: scope,
    parameters: null,
    loop: { name: node.name, item },
  }))
}

function scopeOfPipeline(node: PipelineNode, scope: Scope, walk: Walk): Scope {
  const defaults = Object.entries(node.graph.parameters).flatMap(([name, parameter]) =>
    parameter.default === undefined ? [] : [[name, given(parameter.default)] as const],
  )
  const wired = Object.entries(node.inputs).map(
    ([name, source]) => [name, resolve(source, scope, walk)] as const,
  )
  return topScope(node.graph, `${scope.prefix}${node.name}/`, new Map([...defaults, ...wired]))
}

/** Where a name was found, and in which scope: that of the loop body it lies in. */
function lookUp(name: string, scope: Scope): { readonly node: GraphNode; readonly scope: Scope } | null {
  for (let at: Scope | null = scope; at; at = at.parent) {
    const node = findNode(at.nodes, name)
    if (node) return { node, scope: at }
  }
  return null
}

/** The state of a node somewhere else, without planning it again. */
function stateOfNamed(name: string, scope: Scope, walk: Walk): NodeState {
  const found = lookUp(name, scope)
  return found ? nodeState(found.node, found.scope, { ...walk, ready: [] }) : 'SKIP'
}

function resolve(source: Source, scope: Scope, walk: Walk): Resolved {
  switch (source.from) {
    case 'constant':
      return given(source.value)
    case 'parameter':
      return parameterOf(source.name, scope)
    case 'status':
      return parameterOf('status', scope)
    case 'item':
      return itemOf(source, scope)
    case 'list':
      return gather(source.sources.map((inner) => resolve(inner, scope, walk)))
    case 'collect':
      return collect(source, scope, walk)
    case 'step':
      return outputOf(source, scope, walk)
  }
}

function parameterOf(name: string, scope: Scope): Resolved {
  let at = scope
  while (at.parent) at = at.parent
  return at.parameters?.get(name) ?? { state: 'SKIP' }
}

function itemOf(source: Extract<Source, { readonly from: 'item' }>, scope: Scope): Resolved {
  let at: Scope | null = scope
  while (at && at.loop?.name !== source.loop) at = at.parent
  const item = at?.loop?.item
  if (source.field === undefined) return item === undefined ? { state: 'SKIP' } : given(item)
  const value = (item as Readonly<Record<string, Json>> | undefined)?.[source.field]
  return value !== undefined && isOfType(source.type ?? 'string', value) ? given(value) : { state: 'FAIL' }
}

/** Several values as one list: files stay files. */
function gather(values: readonly Resolved[]): Resolved {
  const blocked = blockedBy(values.map(({ state }) => state))
  if (blocked && blocked !== 'COMPLETE') return { state: blocked }
  const complete = values.map((resolved) => (resolved as { readonly value: Value }).value)
  if (complete.length > 0 && complete.every((value) => value.kind === 'artifacts'))
    return {
      state: 'COMPLETE',
      value: { kind: 'artifacts', artifacts: complete.flatMap((v) => v.artifacts) },
    }
  return given(complete.map((value) => (value.kind === 'parameter' ? value.value : null)))
}

function collect(source: Extract<Source, { readonly from: 'collect' }>, scope: Scope, walk: Walk): Resolved {
  const found = lookUp(source.loop, scope)
  if (found?.node.kind !== 'loop') return { state: 'SKIP' }
  const scopes = iterations(found.node, found.scope, walk)
  if (!Array.isArray(scopes)) return { state: scopes as Exclude<NodeState, 'COMPLETE'> }
  if (scopes.length === 0) return { state: 'COMPLETE', value: { kind: 'artifacts', artifacts: [] } }
  return gather(scopes.map((inner: Scope) => resolve(source.source, inner, walk)))
}

function outputOf(source: Extract<Source, { readonly from: 'step' }>, scope: Scope, walk: Walk): Resolved {
  const found = lookUp(source.step, scope)
  if (found?.node.kind === 'pipeline') {
    const inner = scopeOfPipeline(found.node, found.scope, walk)
    const output = found.node.graph.outputs[source.output]
    return output ? resolve(output, inner, walk) : { state: 'SKIP' }
  }
  if (found?.node.kind !== 'step') return { state: 'SKIP' }
  const result = walk.results.get(found.scope.prefix + found.node.name)
  if (!result) return { state: whyMissing(found.node, found.scope, walk) }
  return result.state === 'COMPLETE' ? outputNamed(result.outputs, source.output) : { state: 'FAIL' }
}

/** A step without a result either waits or was passed over. */
function whyMissing(node: StepNode, scope: Scope, walk: Walk): 'RUNNING' | 'SKIP' | 'FAIL' {
  const path = scope.prefix + node.name
  const known = walk.missing.get(path)
  if (known) return known
  const why = askWhyMissing(node, scope, walk)
  walk.missing.set(path, why)
  return why
}

function askWhyMissing(node: StepNode, scope: Scope, walk: Walk): 'RUNNING' | 'SKIP' | 'FAIL' {
  if (isPassedOver(node.name, scope, walk)) return 'SKIP'
  const inputs = Object.values(node.inputs).map((source) => resolve(source, scope, walk).state)
  const after = node.after.map((name) => stateOfNamed(name, scope, walk))
  const blocked = blockedBy([...inputs, ...after])
  return blocked === 'FAIL' || blocked === 'SKIP' ? blocked : 'RUNNING'
}

/** Whether a condition around the node does not hold. */
function isPassedOver(name: string, scope: Scope, walk: Walk): boolean {
  const around = conditionsAround(name, scope.nodes)
  return around.some((condition) => evaluate(condition, scope, walk) === false)
}

function conditionsAround(name: string, nodes: readonly GraphNode[]): readonly Condition[] {
  for (const node of nodes) {
    if (node.kind !== 'condition' || !findNode(node.body, name)) continue
    return [node.when, ...conditionsAround(name, node.body)]
  }
  return []
}

function outputNamed({ parameters, artifacts }: TaskOutputs, output: string): Resolved {
  const stored = artifacts[output]
  if (stored) return { state: 'COMPLETE', value: { kind: 'artifacts', artifacts: [stored] } }
  const value = parameters[output]
  return value === undefined ? { state: 'FAIL' } : given(value)
}

function evaluate(condition: Condition, scope: Scope, walk: Walk): boolean | 'RUNNING' | 'FAIL' | 'SKIP' {
  const left = resolve(condition.left, scope, walk)
  const right = resolve(condition.right, scope, walk)
  const blocked = blockedBy([left.state, right.state])
  if (left.state !== 'COMPLETE' || right.state !== 'COMPLETE') return blocked as 'RUNNING' | 'FAIL' | 'SKIP'
  return holds(plain(left.value), condition.operator, plain(right.value))
}

const plain = (value: Value): Json => (value.kind === 'parameter' ? value.value : null)

function holds(left: Json, operator: Condition['operator'], right: Json): boolean {
  if (operator === '==' || operator === '!=')
    return (JSON.stringify(left) === JSON.stringify(right)) === (operator === '==')
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false
  const [a, b] = [left, right as typeof left]
  if (operator === '>') return a > b
  if (operator === '>=') return a >= b
  return operator === '<' ? a < b : a <= b
}
