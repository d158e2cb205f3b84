import path from 'node:path'
import pc from 'picocolors'
import { FiableError } from '../data/errors.ts'
import type { GivenSettings } from '../data/params.ts'
import { rowDetectors } from '../detectors/rows/index.ts'
import { rowModelMetadata } from '../detectors/rows/row-model-metadata.ts'
import { datasetNamed, open } from '../monitor/project.ts'
import { runInChild } from '../row-models/run-in-child.ts'
import type { ModelVersion } from '../tracking/models.ts'
import { progressBar } from './progress.ts'
import { sparkline } from './sparkline.ts'

export interface TrainFlags {
  readonly store: string
  readonly model?: readonly string[]
  readonly set?: readonly string[]
  readonly seed: string
  readonly description?: string
  readonly owner?: string
}

/** Beside this file, as source or compiled. */
export const ROW_MODEL_WORKER = new URL(
  `./row-model-worker${path.extname(import.meta.filename)}`,
  import.meta.url,
)

/** `fiable train`: trains a row model on the batches held for normal, in a child process, and registers it. */
export async function train(name: string, flags: TrainFlags): Promise<void> {
  const project = await open({ store: flags.store })
  const bar = progressBar()
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  try {
    await datasetNamed(project, name)
    const request = {
      seed: flags.seed,
      settings: settingsFrom(flags.set ?? []),
      ...(flags.model ? { members: flags.model } : {}),
      ...(flags.description ? { description: flags.description } : {}),
      ...(flags.owner ? { owner: flags.owner } : {}),
    }
    const version = await runInChild(
      ROW_MODEL_WORKER,
      { store: project.store.folder, dataset: name, task: { kind: 'train', request } },
      { onProgress: bar.update, signal: stop.signal },
    )
    bar.clear()
    const file = project.store.artifacts.pathOf(version.uri.replace('artifact:', ''))
    const { size, curve, leftOut } = await describe(
      await project.store.artifacts.get(version.uri.replace('artifact:', '')),
    )
    process.stdout.write(`${textOf(version, { file, size, curve, leftOut })}\n`)
  } finally {
    bar.clear()
    await project.close()
  }
}

async function describe(file: Uint8Array) {
  const { learningCurve, leftOut } = rowModelMetadata(file)
  return { size: file.length, curve: learningCurve.map(([, heldOut]) => heldOut), leftOut }
}

interface Told {
  readonly file: string
  readonly size: number
  readonly curve: readonly number[]
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}

function textOf({ name, version, modelType }: ModelVersion, { file, size, curve, leftOut }: Told): string {
  return [
    pc.bold(`${name} version ${version}: ${modelType}`),
    `file: ${file} (${(size / 1e6).toFixed(1)} MB, ONNX)`,
    ...(curve.length > 0
      ? [
          `learning curve, held-out loss: ${sparkline(curve)}  ${curve[0]!.toPrecision(3)} → ${Math.min(...curve).toPrecision(3)}`,
        ]
      : []),
    ...(leftOut.length > 0
      ? [`left out: ${leftOut.map((column) => `${column.name} (${column.reason})`).join(', ')}`]
      : []),
  ].join('\n')
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
