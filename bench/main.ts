import { FiableError } from '../src/data/errors.ts'

/** The benchmarks by name; each measures, prints a table, and ends with one line of JSON. */
const benchmarks: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<void> }>>> = {
  budget: () => import('./budget.ts'),
  cli: () => import('./cli.ts'),
  coldstart: () => import('./coldstart.ts'),
  corruption: () => import('./corruption.ts'),
  distributed: () => import('./distributed.ts'),
  drill: () => import('./drill.ts'),
  flights: () => import('./flights.ts'),
  judging: () => import('./judging.ts'),
  pipelines: () => import('./pipelines.ts'),
  profile: () => import('./profile.ts'),
  retail: () => import('./retail.ts'),
  rootcause: () => import('./rootcause.ts'),
  rows: () => import('./rows.ts'),
  runtimes: () => import('./runtimes.ts'),
  scoring: () => import('./scoring.ts'),
  store: () => import('./store.ts'),
  training: () => import('./training.ts'),
  whatif: () => import('./whatif.ts'),
}

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined
if (!load)
  throw new FiableError(
    'BAD_ARGUMENT',
    `There is no benchmark "${name}".`,
    `Name one of: ${Object.keys(benchmarks).join(', ')}.`,
  )
await (await load()).run(args)
