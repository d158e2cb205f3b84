import { FiableError } from '../data/errors.ts'
import { type ArtifactType, isAccepted } from './artifact.ts'
import type { Ports } from './component.ts'
import type { ComponentBook } from './component-book.ts'
import { findNode } from './find-node.ts'
import type { Graph, GraphNode, LoopNode, PipelineNode, Source, StepNode } from './graph.ts'
import { type ParameterType, problemWith } from './parameter.ts'

/** What a source will give; null when it is wrong and that was told. */
type Kind =
  | { readonly kind: 'parameter'; readonly type: ParameterType; readonly constant?: unknown }
  | { readonly kind: 'artifact'; readonly type: ArtifactType; readonly count: 'one' | 'many' }
  | null

interface Scope {
  readonly nodes: readonly GraphNode[]
  readonly parent: Scope | null
  readonly graph: Graph
  readonly loop: LoopNode | null
}

interface Checking {
  readonly book: ComponentBook
  readonly problems: string[]
}

/**
 * Checks a pipeline before anything runs.
 *
 * @throws FiableError BAD_CONFIG naming every unknown component or version, missing or unknown input, connection of
 * another type, constant out of range, name used twice, reference that leads nowhere, and cycle.
 */
export function checkGraph(graph: Graph, book: ComponentBook): void {
  const checking: Checking = { book, problems: [] }
  checkPipeline(graph, checking)
  if (checking.problems.length === 0) return
  throw new FiableError(
    'BAD_CONFIG',
    `The pipeline ${graph.name} cannot run: ${checking.problems.join('; ')}.`,
    'Correct the connections named above; nothing was run.',
  )
}

function checkPipeline(graph: Graph, checking: Checking): void {
  const top: Scope = { nodes: graph.nodes, parent: null, graph, loop: null }
  const names = namesOf([...graph.nodes, ...(graph.exit ? [graph.exit] : [])])
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice) checking.problems.push(`two steps are named ${twice}`)
  for (const [name, parameter] of Object.entries(graph.parameters)) {
    const problem = parameter.default === undefined ? null : problemWith(parameter, parameter.default)
    if (problem) checking.problems.push(`the default of ${name} ${problem}`)
  }
  checkAll(graph.nodes, top, checking)
  if (graph.exit) checkStep(graph.exit, { ...top, nodes: [] }, checking)
  for (const [name, source] of Object.entries(graph.outputs))
    kindOf(source, top, `the output ${name}`, checking)
  if (checking.problems.length === 0) checkCycles(graph, checking)
}

const namesOf = (nodes: readonly GraphNode[]): readonly string[] =>
  nodes.flatMap((node) => [node.name, ...('body' in node ? namesOf(node.body) : [])])

function checkAll(nodes: readonly GraphNode[], scope: Scope, checking: Checking): void {
  for (const node of nodes) checkNode(node, scope, checking)
}

function checkNode(node: GraphNode, scope: Scope, checking: Checking): void {
  if (node.kind === 'step') checkStep(node, scope, checking)
  else if (node.kind === 'loop') checkLoop(node, scope, checking)
  else if (node.kind === 'pipeline') checkNested(node, scope, checking)
  else {
    for (const source of [node.when.left, node.when.right])
      expect(kindOf(source, scope, node.name, checking), `the condition ${node.name}`, checking)
    checkAll(node.body, scope, checking)
  }
}

function expect(kind: Kind, where: string, { problems }: Checking): void {
  if (kind?.kind === 'artifact') problems.push(`${where} compares a file (${kind.type})`)
}

function checkStep(node: StepNode, scope: Scope, checking: Checking): void {
  const component = checking.book.find(node.component, node.version)
  if (!component) {
    checking.problems.push(`${node.name} is ${node.component}@${node.version}, which is not known here`)
    return
  }
  checkInputs(node, component.inputs, { scope, checking })
  for (const name of node.after)
    if (!lookUp(name, scope)) checking.problems.push(`${node.name} waits for ${name}, which does not exist`)
}

interface Place {
  readonly scope: Scope
  readonly checking: Checking
}

function checkInputs(node: StepNode | PipelineNode, ports: Ports, { scope, checking }: Place): void {
  for (const [name, port] of Object.entries(ports))
    if (!Object.hasOwn(node.inputs, name) && (port.kind === 'artifact' || port.default === undefined))
      checking.problems.push(`${node.name} lacks its input ${name} (${port.type})`)
  for (const [name, source] of Object.entries(node.inputs)) {
    const where = `${node.name}.${name}`
    const port = Object.hasOwn(ports, name) ? ports[name] : undefined
    if (!port)
      checking.problems.push(`${where} is not an input; ${Object.keys(ports).join(', ') || 'it has none'}`)
    else checkFit(port, kindOf(source, scope, where, checking), { where, checking })
  }
}

function checkFit(
  port: Ports[string],
  kind: Kind,
  { where, checking }: { readonly where: string; readonly checking: Checking },
): void {
  if (!kind) return
  const problem = misfit(port, kind)
  if (problem) checking.problems.push(`${where} ${problem}`)
}

function misfit(port: Ports[string], kind: NonNullable<Kind>): string | null {
  if (port.kind === 'parameter' && kind.kind === 'parameter') {
    if (kind.constant !== undefined) return problemWith(port, kind.constant)
    const fits = port.type === kind.type || (port.type === 'double' && kind.type === 'integer')
    return fits ? null : `takes ${port.type} and is given ${kind.type}`
  }
  if (port.kind === 'artifact' && kind.kind === 'artifact') {
    const fits = isAccepted(port.type, kind.type) && (port.count === kind.count || port.count === 'many')
    return fits ? null : `takes ${named(port)} and is given ${named(kind)}`
  }
  return `takes ${named(port)} and is given ${named(kind)}`
}

const named = (kind: { readonly type: string; readonly count?: 'one' | 'many' }): string =>
  kind.count === 'many' ? `a list of ${kind.type}` : kind.type

function checkLoop(node: LoopNode, scope: Scope, checking: Checking): void {
  const kind = kindOf(node.items, scope, node.name, checking)
  if (kind && (kind.kind !== 'parameter' || kind.type !== 'list'))
    checking.problems.push(`${node.name} goes over ${named(kind)}, which is not a list`)
  checkAll(node.body, { nodes: node.body, parent: scope, graph: scope.graph, loop: node }, checking)
}

function checkNested(node: PipelineNode, scope: Scope, checking: Checking): void {
  if (node.graph.exit)
    checking.problems.push(`${node.name} has an exit task, which only the outermost may have`)
  checkInputs(node, node.graph.parameters, { scope, checking })
  checkPipeline(node.graph, checking)
}

function lookUp(name: string, scope: Scope): { readonly node: GraphNode; readonly scope: Scope } | null {
  for (let at: Scope | null = scope; at; at = at.parent) {
    const node = findNode(at.nodes, name)
    if (node) return { node, scope: at }
  }
  return null
}

function kindOf(source: Source, scope: Scope, where: string, checking: Checking): Kind {
  const tell = (problem: string): null => {
    checking.problems.push(`${where} ${problem}`)
    return null
  }
  switch (source.from) {
    case 'constant':
      return { kind: 'parameter', type: typeOfConstant(source.value), constant: source.value }
    case 'status':
      return { kind: 'parameter', type: 'struct' }
    case 'parameter': {
      const parameter = scope.graph.parameters[source.name]
      return parameter
        ? { kind: 'parameter', type: parameter.type }
        : tell(`uses the parameter ${source.name}, which does not exist`)
    }
    case 'item': {
      const loop = loopNamed(source.loop, scope)
      if (!loop) return tell(`uses the item of ${source.loop} outside of it`)
      return {
        kind: 'parameter',
        type: source.field === undefined ? loop.itemType : (source.type ?? 'string'),
      }
    }
    case 'list':
      return kindOfList(source.sources.map((inner) => kindOf(inner, scope, where, checking)))
    case 'collect': {
      const found = lookUp(source.loop, scope)
      if (found?.node.kind !== 'loop') return tell(`collects from ${source.loop}, which is not a loop`)
      const inner: Scope = {
        nodes: found.node.body,
        parent: found.scope,
        graph: scope.graph,
        loop: found.node,
      }
      return kindOfList([kindOf(source.source, inner, where, checking)])
    }
    case 'step':
      return kindOfOutput(source, scope, { tell, where, checking })
  }
}

function kindOfOutput(
  { step, output }: Extract<Source, { readonly from: 'step' }>,
  scope: Scope,
  {
    tell,
    where,
    checking,
  }: { tell(problem: string): null; readonly where: string; readonly checking: Checking },
): Kind {
  const found = lookUp(step, scope)
  if (found?.node.kind === 'pipeline') {
    const { graph } = found.node
    const source = graph.outputs[output]
    if (source)
      return kindOf(source, { nodes: graph.nodes, parent: null, graph, loop: null }, where, checking)
  } else if (found?.node.kind === 'step') {
    const component = checking.book.find(found.node.component, found.node.version)
    if (!component) return null
    const port = component.outputs[output]
    if (port?.kind === 'artifact') return { kind: 'artifact', type: port.type, count: port.count }
    if (port) return { kind: 'parameter', type: port.type }
  }
  return tell(
    found ? `uses ${step}.${output}, which is not an output` : `uses ${step}, which does not exist here`,
  )
}

const kindOfList = ([first]: readonly Kind[]): Kind => {
  if (first?.kind === 'artifact') return { ...first, count: 'many' }
  return first ? { kind: 'parameter', type: 'list' } : null
}

function loopNamed(name: string, scope: Scope): LoopNode | null {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.loop?.name === name) return at.loop
  return null
}

function typeOfConstant(value: unknown): ParameterType {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'double'
  return typeof value === 'object' ? 'struct' : (typeof value as 'string' | 'boolean')
}

/** Depth-first over what each node needs; a node met again on its own way is a cycle. */
function checkCycles(graph: Graph, { problems }: Checking): void {
  const done = new Set<string>()
  const visit = (name: string, way: readonly string[]): void => {
    if (problems.length > 0 || done.has(name)) return
    if (way.includes(name)) {
      problems.push(`there is a cycle: ${[...way.slice(way.indexOf(name)), name].join(' → ')}`)
      return
    }
    for (const needed of needs.get(name) ?? []) visit(needed, [...way, name])
    done.add(name)
  }
  const needs = needsOf(graph.nodes, [])
  for (const name of needs.keys()) visit(name, [])
}

/** By node, the nodes it needs; what is inside a loop or condition needs what that needs, and the loop what is inside. */
function needsOf(nodes: readonly GraphNode[], around: readonly string[]): Map<string, readonly string[]> {
  const needs = new Map<string, readonly string[]>()
  for (const node of nodes) {
    const own = [...around, ...sourcesOf(node).flatMap(stepsIn), ...('after' in node ? node.after : [])]
    const inner = 'body' in node ? node.body : []
    needs.set(`${node.name} (start)`, own)
    needs.set(node.name, [`${node.name} (start)`, ...inner.map(({ name }) => name)])
    for (const [name, list] of needsOf(inner, [`${node.name} (start)`])) needs.set(name, list)
  }
  return needs
}

function sourcesOf(node: GraphNode): readonly Source[] {
  if (node.kind === 'loop') return [node.items]
  return node.kind === 'condition' ? [node.when.left, node.when.right] : Object.values(node.inputs)
}

function stepsIn(source: Source): readonly string[] {
  if (source.from === 'step') return [source.step]
  if (source.from === 'collect') return [source.loop]
  return source.from === 'list' ? source.sources.flatMap(stepsIn) : []
}
