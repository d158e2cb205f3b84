import type { Json } from '../data/json.ts'
import type { ArtifactPort, ArtifactType } from './artifact.ts'
import type { Component, Ports } from './component.ts'
import type { Condition, Graph, GraphNode, Operator, Source, StepNode } from './graph.ts'
import { type Parameter, type ParameterType, type ParameterValues, parameterTypes } from './parameter.ts'

type ValueType = ParameterType | ArtifactType | `${ArtifactType}[]`

/** A value that will exist when the pipeline runs; its type is known when it is written. */
export interface Ref<Type extends ValueType = ValueType> {
  readonly type: Type
  readonly source: Source
}

type Accepted<Port> =
  Port extends Parameter<infer Type>
    ? ParameterValues[Type] | Ref<Type extends 'double' ? 'double' | 'integer' : Type>
    : Port extends ArtifactPort<infer Type, infer Count>
      ? Count extends 'many'
        ?
            | Ref<AnyOf<Type> extends infer T extends ArtifactType ? `${T}[]` : never>
            | readonly Ref<AnyOf<Type>>[]
        : Ref<AnyOf<Type>>
      : never

type AnyOf<Type extends ArtifactType> = Type extends 'Artifact' ? ArtifactType : Type

type OptionalNames<P extends Ports> = {
  [Name in keyof P]: P[Name] extends Parameter<ParameterType, 'optional'> ? Name : never
}[keyof P]

/** What must be connected to a component's or pipeline's inputs. */
export type Wiring<P extends Ports> = {
  readonly [Name in Exclude<keyof P, OptionalNames<P>>]: Accepted<P[Name]>
} & { readonly [Name in OptionalNames<P>]?: Accepted<P[Name]> }

type RefOf<Port> =
  Port extends Parameter<infer Type>
    ? Ref<Type>
    : Port extends ArtifactPort<infer Type, infer Count>
      ? Ref<Count extends 'many' ? `${Type}[]` : Type>
      : never

type Refs<P extends Ports> = { readonly [Name in keyof P]: RefOf<P[Name]> }

/** A node of the graph with its outputs to connect. */
export interface Placed<Outputs> {
  readonly name: string
  readonly outputs: Outputs
}

type Collected<R> = R extends Ref<infer Type> ? Ref<Type extends ArtifactType ? `${Type}[]` : 'list'> : never

/** What a loop is at. */
export interface Item<Type extends ParameterType> extends Ref<Type> {
  /** A field of an item that is a struct. */
  field<Field extends ParameterType>(name: string, type: Field): Ref<Field>
}

export interface PlaceOptions {
  /** Unique in the pipeline; the component's name by default, with a number when taken. */
  readonly name?: string
  /** Nodes to wait for although nothing of theirs is used. */
  readonly after?: readonly Placed<unknown>[]
}

/** Puts nodes into a pipeline. */
export interface Builder {
  step<I extends Ports, O extends Ports>(
    component: Component<I, O>,
    inputs: Wiring<NoInfer<I>>,
    options?: PlaceOptions,
  ): Placed<Refs<O>>
  /** Runs the body for every item of a list, given or produced; what the body returns is collected in order. */
  forEach<Type extends ParameterType, R extends Readonly<Record<string, Ref>>>(
    items: Ref<'list'> | readonly ParameterValues[Type][],
    itemType: Type,
    body: (item: Item<Type>, each: Builder) => R,
    options?: Pick<PlaceOptions, 'name'>,
  ): Placed<{ readonly [Name in keyof R]: Collected<R[Name]> }>
  /** Runs the body only when the condition holds; what depends on a body that did not run does not run either. */
  when<R>(condition: Condition, body: (then: Builder) => R, options?: Pick<PlaceOptions, 'name'>): R
  /** A whole pipeline as one node. */
  use<P extends ParameterPorts, O extends Readonly<Record<string, Ref>>>(
    pipeline: Pipeline<P, O>,
    inputs: Wiring<NoInfer<P>>,
    options?: Pick<PlaceOptions, 'name'>,
  ): Placed<O>
  /** Runs last, whatever became of the others; the status is `{ state, error }`. */
  onExit<I extends Ports, O extends Ports>(
    component: Component<I, O>,
    inputs: (status: Ref<'struct'>) => Wiring<NoInfer<I>>,
  ): void
}

type ParameterPorts = Readonly<Record<string, Parameter>>

/** A pipeline and the types of its outputs. */
export interface Pipeline<
  P extends ParameterPorts = ParameterPorts,
  O extends Readonly<Record<string, Ref>> = Readonly<Record<string, Ref>>,
> {
  readonly graph: Graph
  readonly parameters: P
  readonly outputs: O
}

export interface PipelineDeclaration<P extends ParameterPorts, O> {
  readonly name: string
  readonly about: string
  readonly parameters: P
  readonly build: (builder: Builder, parameters: Refs<P>) => O
}

/**
 * Writes a pipeline: `build` puts steps into it and connects them, and returns what the pipeline gives.
 *
 * Connecting a value to an input of another type does not compile.
 */
export function definePipeline<
  const P extends ParameterPorts,
  O extends Readonly<Record<string, Ref>> = Readonly<Record<never, Ref>>,
>({ name, about, parameters, build }: PipelineDeclaration<P, O>): Pipeline<P, O> {
  const writing: Writing = { names: new Set(), exit: null }
  const nodes: GraphNode[] = []
  const refs = Object.fromEntries(
    Object.entries(parameters).map(([key, { type }]) => [
      key,
      { type, source: { from: 'parameter', name: key } },
    ]),
  ) as Refs<P>
  const outputs = build(builderOf(nodes, writing), refs) ?? ({} as O)
  const sources = Object.fromEntries(Object.entries(outputs).map(([key, ref]) => [key, ref.source]))
  return {
    graph: { name, about, parameters, nodes, outputs: sources, exit: writing.exit },
    parameters,
    outputs,
  }
}

/** A condition on two values, at least one of which is only known when the pipeline runs. */
export const compare = (
  left: Ref<ParameterType> | Json,
  operator: Operator,
  right: Ref<ParameterType> | Json,
): Condition => ({ left: sourceOf(left), operator, right: sourceOf(right) })

interface Writing {
  readonly names: Set<string>
  exit: StepNode | null
}

function builderOf(nodes: GraphNode[], writing: Writing): Builder {
  const nameOf = (wanted: string): string => freeName(writing.names, wanted)
  return {
    step(component, inputs, options = {}) {
      const node = stepNode(component, inputs, { ...options, name: nameOf(options.name ?? component.name) })
      nodes.push(node)
      return { name: node.name, outputs: outputRefs(node.name, component.outputs) as never }
    },
    forEach(items, itemType, body, options = {}) {
      const name = nameOf(options.name ?? 'each')
      const inner: GraphNode[] = []
      const returned = body(itemOf(name, itemType), builderOf(inner, writing))
      nodes.push({ kind: 'loop', name, items: sourceOf(items as never), itemType, body: inner })
      return { name, outputs: collect(name, returned) as never }
    },
    when(condition, body, options = {}) {
      const inner: GraphNode[] = []
      const name = nameOf(options.name ?? 'when')
      const returned = body(builderOf(inner, writing))
      nodes.push({ kind: 'condition', name, when: condition, body: inner })
      return returned
    },
    use(pipeline, inputs, options = {}) {
      const name = nameOf(options.name ?? pipeline.graph.name)
      nodes.push({ kind: 'pipeline', name, inputs: sourcesOf(inputs), graph: pipeline.graph })
      const outputs = Object.entries(pipeline.outputs).map(([key, { type }]) => [
        key,
        outputRef(name, key, type),
      ])
      return { name, outputs: Object.fromEntries(outputs) }
    },
    onExit(component, inputs) {
      const status: Ref<'struct'> = { type: 'struct', source: { from: 'status' } }
      writing.exit = stepNode(component, inputs(status), { name: nameOf(component.name) })
    },
  }
}

function freeName(taken: Set<string>, wanted: string): string {
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
  taken.add(name)
  return name
}

const stepNode = (
  { name: component, version }: Pick<Component, 'name' | 'version'>,
  inputs: Readonly<Record<string, unknown>>,
  { name, after = [] }: PlaceOptions & { readonly name: string },
): StepNode => ({
  kind: 'step',
  name,
  component,
  version,
  inputs: sourcesOf(inputs),
  after: after.map((placed) => placed.name),
})

const sourcesOf = (inputs: Readonly<Record<string, unknown>>): Record<string, Source> =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([key, value]) => (value === undefined ? [] : [[key, sourceOf(value)]])),
  )

function sourceOf(value: unknown): Source {
  if (isRef(value)) return value.source
  if (Array.isArray(value) && value.length > 0 && value.every(isRef))
    return { from: 'list', sources: value.map(({ source }) => source) }
  return { from: 'constant', value: value as Json }
}

const isRef = (value: unknown): value is Ref =>
  typeof value === 'object' &&
  value !== null &&
  'source' in value &&
  typeof value.source === 'object' &&
  value.source !== null &&
  'from' in value.source

const outputRef = <Type extends ValueType>(step: string, output: string, type: Type): Ref<Type> => ({
  type,
  source: { from: 'step', step, output },
})

const outputRefs = (step: string, ports: Ports) =>
  Object.fromEntries(Object.entries(ports).map(([key, { type }]) => [key, outputRef(step, key, type)]))

const itemOf = <Type extends ParameterType>(loop: string, type: Type): Item<Type> => ({
  type,
  source: { from: 'item', loop },
  field: (field, fieldType) => ({ type: fieldType, source: { from: 'item', loop, field, type: fieldType } }),
})

const collect = (loop: string, returned: Readonly<Record<string, Ref>>) =>
  Object.fromEntries(
    Object.entries(returned).map(([key, { type, source }]) => [
      key,
      { type: isParameterType(type) ? 'list' : `${type}[]`, source: { from: 'collect', loop, source } },
    ]),
  )

const isParameterType = (type: ValueType): boolean => parameterTypes.some((known) => known === type)
