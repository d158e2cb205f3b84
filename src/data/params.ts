import { FiableError } from './errors.ts'

/** A real or whole number a method can be set with. */
export interface NumberParam {
  readonly kind: 'number' | 'integer'
  readonly default: number
  readonly min: number
  readonly max: number
  /** What it does, in one sentence. */
  readonly about: string
  /** Range worth searching; left out where the default is right. */
  readonly search?: readonly [low: number, high: number]
}

/** One of a few named ways. */
export interface ChoiceParam<Choice extends string = string> {
  readonly kind: 'choice'
  readonly default: Choice
  readonly choices: readonly Choice[]
  readonly about: string
  readonly search?: readonly Choice[]
}

export type Params = Readonly<Record<string, NumberParam | ChoiceParam>>

/** Values for declared parameters. */
export type Settings<P extends Params> = {
  readonly [Name in keyof P]: P[Name] extends ChoiceParam<infer Choice> ? Choice : number
}

/** Settings as a user gives them: some of the parameters, the others at their default. */
export type GivenSettings = Readonly<Record<string, number | string>>

/** Given settings completed by the defaults, each checked against its declaration. */
export function settingsOf<P extends Params>(owner: string, params: P, given: GivenSettings): Settings<P> {
  for (const name of Object.keys(given)) {
    if (!(name in params)) throw unknownParam(owner, name, params)
  }
  const entries = Object.entries(params).map(([name, param]) => {
    const value = given[name] ?? param.default
    if (!isAllowed(param, value)) throw badSetting(owner, name, value, param)
    return [name, value]
  })
  return Object.fromEntries(entries) as Settings<P>
}

function isAllowed(param: NumberParam | ChoiceParam, value: number | string): boolean {
  if (param.kind === 'choice') return param.choices.some((choice) => choice === value)
  if (typeof value !== 'number' || (param.kind === 'integer' && !Number.isInteger(value))) return false
  return value >= param.min && value <= param.max
}

const ruleOf = (param: NumberParam | ChoiceParam): string =>
  param.kind === 'choice'
    ? `one of ${param.choices.join(', ')}`
    : `${param.kind === 'integer' ? 'a whole number' : 'a number'} from ${param.min} to ${param.max}`

const badSetting = (owner: string, name: string, value: unknown, param: NumberParam | ChoiceParam) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given ${name} = ${value}, but it must be ${ruleOf(param)}.`,
    `Set ${name} to ${ruleOf(param)}; the default is ${param.default}.`,
  )

const unknownParam = (owner: string, name: string, params: Params) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given ${name}, which it does not have.`,
    `Use ${Object.keys(params).join(', ') || 'no settings: it has none'}.`,
  )
