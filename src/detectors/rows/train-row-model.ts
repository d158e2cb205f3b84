import { FiableError } from '../../data/errors.ts'
import type { GivenSettings } from '../../data/params.ts'
import type { RowSample } from '../../data/profile.ts'
import { random, sampleWithoutReplacement } from '../../math/random.ts'
import type { OpenSession, Tensors } from '../../onnx/session.ts'
import type { Autoencoder } from './autoencoder.ts'
import type { CategoricalColumn } from './columns/categorical.ts'
import { fitHybrid, type MemberOutputs } from './hybrid.ts'
import { rowDetectors } from './index.ts'
import { joinFloats } from './join-outputs.ts'
import type { FitTools, RowDetector } from './row-detector.ts'
import { type Member, membersModel, neighbourhoodOf, rowModelFile } from './row-model-graph.ts'
import { FORMAT, type RowModelMetadata } from './row-model-metadata.ts'
import { sliceSample, takeSample } from './take-sample.ts'
import {
  encodeRows,
  encodingOf,
  feedsOf,
  fitTransformer,
  type Transformer,
  tooFewRows,
} from './transformer.ts'

/** Share of the rows held out: training stops by them, and scores are calibrated on them. */
const HELD_OUT_SHARE = 0.2
const MOST_HELD_OUT = 5000
const FEWEST_ROWS = 100
const ROWS_PER_RUN = 512

export interface RowModelOptions extends FitTools {
  readonly name: string
  /** Members wanted; all when left out. */
  readonly members?: readonly string[]
  /** Settings by member. */
  readonly settings?: Readonly<Record<string, GivenSettings>>
  readonly description?: string
  readonly owner?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Version of Fiable, as the model's training framework. */
  readonly version: string
}

/** A trained row model. */
export interface TrainedRowModel {
  /** One self-contained ONNX file. */
  readonly file: Uint8Array
  readonly metadata: RowModelMetadata
  /** The reference rows that similar ones are named from, in the order of `similar_rows`; null without neighbours. */
  readonly kept: RowSample | null
}

/**
 * Trains the members on reference rows, calibrates them on rows held out, and writes one ONNX file.
 *
 * Same rows, options and seed on the same machine: same bytes.
 *
 * @param reference - Rows judged normal, at least 100; a fifth of them, at most 5,000, is held out.
 * @throws FiableError TOO_FEW_ROWS, TOO_MANY_COLUMNS, BAD_SCHEMA; BAD_ARGUMENT for members or settings unknown;
 *   CANCELLED, NOT_CONVERGED from the autoencoder.
 */
export async function trainRowModel(
  reference: RowSample,
  options: RowModelOptions,
): Promise<TrainedRowModel> {
  if (reference.rows < FEWEST_ROWS) throw tooFewRows(reference.rows, FEWEST_ROWS)
  const detectors = chosenDetectors(options.members)
  checkSettings(options.settings ?? {}, detectors)
  const { learnt, heldOut } = splitRows(reference, options.seed)
  options.onProgress?.({ stage: 'reading the columns', done: 0, total: 1 })
  // Learnt without the rows held out: what only they hold must count as never seen when scores are calibrated.
  const transformer = fitTransformer(takeSample(reference, learnt))
  const rows = {
    rows: encodeRows(transformer, reference, learnt),
    heldOut: encodeRows(transformer, heldOut),
    encoding: encodingOf(transformer),
  }
  const members: Member[] = []
  for (const [i, detector] of detectors.entries()) {
    options.onProgress?.({ stage: `fitting ${detector.name}`, done: i, total: detectors.length })
    const seed = `${options.seed} ${detector.name}`
    const fitted = await detector.fit(rows, options.settings?.[detector.name] ?? {}, { ...options, seed })
    members.push({ name: detector.name, fitted })
  }
  options.onProgress?.({ stage: 'calibrating', done: 0, total: 1 })
  const outputs = await memberOutputs({ transformer, members }, heldOut, options.openSession)
  const hybrid = fitHybrid(
    outputs,
    detectors.map(({ weight }) => weight),
  )
  const metadata = describe(options, {
    ...{ transformer, members },
    rows: { learnt: learnt.length, heldOut: heldOut.rows },
  })
  return {
    file: rowModelFile({ transformer, members, hybrid }, metadata),
    metadata,
    kept: members.some(({ name }) => name === 'nearest-neighbours')
      ? takeSample(
          reference,
          neighbourhoodOf(members).chosen.map((row) => learnt[row]!),
        )
      : null,
  }
}

function chosenDetectors(wanted: readonly string[] | undefined): readonly RowDetector[] {
  if (!wanted) return rowDetectors
  const names = rowDetectors.map(({ name }) => name)
  for (const name of wanted) if (!names.includes(name)) throw unknownMember(name, names)
  if (wanted.length === 0) throw unknownMember('nothing', names)
  return rowDetectors.filter(({ name }) => wanted.includes(name))
}

function checkSettings(
  settings: RowModelOptions['settings'] & object,
  detectors: readonly RowDetector[],
): void {
  const names = detectors.map(({ name }) => name)
  for (const name of Object.keys(settings)) if (!names.includes(name)) throw unknownMember(name, names)
}

const unknownMember = (name: string, known: readonly string[]) =>
  new FiableError(
    'BAD_ARGUMENT',
    `${name} is no member of the row model.`,
    `Choose among ${known.join(', ')}.`,
  )

/** Numbers of the rows to learn from, and the rows held out. */
function splitRows(reference: RowSample, seed: string) {
  const count = Math.min(MOST_HELD_OUT, Math.floor(HELD_OUT_SHARE * reference.rows))
  const heldOut = sampleWithoutReplacement(reference.rows, count, random(`${seed} held out`))
  const isHeldOut = new Uint8Array(reference.rows)
  for (const row of heldOut) isHeldOut[row] = 1
  const learnt = Uint32Array.from(isHeldOut.keys()).filter((row) => isHeldOut[row] === 0)
  return { learnt, heldOut: takeSample(reference, heldOut) }
}

/** What the members say of rows, through the same graph that the file will hold. */
async function memberOutputs(
  { transformer, members }: { readonly transformer: Transformer; readonly members: readonly Member[] },
  sample: RowSample,
  openSession: OpenSession,
): Promise<MemberOutputs> {
  const session = await openSession(membersModel(transformer, members))
  const width = transformer.columns.length
  const parts: Tensors[] = []
  try {
    for (let from = 0; from < sample.rows; from += ROWS_PER_RUN) {
      const slice = sliceSample(sample, from, Math.min(sample.rows, from + ROWS_PER_RUN))
      parts.push(await session.run(feedsOf(transformer.columns, slice)))
    }
  } finally {
    await session.release()
  }
  const all = joinFloats(parts, 'column_scores')
  const tellers = all.length / (sample.rows * width)
  const columns = Array.from({ length: tellers }, (_, teller) =>
    Float32Array.from({ length: sample.rows * width }, (_, i) => {
      const row = Math.floor(i / width)
      return all[row * tellers * width + teller * width + (i % width)]!
    }),
  )
  return { scores: joinFloats(parts, 'member_scores'), columns }
}

function describe(
  options: RowModelOptions,
  {
    transformer,
    members,
    rows,
  }: {
    readonly transformer: Transformer
    readonly members: readonly Member[]
    readonly rows: RowModelMetadata['rows']
  },
): RowModelMetadata {
  const network = members.find(({ name }) => name === 'autoencoder')?.fitted.state as Autoencoder | undefined
  return {
    format: FORMAT,
    name: options.name,
    description: options.description ?? '',
    owner: options.owner ?? '',
    model_type: members.map(({ name }) => name).join(' + '),
    training_framework: { name: 'fiable', version: options.version },
    hyperparameters: Object.fromEntries(
      members.map(({ name }) => [name, settingsOfMember(name, options.settings?.[name] ?? {})]),
    ),
    labels: options.labels ?? {},
    members: members.map(({ name }) => name),
    columns: transformer.columns.map(({ fitted, ...column }) => ({
      ...column,
      categories: column.kind === 'categorical' ? namedCategories(fitted as CategoricalColumn) : [],
    })),
    leftOut: transformer.leftOut,
    rows,
    learningCurve: network?.curve ?? [],
  }
}

/** A column of more categories has too many for one of them to be expected. */
const CATEGORIES = 14

const namedCategories = ({ values }: CategoricalColumn): readonly string[] =>
  values.length <= CATEGORIES ? values : []

/** All settings of a member, given ones over defaults. */
const settingsOfMember = (name: string, given: GivenSettings): GivenSettings => ({
  ...Object.fromEntries(
    Object.entries(rowDetectors.find((detector) => detector.name === name)!.params).map(([key, param]) => [
      key,
      param.default,
    ]),
  ),
  ...given,
})
