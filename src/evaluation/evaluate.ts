import { corruptions } from '../corruption/index.ts'
import type { Selector } from '../corruption/selectors.ts'
import type { Shape } from '../corruption/shapes.ts'
import { spoil } from '../corruption/spoil.ts'
import { columnNamed, type Table } from '../corruption/table.ts'
import { FiableError } from '../data/errors.ts'
import type { Rehearsed, Stand } from '../monitor/rehearsal.ts'
import { weightings } from './learn-weights.ts'
import { type Fault, faultsOf, placeIn, type Trial, type TrialPlan, trialAt } from './trial-plan.ts'

/** What became of one trial; plain values, so that trials of several processes can be put together. */
export interface TrialResult {
  readonly batch: string
  /** Place of the batch among those that can be tried. */
  readonly place: number
  /** Names of the corruptions, the first one first. */
  readonly corruptions: readonly string[]
  /** Their dimensions; empty for a benign change. */
  readonly dimensions: readonly string[]
  readonly columns: readonly string[]
  /** Share of the rows when the fault is in full, and on this batch. */
  readonly fullFraction: number
  readonly fraction: number
  readonly selector: Selector
  readonly shape: Shape
  /** The same for the batches of one fault. */
  readonly fault: string
  /** Batches since the fault began, from 0. */
  readonly position: number
  readonly isAlert: boolean
  /** Nats of the table, and of the batch as it was. */
  readonly score: number
  readonly cleanScore: number
  /** The same under each of `weightings`. */
  readonly weighed: readonly number[]
  readonly threshold: number
  /** What is said first is of the corruption's dimension. */
  readonly isDimensionFirst: boolean
  /** Place of the first spoiled column among the columns named, from 1; null when it takes no column or is not there. */
  readonly columnRank: number | null
}

/** A clean batch, beside its trials. */
export interface CleanResult {
  readonly batch: string
  readonly place: number
  readonly isAlert: boolean
  readonly score: number
  readonly weighed: readonly number[]
}

/** Why something of the plan was not tried; neither caught nor missed. */
export interface NotTried {
  readonly corruption: string
  readonly reason: 'fits no column' | 'changed nothing' | 'needs the batch before' | 'no row at this fraction'
}

/** The smallest piece of an evaluation, done whole or not at all: a corruption on a batch, or the clean batch. */
export interface Unit {
  readonly place: number
  /** Null for the clean batch. */
  readonly corruption: string | null
}

/** What a unit gave. */
export interface UnitResult extends Unit {
  readonly clean: CleanResult | null
  readonly results: readonly TrialResult[]
  readonly notTried: readonly NotTried[]
}

export const unitKey = ({ place, corruption }: Unit): string => `${place}/${corruption ?? ''}`

/** The units of a plan on batches up to a place, in order. */
export const unitsOf = (plan: TrialPlan, places: number): readonly Unit[] =>
  Array.from({ length: Math.max(0, places - plan.from) }, (_, i) => plan.from + i).flatMap((place) => [
    { place, corruption: null },
    ...plan.corruptions.map(({ name }) => ({ place, corruption: name })),
  ])

/** Whether a batch can be tried: one with a label, or that the monitor did not learn, is no clean batch. */
export const canBeTried = ({ label, inBaseline }: Pick<Stand['batch'], 'label' | 'inBaseline'>): boolean =>
  label === null && inBaseline

/**
 * Goes through a rehearsal and does the units wanted, in the order of the history.
 *
 * Each trial is judged as if the batches before it had been clean: faults that last are not learnt on the way.
 */
export async function* evaluate(
  stands: AsyncIterable<Stand>,
  plan: TrialPlan,
  wanted: readonly Unit[],
): AsyncGenerator<UnitResult> {
  const byPlace = Map.groupBy(wanted, ({ place }) => place)
  const last = Math.max(...byPlace.keys())
  const lasting = new Map<string, readonly Fault[]>()
  let place = -1
  for await (const stand of stands) {
    if (!canBeTried(stand.batch) || ++place < plan.from) continue
    if (placeIn(plan, place).isStart) beginFaults(lasting, plan, stand)
    for (const unit of byPlace.get(place) ?? [])
      yield unit.corruption === null ? cleanUnit(stand, unit) : await tryUnit(stand, plan, { unit, lasting })
    if (place >= last) return
  }
}

function beginFaults(lasting: Map<string, readonly Fault[]>, plan: TrialPlan, { batch }: Stand): void {
  for (const corruption of plan.corruptions) {
    const at = { table: batch.sample, batch: batch.listing.key, lasting: true }
    lasting.set(corruption.name, faultsOf(plan, corruption, at))
  }
}

const cleanUnit = ({ batch, clean }: Stand, unit: Unit): UnitResult => ({
  ...unit,
  results: [],
  notTried: [],
  clean: {
    batch: batch.listing.key,
    place: unit.place,
    isAlert: clean.isAlert,
    score: clean.nats,
    weighed: weighedIn(clean),
  },
})

const weighedIn = ({ natsUnder }: Rehearsed): readonly number[] => weightings.map(natsUnder)

async function tryUnit(
  stand: Stand,
  plan: TrialPlan,
  { unit, lasting }: { readonly unit: Unit; readonly lasting: ReadonlyMap<string, readonly Fault[]> },
): Promise<UnitResult> {
  const corruption = plan.corruptions.find(({ name }) => name === unit.corruption)!
  const at = { table: stand.batch.sample, batch: stand.batch.listing.key, lasting: false }
  const { position } = placeIn(plan, unit.place)
  const once = faultsOf(plan, corruption, at)
  const going = lasting.get(corruption.name) ?? []
  const trials = [
    ...once.map((fault) => trialAt(fault, 0, 1)),
    ...going.map((fault) => trialAt(fault, position, plan.duration)),
  ].filter((trial) => trial !== null)
  const done: (TrialResult | NotTried)[] = []
  for (const trial of trials) done.push(await tryOnce(stand, trial, unit.place))
  const notTried = done.flatMap((of) => ('reason' in of ? [of] : []))
  const fitsNone = once.length + going.length === 0
  return {
    ...unit,
    clean: null,
    results: done.flatMap((of) => ('reason' in of ? [] : [of])),
    notTried: fitsNone ? [{ corruption: corruption.name, reason: 'fits no column' }] : notTried,
  }
}

async function tryOnce(stand: Stand, trial: Trial, place: number): Promise<TrialResult | NotTried> {
  const { sample } = stand.batch
  const corruption = trial.fault.parts[0]!.corruption
  const not = (reason: NotTried['reason']): NotTried => ({ corruption: corruption.name, reason })
  if (corruption.needsPrevious && !stand.previous) return not('needs the batch before')
  if (!corruption.wholeBatch && trial.fraction * sample.rows < 0.5) return not('no row at this fraction')
  const spoiled = spoiledOrNull(stand, trial)
  if (spoiled === 'unfit') return not('fits no column')
  if (!spoiled) return not('changed nothing')
  return resultOf(stand, trial, { place, said: await stand.judge({ ...spoiled, of: spoiled.rows }) })
}

/** The spoiled rows; null when nothing changed, `unfit` when the columns of a lasting fault do not take it any more. */
function spoiledOrNull({ batch, previous }: Stand, { fault, fraction }: Trial): Table | null | 'unfit' {
  const { parts, selector, seed } = fault
  if (!parts.every((part) => fits(part, batch.sample))) return 'unfit'
  try {
    return spoil(
      batch.sample,
      parts.map((part) => ({ ...part, fraction, selector, seed: `${batch.listing.key}/${seed}` })),
      previous,
    ).table
  } catch (thrown) {
    if (!(thrown instanceof FiableError)) throw thrown
    if (thrown.code === 'NO_EFFECT') return null
    // The first of several corruptions may take away what the next one needs.
    if (parts.length > 1 && ['BAD_ARGUMENT', 'UNKNOWN_COLUMN'].includes(thrown.code)) return 'unfit'
    throw thrown
  }
}

function fits({ corruption, columns }: Fault['parts'][number], table: Table): boolean {
  const found = columns.map((name) => columnNamed(table, name))
  return found.every((column) => column !== undefined) && corruption.accepts(found, table)
}

function resultOf(
  { batch, clean }: Stand,
  { fault, fraction, position }: Trial,
  { place, said }: { readonly place: number; readonly said: Rehearsed },
): TrialResult {
  const dimensions = fault.parts.flatMap(({ corruption }) => corruption.dimension ?? [])
  const columns = [...new Set(fault.parts.flatMap((part) => part.columns))]
  const ranks = columns.map((column) => said.columns.indexOf(column)).filter((rank) => rank >= 0)
  return {
    batch: batch.listing.key,
    place,
    corruptions: fault.parts.map(({ corruption }) => corruption.name),
    dimensions,
    columns,
    fullFraction: fault.fraction,
    fraction,
    selector: fault.selector,
    shape: fault.shape,
    fault: `${fault.parts[0]!.corruption.name}/${fault.seed}`,
    position,
    isAlert: said.isAlert,
    score: said.nats,
    cleanScore: clean.nats,
    weighed: weighedIn(said),
    threshold: said.threshold,
    isDimensionFirst: said.dimensions.some((dimension) => dimensions.includes(dimension)),
    columnRank: ranks.length > 0 ? Math.min(...ranks) + 1 : null,
  }
}

/** The built-in corruption of a name, as plans name them between processes. */
export function corruptionNamed(name: string): (typeof corruptions)[number] {
  const found = corruptions.find((corruption) => corruption.name === name)
  if (found) return found
  throw new FiableError(
    'BAD_ARGUMENT',
    `There is no corruption ${name}.`,
    `Choose among ${corruptions.map((corruption) => corruption.name).join(', ')}.`,
  )
}
