import { type Proportion, wilson } from '../../src/math/proportion.ts'
import { rocAuc } from '../../src/math/roc.ts'
import { MAGNITUDES, OTHER_TYPES, SIX_TYPES } from './job.ts'
import { ASKED, type CleanJudged, type Said, type TwinJudged } from './judge-twins.ts'

/** One number per share of rows spoiled. */
type ByMagnitude = Readonly<Record<string, number>>

interface Judgements {
  readonly clean: readonly CleanJudged[]
  readonly twins: readonly TwinJudged[]
}

type Judge = 'ours' | 'peer'

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const byMagnitude = (numberAt: (magnitude: number) => number): ByMagnitude =>
  Object.fromEntries(MAGNITUDES.map((magnitude) => [magnitude, numberAt(magnitude)]))

/** Prints the tables, then one line of JSON. */
export function reportTwins(
  title: string,
  judged: Judgements,
  run: { readonly batches: number; readonly seeds: number; readonly seconds: number },
): void {
  const { twins } = judged
  const perType = Object.fromEntries(
    [...SIX_TYPES, ...OTHER_TYPES].map((type) => [type, ofTypes([type], judged)]),
  )
  const result = {
    macro: ofTypes(SIX_TYPES, judged),
    macroEffect: ofTypes(SIX_TYPES, { ...judged, twins: twins.filter(({ hasEffect }) => hasEffect) }),
    anomalyRounded: perType['numeric anomaly, rounded']!,
    shuffleDependent: ofTypes(['column shuffle'], {
      ...judged,
      twins: twins.filter(({ isDependent }) => isDependent),
    }),
    perType,
    auc: aucOf(judged, 'ours'),
    falseAlarms: { requested: ASKED, ...falseAlarmsOf(judged, 'ours') },
    peer: {
      macro: ofTypes(SIX_TYPES, judged, 'peer'),
      auc: aucOf(judged, 'peer'),
      falseAlarms: falseAlarmsOf(judged, 'peer').observed,
    },
    canRing: mean(judged.clean.map(({ canRing }) => Number(canRing))),
    dimensionNamed: namedShare(twins, ({ isDimensionNamed }) => isDimensionNamed),
    columnTop3: namedShare(twins, ({ isColumnInTop3 }) => isColumnInTop3),
    twins: twins.length,
    ...run,
  }
  print(title, result, judged)
  console.log(JSON.stringify(rounded(result)))
}

/** Balanced accuracy over types: the mean of their means over columns, as in the paper; NaN when nothing was tried. */
function ofTypes(types: readonly string[], judged: Judgements, judge: Judge = 'ours'): ByMagnitude {
  const quiet = 1 - falseAlarmsOf(judged, judge).observed
  return byMagnitude((magnitude) =>
    mean(
      types.map((type) => {
        const tried = judged.twins.filter((twin) => twin.job.type === type && twin.magnitude === magnitude)
        const columns = [...Map.groupBy(tried, ({ job }) => job.columns.join()).values()]
        return mean(
          columns.map((group) => (quiet + mean(group.map((twin) => Number(twin[judge].isAlert)))) / 2),
        )
      }),
    ),
  )
}

function falseAlarmsOf(
  { clean }: Judgements,
  judge: Judge,
): { readonly observed: number; readonly low: number; readonly high: number } {
  const { rate, low, high } = shareOfAlerts(clean.map((batch) => batch[judge]))
  return { observed: rate, low, high }
}

const shareOfAlerts = (said: readonly Said[]): Proportion =>
  wilson(said.filter(({ isAlert }) => isAlert).length, said.length)

/** ROC AUC of score over threshold, mean over the six types. */
function aucOf({ clean, twins }: Judgements, judge: Judge): ByMagnitude {
  const quiet = clean.map((batch) => batch[judge].ratio)
  return byMagnitude((magnitude) =>
    mean(
      SIX_TYPES.map((type) =>
        rocAuc(
          quiet,
          twins
            .filter((twin) => twin.job.type === type && twin.magnitude === magnitude)
            .map((twin) => twin[judge].ratio),
        ),
      ),
    ),
  )
}

/** Share of the twins with effect that alarmed of which something is true. */
function namedShare(twins: readonly TwinJudged[], isNamed: (twin: TwinJudged) => boolean): number {
  const caught = twins.filter(({ ours, hasEffect }) => ours.isAlert && hasEffect)
  return mean(caught.map((twin) => Number(isNamed(twin))))
}

const isNumbers = (value: unknown): value is ByMagnitude => typeof value === 'object' && value !== null

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isNaN(value) ? null : Number(value.toFixed(4))
  return isNumbers(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]))
    : value
}

interface Result {
  readonly macro: ByMagnitude
  readonly macroEffect: ByMagnitude
  readonly shuffleDependent: ByMagnitude
  readonly perType: Readonly<Record<string, ByMagnitude>>
  readonly auc: ByMagnitude
  readonly peer: { readonly macro: ByMagnitude; readonly auc: ByMagnitude }
  readonly canRing: number
  readonly dimensionNamed: number
  readonly columnTop3: number
  readonly seconds: number
}

function print(title: string, result: Result, judged: Judgements): void {
  console.log(`${title}\n`)
  console.log(
    `${'balanced accuracy, rows spoiled'.padEnd(36)}${MAGNITUDES.map((magnitude) => `${magnitude * 100} %`.padStart(8)).join('')}`,
  )
  for (const [type, values] of Object.entries(result.perType)) line(type, values)
  line('six types, literal', result.macro)
  line('  Average-KNN peer', result.peer.macro)
  line('six types, twins with effect', result.macroEffect)
  line('column shuffle, dependent columns', result.shuffleDependent)
  line('six types, ROC AUC', result.auc)
  line('  Average-KNN peer', result.peer.auc)
  console.log(`\nfalse alarms, 1 % asked: ours ${alarms(judged, 'ours')}; peer ${alarms(judged, 'peer')}`)
  console.log(
    `of the twins with effect that alarmed: right dimension ${percent(result.dimensionNamed)}, column in the top 3 ${percent(result.columnTop3)}; the alarm could ring on ${percent(result.canRing)} of the batches`,
  )
  console.log(`${Math.round(result.seconds)} s. Not measured: batches learnt after an alert, other tables.`)
}

const line = (name: string, values: ByMagnitude): void =>
  console.log(`${name.padEnd(36)}${MAGNITUDES.map((magnitude) => shown(values[magnitude]!)).join('')}`)

const shown = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(3)).padStart(8)

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

function alarms({ clean }: Judgements, judge: Judge): string {
  const { hits, trials, rate, low, high } = shareOfAlerts(clean.map((batch) => batch[judge]))
  return `${percent(rate)} (${percent(low)}–${percent(high)}; ${hits} of ${trials})`
}
