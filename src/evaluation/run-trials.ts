import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { type ErrorCode, FiableError } from '../data/errors.ts'
import type { OnProgress } from '../data/progress.ts'
import { corruptionNamed, type Unit, type UnitResult, unitKey } from './evaluate.ts'
import type { TrialLog } from './trial-log.ts'
import type { TrialPlan } from './trial-plan.ts'

/** A plan between processes: corruptions by name. */
export type PlanMessage = Omit<TrialPlan, 'corruptions'> & { readonly corruptions: readonly string[] }

export const planMessage = ({ corruptions, ...plan }: TrialPlan): PlanMessage => ({
  ...plan,
  corruptions: corruptions.map(({ name }) => name),
})

export const planFrom = ({ corruptions, ...plan }: PlanMessage): TrialPlan => ({
  ...plan,
  corruptions: corruptions.map(corruptionNamed),
})

/** What a child is asked to do: one message, then it works until it ends. */
export interface TrialRequest {
  readonly store: string
  readonly dataset: string
  readonly plan: PlanMessage
  readonly units: readonly Unit[]
}

/** What a child says while it works. */
export type TrialMessage =
  | { readonly kind: 'unit'; readonly result: UnitResult }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly fix: string }

export interface RunOptions {
  readonly store: string
  readonly dataset: string
  /** Child processes, at least 1. */
  readonly children: number
  readonly log: TrialLog
  readonly onProgress?: OnProgress
  /** Ends the children when aborted; finished units stay in the log. */
  readonly signal?: AbortSignal
}

/** Beside this file, as source or compiled. */
const WORKER = new URL(`./trial-worker${path.extname(import.meta.filename)}`, import.meta.url)

/**
 * Does the units that the log does not hold yet, in child processes.
 *
 * The result is the same, bit for bit, however many children there are and however often it was interrupted: each unit
 * depends on the history and the seed alone, and they are put in order at the end.
 *
 * @returns One result per unit, in the order of `units`.
 * @throws FiableError CANCELLED when aborted; CONFLICT when batches vanished meanwhile; whatever a child refuses.
 */
export async function runTrials(
  plan: TrialPlan,
  units: readonly Unit[],
  options: RunOptions,
): Promise<readonly UnitResult[]> {
  const done = new Map(options.log.done.map((result) => [unitKey(result), result]))
  const pending = units.filter((unit) => !done.has(unitKey(unit)))
  const tell = (): void =>
    options.onProgress?.({
      stage: 'drilling',
      done: units.length - pending.length + finished,
      total: units.length,
    })
  let finished = 0
  tell()
  await inChildren(plan, shared(pending, options.children), {
    ...options,
    onUnit(result) {
      options.log.add(result)
      done.set(unitKey(result), result)
      finished++
      tell()
    },
  })
  return units.map((unit) => done.get(unitKey(unit)) ?? fail(changed()))
}

/** The units dealt out by batch: a child goes through the history once, whatever it has to try there. */
function shared(units: readonly Unit[], children: number): readonly (readonly Unit[])[] {
  const places = [...new Set(units.map(({ place }) => place))]
  const hands = Array.from({ length: Math.min(children, places.length) }, (): Unit[] => [])
  for (const unit of units) hands[places.indexOf(unit.place) % hands.length]!.push(unit)
  return hands
}

type Deal = RunOptions & { onUnit(result: UnitResult): void }

async function inChildren(plan: TrialPlan, hands: readonly (readonly Unit[])[], deal: Deal): Promise<void> {
  if (deal.signal?.aborted) throw cancelled()
  const children: ChildProcess[] = []
  const endAll = (): void => {
    for (const child of children) child.kill('SIGTERM')
  }
  deal.signal?.addEventListener('abort', endAll)
  try {
    const ends = hands.map((units) => {
      const child = fork(WORKER, { serialization: 'advanced' })
      children.push(child)
      const { store, dataset } = deal
      child.send({ store, dataset, plan: planMessage(plan), units } satisfies TrialRequest)
      return ended(child, deal)
    })
    // One that failed ends the others; all are waited for, so that none outlives this call.
    for (const end of ends) end.catch(endAll)
    const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected')
    if (deal.signal?.aborted) throw cancelled()
    if (failed) throw failed.reason
  } finally {
    deal.signal?.removeEventListener('abort', endAll)
  }
}

function ended(child: ChildProcess, { onUnit }: Deal): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: FiableError | null = null
    child.on('message', (message: TrialMessage) => {
      if (message.kind === 'unit') onUnit(message.result)
      else failure = new FiableError(message.code, message.message, message.fix)
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (failure) reject(failure)
      else if (code === 0) resolve()
      else reject(died(signal ?? `code ${code}`))
    })
  })
}

function fail(error: FiableError): never {
  throw error
}

const changed = (): FiableError =>
  new FiableError('CONFLICT', 'The history of the dataset changed during the drill.', 'Run it again.')

const died = (how: string): FiableError =>
  new FiableError(
    'INTERNAL',
    `A child process of the drill ended with ${how}.`,
    'Run the drill again: finished trials are kept.',
  )

const cancelled = (): FiableError =>
  new FiableError(
    'CANCELLED',
    'The drill was interrupted.',
    'Run it again to go on: finished trials are kept.',
  )
