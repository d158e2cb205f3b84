import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'

/** What a parameter holds; the six of Kubeflow Pipelines. */
export interface ParameterValues {
  readonly integer: number
  readonly double: number
  readonly string: string
  readonly boolean: boolean
  readonly list: readonly Json[]
  readonly struct: { readonly [key: string]: Json }
}

export type ParameterType = keyof ParameterValues

export const parameterTypes = ['integer', 'double', 'string', 'boolean', 'list', 'struct'] as const

/** A declared parameter of a component or a pipeline; without `default` it must be given. */
export interface Parameter<
  Type extends ParameterType = ParameterType,
  Presence extends 'required' | 'optional' = 'required' | 'optional',
> {
  readonly kind: 'parameter'
  readonly type: Type
  readonly presence: Presence
  readonly about?: string
  readonly default?: ParameterValues[Type]
  /** Smallest and largest number; of a text or list its length. */
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
}

interface Options<Value> {
  readonly about?: string
  readonly default?: Value
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
}

type PresenceOf<O> = O extends { readonly default: unknown } ? 'optional' : 'required'

const declare =
  <Type extends ParameterType>(type: Type) =>
  <const O extends Options<ParameterValues[Type]>>(options?: O): Parameter<Type, PresenceOf<O>> =>
    ({
      kind: 'parameter',
      type,
      presence: options?.default === undefined ? 'required' : 'optional',
      ...options,
    }) as Parameter<Type, PresenceOf<O>>

/** A whole number, exact up to 2^53. */
export const integer = declare('integer')
/** A finite number. */
export const double = declare('double')
/** A text. */
export const string = declare('string')
/** True or false. */
export const boolean = declare('boolean')
/** A list of JSON values. */
export const list = declare('list')
/** A JSON object. */
export const struct = declare('struct')

const fits: { readonly [Type in ParameterType]: (value: unknown) => boolean } = {
  integer: Number.isSafeInteger,
  double: Number.isFinite,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  list: Array.isArray,
  struct: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** Whether a value is of a parameter type. */
export const isOfType = (type: ParameterType, value: unknown): boolean => fits[type](value)

/** What is wrong with a value, as the end of a sentence; null when nothing is. */
export function problemWith(parameter: Parameter, value: unknown): string | null {
  const { type, min = -Infinity, max = Infinity, choices } = parameter
  if (!isOfType(type, value)) return `must be of type ${type} and is ${JSON.stringify(value)}`
  if (choices && !choices.includes(value as string))
    return `must be one of ${choices.join(', ')} and is ${JSON.stringify(value)}`
  const size = typeof value === 'number' ? value : ((value as { length?: number }).length ?? min)
  if (size < min || size > max) return `must be from ${min} to ${max} and is ${JSON.stringify(value)}`
  return null
}

/**
 * Given values completed by the defaults.
 *
 * @throws FiableError BAD_ARGUMENT naming every parameter that is unknown, missing, of another type or out of range.
 */
export function completeParameters(
  owner: string,
  declared: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Json>> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name))
  const problems = unknown.map((name) => `${name} is not one of its parameters`)
  const values = Object.entries(declared).map(([name, parameter]) => {
    const value = given[name] ?? parameter.default
    const problem = value === undefined ? 'is missing' : problemWith(parameter, value)
    if (problem) problems.push(`${name} ${problem}`)
    return [name, value] as const
  })
  if (problems.length === 0) return Object.fromEntries(values) as Readonly<Record<string, Json>>
  throw new FiableError(
    'BAD_ARGUMENT',
    `${owner} cannot run: ${problems.join('; ')}.`,
    `Give ${Object.keys(declared).join(', ') || 'no parameters'} as declared.`,
  )
}

/**
 * A parameter's value read from the text of a command line.
 *
 * @throws FiableError BAD_ARGUMENT when the text is no value of the type.
 */
export function parseParameter(name: string, { type }: Parameter, text: string): Json {
  if (type === 'string') return text
  try {
    const value = JSON.parse(text) as Json
    if (isOfType(type, value)) return value
  } catch {
    // Told below, together with values that are JSON of another type.
  }
  throw new FiableError(
    'BAD_ARGUMENT',
    `The parameter ${name} is of type ${type} and was given as ${text}.`,
    `Write it as JSON, such as ${EXAMPLES[type]}.`,
  )
}

const EXAMPLES = {
  integer: '12',
  double: '0.5',
  boolean: 'true',
  list: '\'["a","b"]\'',
  struct: '\'{"a":1}\'',
} as const
