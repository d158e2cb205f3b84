import type { RowSample } from '../../data/profile.ts'
import { type BundledRowModel, bundleRowModel, keptPlaces, type RowModelTitle } from './bundle-row-model.ts'
import { calibrateMembers } from './calibrate-members.ts'
import { chosenMembers, type MemberChoice, memberSeed } from './chosen-members.ts'
import type { FitTools } from './row-detector.ts'
import type { Member } from './row-model-graph.ts'
import { splitRows } from './split-rows.ts'
import { takeSample } from './take-sample.ts'
import { encodeRows, encodingOf, fitTransformer } from './transformer.ts'

export interface RowModelOptions extends FitTools, MemberChoice, RowModelTitle {}

/** A trained row model. */
export interface TrainedRowModel extends BundledRowModel {
  /** The reference rows that similar ones are named from, in the order of `similar_rows`; null without neighbours. */
  readonly kept: RowSample | null
}

/**
 * Trains the members on reference rows, calibrates them on rows held out, and writes one ONNX file: all in this process, by
 * the functions that the steps of the training pipeline call one by one.
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
  const chosen = chosenMembers(options)
  const { learnt, ...split } = splitRows(reference, options.seed)
  const heldOut = takeSample(reference, split.heldOut)
  options.onProgress?.({ stage: 'reading the columns', done: 0, total: 1 })
  // Learnt without the rows held out: what only they hold must count as never seen when scores are calibrated.
  const transformer = fitTransformer(takeSample(reference, learnt))
  const rows = {
    rows: encodeRows(transformer, reference, learnt),
    heldOut: encodeRows(transformer, heldOut),
    encoding: encodingOf(transformer),
  }
  const members: Member[] = []
  for (const [i, { detector, settings }] of chosen.entries()) {
    const { name } = detector
    options.onProgress?.({ stage: `fitting ${name}`, done: i, total: chosen.length })
    const tools = { ...options, seed: memberSeed(options.seed, name) }
    members.push({ name, fitted: await detector.fit(rows, settings, tools) })
  }
  options.onProgress?.({ stage: 'calibrating', done: 0, total: 1 })
  const hybrid = await calibrateMembers({ transformer, members }, heldOut, options.openSession)
  const settings = Object.fromEntries(chosen.map(({ detector, settings: all }) => [detector.name, all]))
  const sizes = { learnt: learnt.length, heldOut: heldOut.rows }
  const bundled = bundleRowModel({ transformer, members, hybrid, settings, rows: sizes }, options)
  const places = keptPlaces(members)
  const kept =
    places &&
    takeSample(
      reference,
      Uint32Array.from(places, (place) => learnt[place]!),
    )
  return { ...bundled, kept }
}
