import type { RowSample } from '../../data/profile.ts'
import type { OpenSession, Tensors } from '../../onnx/session.ts'
import { fitHybrid, type Hybrid, type MemberOutputs } from './hybrid.ts'
import { rowDetectors } from './index.ts'
import { joinFloats } from './join-outputs.ts'
import { type Member, membersModel } from './row-model-graph.ts'
import { sliceSample } from './take-sample.ts'
import { feedsOf, type Transformer } from './transformer.ts'

const ROWS_PER_RUN = 512

/** Members of a row model with what turns rows into their numbers. */
export interface TrainedMembers {
  readonly transformer: Transformer
  readonly members: readonly Member[]
}

/**
 * Learns how surprising every score of the members is among clean rows, and how to make one of them.
 *
 * @param heldOut - Clean rows that no member learnt from, at least one.
 */
export async function calibrateMembers(
  trained: TrainedMembers,
  heldOut: RowSample,
  openSession: OpenSession,
): Promise<Hybrid> {
  const weights = trained.members.map(({ name }) => weightOf(name))
  return fitHybrid(await memberOutputs(trained, heldOut, openSession), weights)
}

const weightOf = (name: string): number => rowDetectors.find((detector) => detector.name === name)!.weight

/** What the members say of rows, through the same graph that the file will hold. */
async function memberOutputs(
  { transformer, members }: TrainedMembers,
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
