import { existsSync } from 'node:fs'
import { corruptions } from '../src/corruption/index.ts'
import { openEngine } from '../src/engines/duckdb.ts'
import { type CatchRate, type Count, catchRates, type Outcome } from '../src/evaluation/catch-rate.ts'
import { evaluate, unitsOf } from '../src/evaluation/evaluate.ts'
import { outcomeOf } from '../src/evaluation/scorecard.ts'
import type { TrialPlan } from '../src/evaluation/trial-plan.ts'
import { wilson } from '../src/math/proportion.ts'
import { rehearse } from '../src/monitor/rehearsal.ts'
import { flightsTable } from './flights.ts'
import { retailFile, retailTable } from './retail.ts'
import type { TwinTable } from './twins/job.ts'

/** First batches of the stretches whose catch-rates are predicted; as many batches again are held out behind each. */
const STRETCHES = [40, 120, 220] as const
const BATCHES = 12
/** Held-out trials of a column from which its rate is compared: it is predicted for ten. */
const LEAST_TRIALS = 10

const planOf = (from: number, change: Pick<TrialPlan, 'columnsPerCorruption' | 'seed'>): TrialPlan => ({
  corruptions,
  fractions: [0.02, 0.1, 0.3],
  selectors: ['random'],
  shapes: ['once'],
  duration: 6,
  atOnce: 1,
  from,
  ...change,
})

/**
 * Whether predicted catch-rates are honest: the share of held-out ones (other seeds, the batches after, other columns)
 * that fall inside the predicted 95 % range. `--quick` takes the first stretch.
 */
export async function run(args: readonly string[]): Promise<void> {
  const table = existsSync(retailFile) ? retailTable : flightsTable()
  const checks: Check[] = []
  for (const from of args.includes('--quick') ? STRETCHES.slice(0, 1) : STRETCHES) {
    const fitted = await tried(table, planOf(from, { columnsPerCorruption: 2, seed: 1 }))
    const heldOut = await tried(table, planOf(from + BATCHES, { columnsPerCorruption: 6, seed: 2 }))
    checks.push(...compare(fitted, heldOut.outcomes))
    process.stderr.write(
      `${table.name} from batch ${from}: ${fitted.outcomes.length} trials, ${heldOut.outcomes.length} held out\n`,
    )
  }
  report(table.name, checks)
}

interface Tried {
  readonly outcomes: readonly Outcome[]
  readonly clean: Count
}

async function tried(table: TwinTable, plan: TrialPlan): Promise<Tried> {
  const engine = await openEngine({ threads: 1 })
  const outcomes: Outcome[] = []
  const alerts: boolean[] = []
  try {
    const stands = rehearse(table.batches(engine), { alerts: 1, per: 'week' })
    for await (const { results, clean } of evaluate(stands, plan, unitsOf(plan, plan.from + BATCHES))) {
      outcomes.push(...results.map(outcomeOf))
      if (clean) alerts.push(clean.isAlert)
    }
  } finally {
    engine.close()
  }
  return { outcomes, clean: { hits: alerts.filter(Boolean).length, trials: alerts.length } }
}

interface Check {
  readonly kind: 'over columns' | 'column tried' | 'column never tried'
  readonly isInside: boolean
  readonly width: number
}

function compare(fitted: Tried, heldOut: readonly Outcome[]): readonly Check[] {
  const rates = catchRates(fitted.outcomes, fitted.clean)
  const known = new Set(fitted.outcomes.map(({ group, column }) => `${group}/${column}`))
  const check = (kind: Check['kind'], told: CatchRate, of: readonly Outcome[]): Check => {
    const rate = of.filter(({ isCaught }) => isCaught).length / of.length
    return { kind, isInside: told.low <= rate && rate <= told.high, width: told.high - told.low }
  }
  return [...Map.groupBy(heldOut, ({ group }) => group)].flatMap(([group, of]) => [
    check('over columns', rates.ofGroup(group), of),
    ...[...Map.groupBy(of, ({ column }) => column)]
      .filter(([column, on]) => column !== '' && on.length >= LEAST_TRIALS)
      .map(([column, on]) =>
        check(
          known.has(`${group}/${column}`) ? 'column tried' : 'column never tried',
          rates.ofColumn(group, column),
          on,
        ),
      ),
  ])
}

function report(table: string, checks: readonly Check[]): void {
  const share = (of: readonly Check[]) => wilson(of.filter(({ isInside }) => isInside).length, of.length)
  console.log(`${table}: held-out catch-rates inside the predicted 95 % range\n`)
  const kinds: readonly (readonly [string, readonly Check[]])[] = [
    ...Map.groupBy(checks, (check) => check.kind),
    ['all', checks],
  ]
  for (const [kind, of] of kinds) {
    const { rate, low, high, trials } = share(of)
    const width = of.reduce((sum, check) => sum + check.width, 0) / of.length
    console.log(
      `${kind.padEnd(20)} ${rate.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}) of ${trials}, mean width ${width.toFixed(2)}`,
    )
  }
  console.log('Not measured: tables other than this; faults that last.')
  const byKind = Object.fromEntries(
    [...Map.groupBy(checks, (check) => check.kind)].map(([kind, of]) => [
      kind,
      Number(share(of).rate.toFixed(4)),
    ]),
  )
  console.log(
    JSON.stringify({ coverage: Number(share(checks).rate.toFixed(4)), rates: checks.length, byKind }),
  )
}
