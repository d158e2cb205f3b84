import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import type { GivenSettings } from '../data/params.ts'
import { rowDetectors } from '../detectors/rows/index.ts'
import { rowModelMetadata } from '../detectors/rows/row-model-metadata.ts'
import { datasetIn } from '../pipelines/components/store-inputs.ts'
import { type Training, type TrainingRequest, trainDataset } from '../pipelines/train-dataset.ts'
import type { RegisteredVersion } from '../tracking/registry.ts'
import { isDatabaseUrl, type Store } from '../tracking/store.ts'
import { watched } from './run.ts'
import { numberOf, type RunnerFlags, withRunner } from './runner.ts'
import { sparkline } from './sparkline.ts'
import { say } from './with-store.ts'

export interface TrainFlags extends RunnerFlags {
  readonly model?: readonly string[]
  readonly set?: readonly string[]
  readonly seed: string
  readonly name?: string
  readonly description?: string
  readonly owner?: string
  readonly shards: string
}

/** `fiable train`: trains a row model by the standard pipeline, and says what came of it. */
export async function train(name: string, flags: TrainFlags): Promise<void> {
  const request = requestFrom(flags)
  await withRunner(flags, async (options) => {
    const { store } = options
    const dataset = await datasetIn(store, name)
    const place = isDatabaseUrl(flags.store)
      ? { store: flags.store, artifacts: store.folder }
      : { store: store.folder }
    const onRun = (run: number, isResumed: boolean): void => {
      if (isResumed) process.stderr.write(`going on with run ${run}\n`)
    }
    const training = await watched(options, (own) => trainDataset(dataset, request, { ...own, place, onRun }))
    const file = store.artifacts.pathOf(training.version.uri.replace('artifact:', ''))
    const { signature: _, ...told } = training.version
    if (flags.format === 'json') say(JSON.stringify({ ...told, run: training.runId, file }))
    else say(await textOf(store, training, file))
  })
}

const requestFrom = (flags: TrainFlags): TrainingRequest => ({
  seed: flags.seed,
  settings: settingsFrom(flags.set ?? []),
  shards: numberOf(flags.shards, '--shards'),
  ...(flags.model ? { members: flags.model } : {}),
  ...(flags.name ? { name: flags.name } : {}),
  ...(flags.description ? { description: flags.description } : {}),
  ...(flags.owner ? { owner: flags.owner } : {}),
})

async function textOf(store: Store, { version, isChampion, runId }: Training, file: string): Promise<string> {
  const bytes = await store.artifacts.get(version.uri.replace('artifact:', ''))
  const { learningCurve, leftOut } = rowModelMetadata(bytes)
  const curve = learningCurve.map(([, heldOut]) => heldOut)
  return [
    pc.bold(`${version.name} version ${version.version}: ${version.modelType}`),
    `file: ${file} (${(bytes.length / 1e6).toFixed(1)} MB, ONNX)`,
    ...(curve.length > 0
      ? [
          `learning curve, held-out loss: ${sparkline(curve)}  ${curve[0]!.toPrecision(3)} → ${Math.min(...curve).toPrecision(3)}`,
        ]
      : []),
    ...(leftOut.length > 0
      ? [`left out: ${leftOut.map((column) => `${column.name} (${column.reason})`).join(', ')}`]
      : []),
    testText(version),
    isChampion
      ? `${pc.green('champion')}: it judges the rows of the batches to come`
      : `${pc.yellow('challenger')}: not shown to be better than the champion, which stays in service`,
    pc.dim(`run ${runId}: fiable runs show ${runId}`),
  ].join('\n')
}

const percent = (share: number | undefined): string => `${(100 * (share ?? Number.NaN)).toFixed(1)} %`

/** What the test under random corruption said, beside the champion on the same rows. */
function testText({ metrics }: RegisteredVersion): string {
  const { auroc, caught, falseAlarms, championAuroc, p } = metrics
  const own = `test: AUROC ${auroc?.toFixed(3)}, ${percent(caught)} of spoiled rows and ${percent(falseAlarms)} of clean ones above the 1 % line`
  return championAuroc === undefined
    ? own
    : `${own}; champion then: AUROC ${championAuroc.toFixed(3)} (p = ${p?.toPrecision(2)})`
}

/** `autoencoder.steps=2000` as settings by member, checked against the declarations. */
function settingsFrom(pairs: readonly string[]): Record<string, GivenSettings> {
  const settings: Record<string, Record<string, number | string>> = {}
  for (const pair of pairs) {
    const [, member, param, text] = /^([\w-]+)\.(\w+)=(.+)$/.exec(pair) ?? []
    const declared = rowDetectors.find(({ name }) => name === member)?.params[param ?? '']
    if (!member || !param || text === undefined || !declared) throw badSetting(pair)
    settings[member] ??= {}
    settings[member][param] = declared.kind === 'choice' ? text : Number(text)
  }
  return settings
}

const badSetting = (pair: string) =>
  new FiableError(
    'BAD_ARGUMENT',
    `--set was given ${pair}, which names no setting of a row detector.`,
    `Write MEMBER.SETTING=VALUE; there are ${rowDetectors
      .flatMap(({ name, params }) => Object.keys(params).map((param) => `${name}.${param}`))
      .join(', ')}.`,
  )
