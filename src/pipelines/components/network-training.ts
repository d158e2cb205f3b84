import { type Settings, settingsOf } from '../../data/params.ts'
import { autoencoder, autoencoderNetwork, trainingVectors } from '../../detectors/rows/autoencoder.ts'
import { memberSeed } from '../../detectors/rows/chosen-members.ts'
import type { Encoding } from '../../detectors/rows/encoded-rows.ts'
import type { Network } from '../../detectors/rows/network.ts'
import type { Reference } from '../../detectors/rows/row-detector.ts'
import type { Checkpoint } from '../../detectors/rows/train-network.ts'
import type { OutputArtifact } from '../artifact.ts'
import { settingsOfMember } from './fit-member.ts'
import { writeState } from './row-files.ts'

/** An autoencoder's training between steps: how it is set, and where it stands. */
export interface NetworkTraining {
  readonly settings: Settings<(typeof autoencoder)['params']>
  readonly seed: string
  readonly checkpoint: Checkpoint
}

/** How an autoencoder is set, all settings told. */
export function autoencoderSettings(given: Readonly<Record<string, unknown>>): NetworkTraining['settings'] {
  const { settings } = settingsOfMember(autoencoder.name, given)
  return settingsOf(autoencoder.name, autoencoder.params, settings)
}

/** Seed of an autoencoder in a row model. */
export const autoencoderSeed = (seed: string): string => memberSeed(seed, autoencoder.name)

/** The network that is trained: the same in every step, as it follows from encoding, settings and seed. */
export const networkOf = (
  encoding: Encoding,
  { settings, seed }: Omit<NetworkTraining, 'checkpoint'>,
): Network => autoencoderNetwork(encoding, settings, seed)

/** The network, and the rows as it takes them. */
export function workshopOf(reference: Reference, training: Omit<NetworkTraining, 'checkpoint'>) {
  const network = networkOf(reference.encoding, training)
  return { network, vectors: trainingVectors(network, reference, training.seed) }
}

/** Writes where a training stands, with its losses in the metadata. */
export async function writeTraining(output: OutputArtifact, training: NetworkTraining): Promise<void> {
  await writeState(output.path, training)
  const { runs, bestLoss, curve } = training.checkpoint
  Object.assign(output.metadata, {
    runs,
    bestLoss: Number.isFinite(bestLoss) ? bestLoss : null,
    curve: curve.map((losses) => [...losses]),
  })
}
