import type { Json } from '../data/json.ts'
import type { Parameter, ParameterType } from './parameter.ts'

/** Where a value comes from. */
export type Source =
  | { readonly from: 'constant'; readonly value: Json }
  | { readonly from: 'parameter'; readonly name: string }
  /** An output of a step or of a nested pipeline. */
  | { readonly from: 'step'; readonly step: string; readonly output: string }
  /** What a loop is at, or a field of it. */
  | { readonly from: 'item'; readonly loop: string; readonly field?: string; readonly type?: ParameterType }
  /** A value of every iteration of a loop, in order. */
  | { readonly from: 'collect'; readonly loop: string; readonly source: Source }
  | { readonly from: 'list'; readonly sources: readonly Source[] }
  /** How the run went, for the exit task: `{ state, error }`. */
  | { readonly from: 'status' }

export type Operator = '==' | '!=' | '>' | '>=' | '<' | '<='

export interface Condition {
  readonly left: Source
  readonly operator: Operator
  readonly right: Source
}

export interface StepNode {
  readonly kind: 'step'
  readonly name: string
  readonly component: string
  readonly version: string
  readonly inputs: Readonly<Record<string, Source>>
  /** Nodes to wait for although nothing of theirs is used. */
  readonly after: readonly string[]
}

export interface LoopNode {
  readonly kind: 'loop'
  readonly name: string
  readonly items: Source
  readonly itemType: ParameterType
  readonly body: readonly GraphNode[]
}

export interface ConditionNode {
  readonly kind: 'condition'
  readonly name: string
  readonly when: Condition
  readonly body: readonly GraphNode[]
}

export interface PipelineNode {
  readonly kind: 'pipeline'
  readonly name: string
  readonly inputs: Readonly<Record<string, Source>>
  readonly graph: Graph
}

export type GraphNode = StepNode | LoopNode | ConditionNode | PipelineNode

/** A pipeline as plain JSON: what is stored with a run, checked, and run by any runner. */
export interface Graph {
  readonly name: string
  readonly about: string
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly nodes: readonly GraphNode[]
  readonly outputs: Readonly<Record<string, Source>>
  /** Runs last, whatever became of the others. */
  readonly exit: StepNode | null
}
