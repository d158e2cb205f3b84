import { FiableError } from '../../data/errors.ts'
import { type GivenSettings, settingsOf } from '../../data/params.ts'
import { rowDetectors } from './index.ts'
import type { RowDetector } from './row-detector.ts'

/** Which members a row model has, and how they are set. */
export interface MemberChoice {
  /** Members wanted; all when left out. */
  readonly members?: readonly string[]
  /** Settings by member. */
  readonly settings?: Readonly<Record<string, GivenSettings>>
}

/** A member with all its settings, given ones over defaults. */
export interface ChosenMember {
  readonly detector: RowDetector
  readonly settings: GivenSettings
}

/**
 * The members of a row model, in the order of its scores.
 *
 * @throws FiableError BAD_ARGUMENT for members or settings that are unknown or out of range.
 */
export function chosenMembers({ members, settings = {} }: MemberChoice): readonly ChosenMember[] {
  const known = rowDetectors.map(({ name }) => name)
  for (const name of members ?? []) if (!known.includes(name)) throw unknownMember(name, known)
  const chosen = rowDetectors.filter(({ name }) => !members || members.includes(name))
  if (chosen.length === 0) throw unknownMember('nothing', known)
  const names = chosen.map(({ name }) => name)
  for (const name of Object.keys(settings)) if (!names.includes(name)) throw unknownMember(name, names)
  return chosen.map((detector) => ({
    detector,
    settings: settingsOf(detector.name, detector.params, settings[detector.name] ?? {}),
  }))
}

/**
 * A row detector by its name.
 *
 * @throws FiableError BAD_ARGUMENT when there is none.
 */
export function rowDetectorNamed(name: string): RowDetector {
  const found = rowDetectors.find((detector) => detector.name === name)
  if (found) return found
  throw unknownMember(
    name,
    rowDetectors.map((detector) => detector.name),
  )
}

/** Seed of one member: what one draws does not depend on which others there are. */
export const memberSeed = (seed: string, name: string): string => `${seed} ${name}`

const unknownMember = (name: string, known: readonly string[]) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${name} is no member of the row model.`,
    `Choose among ${known.join(', ')}.`,
  )
