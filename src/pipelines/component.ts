import { FiableError } from '../data/errors.ts'
import type { ArtifactPort, InputArtifact, OutputArtifact } from './artifact.ts'
import type { Parameter, ParameterValues } from './parameter.ts'

/** Inputs or outputs of a component by name. */
export type Ports = Readonly<Record<string, Parameter | ArtifactPort>>

type InputOf<Port> =
  Port extends Parameter<infer Type>
    ? ParameterValues[Type]
    : Port extends ArtifactPort<infer _, infer Count>
      ? Count extends 'many'
        ? readonly InputArtifact[]
        : InputArtifact
      : never

/** Inputs as the run function receives them. */
export type Inputs<I extends Ports> = { readonly [Name in keyof I]: InputOf<I[Name]> }

type ParameterNames<P extends Ports> = {
  [Name in keyof P]: P[Name] extends Parameter ? Name : never
}[keyof P]

/** Files the run function writes. */
export type Outputs<O extends Ports> = {
  readonly [Name in Exclude<keyof O, ParameterNames<O>>]: OutputArtifact
}

/** Output parameters, as the run function returns them. */
export type Returned<O extends Ports> = { readonly [Name in ParameterNames<O>]: InputOf<O[Name]> }

/** What a run function has around it. */
export interface StepContext<I extends Ports = Ports, O extends Ports = Ports> {
  readonly inputs: Inputs<I>
  readonly outputs: Outputs<O>
  /** A folder of the step's own for what it needs meanwhile; removed afterwards. */
  readonly folder: string
  /** Aborted when the run is cancelled or the step has had its time. */
  readonly signal: AbortSignal
}

/** How often a failed step is started again, and after how long: `backoffMs`, then twice that, … */
export interface Retries {
  readonly limit: number
  readonly backoffMs: number
}

/** What a step needs of its machine; `memoryMb` bounds the JavaScript heap of the child it runs in. */
export interface Resources {
  readonly cpus: number
  readonly memoryMb: number
  /** Most the step may hold in its folder. */
  readonly diskMb: number
}

/** A reusable step: typed inputs and outputs, and what it does. */
export interface Component<I extends Ports = Ports, O extends Ports = Ports> {
  readonly name: string
  /** Raised when the same inputs would give other outputs: results of other versions are not reused. */
  readonly version: string
  readonly about: string
  readonly inputs: I
  readonly outputs: O
  /** Whether an earlier result of the same inputs may stand in. */
  readonly cache: boolean
  readonly retries: Retries
  /** Null for as long as it takes. */
  readonly timeoutMs: number | null
  readonly resources: Resources
  /** A program that keeps the step contract itself, given `--executor-input JSON`; null for a run function. */
  readonly command: readonly string[] | null
  run(context: StepContext<I, O>): Promise<Returned<O>> | Returned<O>
}

type Defaulted = 'cache' | 'retries' | 'timeoutMs' | 'resources' | 'command' | 'run'

type Declaration<I extends Ports, O extends Ports> = Omit<Component<I, O>, Defaulted> &
  Partial<Pick<Component<I, O>, 'cache' | 'retries' | 'timeoutMs'>> & {
    readonly resources?: Partial<Resources>
  }

const DEFAULTS = {
  cache: true,
  retries: { limit: 0, backoffMs: 1000 },
  timeoutMs: null,
  command: null,
} as const
const RESOURCES: Resources = { cpus: 1, memoryMb: 2048, diskMb: 20_000 }

/**
 * Declares a component whose work is a function.
 *
 * @throws FiableError BAD_CONFIG when a name is not made of lower-case letters, digits and dashes, or an output is a list of files.
 */
export function defineComponent<const I extends Ports, const O extends Ports>(
  declaration: Declaration<I, O> & Pick<Component<I, O>, 'run'>,
): Component<I, O> {
  return checked({ ...DEFAULTS, ...declaration, resources: { ...RESOURCES, ...declaration.resources } })
}

/**
 * Declares a component whose work is a program in any language: it is started with `--executor-input JSON` appended and
 * must write an ExecutorOutput to `outputs.outputFile`.
 */
export function defineCommand<const I extends Ports, const O extends Ports>(
  declaration: Declaration<I, O> & { readonly command: readonly string[] },
): Component<I, O> {
  const run = (): never => {
    throw new FiableError(
      'INTERNAL',
      `${declaration.name} is a command.`,
      'Report this with the lines above.',
    )
  }
  return checked({ ...DEFAULTS, ...declaration, resources: { ...RESOURCES, ...declaration.resources }, run })
}

const NAME = /^[a-z][a-z0-9-]*$/

function checked<I extends Ports, O extends Ports>(component: Component<I, O>): Component<I, O> {
  const lists = Object.entries(component.outputs).filter(
    ([, port]) => port.kind === 'artifact' && port.count === 'many',
  )
  if (NAME.test(component.name) && lists.length === 0) return component
  throw new FiableError(
    'BAD_CONFIG',
    `The component ${component.name} ${lists.length > 0 ? `gives ${lists[0]![0]} as a list of files` : 'has no valid name'}.`,
    'Name it with lower-case letters, digits and dashes; give one file per output and fan out instead.',
  )
}
