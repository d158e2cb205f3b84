import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { FiableError, messageOf } from '../../data/errors.ts'
import type { GivenSettings } from '../../data/params.ts'
import type { RowSample } from '../../data/profile.ts'
import { rowDetectorNamed } from '../../detectors/rows/chosen-members.ts'
import type { Member } from '../../detectors/rows/row-model-graph.ts'
import { type Engine, quoteText } from '../../engines/duckdb.ts'
import { encodeSample, readSample } from '../../profile/sample-file.ts'
import { scan } from '../../profile/scan.ts'
import type { InputArtifact, OutputArtifact } from '../artifact.ts'

/** Files that training steps hand to each other. */

/** Metadata of a file that holds rows as a coded sample rather than as plain Parquet. */
const LAYOUT = 'row-sample'

/** Every so-manieth row, beginning with one of the first. */
export interface Shard {
  readonly shard: number
  readonly shards: number
}

/** Writes rows exactly as they are in memory. */
export async function writeRows(sample: RowSample, output: OutputArtifact): Promise<void> {
  await writeFile(output.path, encodeSample(sample))
  Object.assign(output.metadata, { rows: sample.rows, layout: LAYOUT })
}

/**
 * All rows of a file, or those of a shard: of one that `writeRows` wrote, or of any Parquet file.
 *
 * Shards take turns row by row, so that each is like the whole even where rows are ordered.
 *
 * @param folder - For a shard cut out of a Parquet file.
 */
export async function readRows(
  engine: Engine,
  { path: file, metadata }: InputArtifact,
  { folder, shard = 0, shards = 1 }: Partial<Shard> & { readonly folder: string },
): Promise<RowSample> {
  checkShard({ shard, shards })
  if (metadata.layout === LAYOUT) return everyNth(await readSample(engine, file), { shard, shards })
  const own = shards === 1 ? file : path.join(folder, 'shard.parquet')
  if (own !== file)
    await engine.run(
      `copy (select * exclude (file_row_number) from read_parquet(${quoteText(file)}, file_row_number = true)
       where file_row_number % ${shards} = ${shard}) to ${quoteText(own)} (format parquet)`,
    )
  const rows = await countRows(engine, { path: own, metadata: {} })
  return (await scan(engine, own, { sampleRows: Math.max(1, rows) })).sample
}

/** @throws FiableError BAD_ARGUMENT when there is no such shard. */
export function checkShard({ shard, shards }: Shard): void {
  if (shard < shards) return
  throw new FiableError(
    'BAD_ARGUMENT',
    `There is no shard ${shard} of ${shards}.`,
    `Number shards from 0 to ${shards - 1}.`,
  )
}

/** Rows of a file, as its metadata tells or as they are counted. */
export async function countRows(
  engine: Engine,
  { path: file, metadata }: Pick<InputArtifact, 'path' | 'metadata'>,
): Promise<number> {
  if (typeof metadata.rows === 'number') return metadata.rows
  const [count] = await engine.query(`select count(*)::double as n from read_parquet(${quoteText(file)})`)
  return Number(count!.n)
}

function everyNth(sample: RowSample, { shard, shards }: Shard): RowSample {
  if (shards === 1) return sample
  const rows = Math.max(0, Math.ceil((sample.rows - shard) / shards))
  const columns = sample.columns.map(({ column, codes, values }) => ({
    column,
    values,
    codes: Uint32Array.from({ length: rows }, (_, i) => codes[shard + i * shards]!),
  }))
  return { rows, of: sample.of, columns }
}

/** Writes a value with its typed arrays; only steps of the same version read it. */
export const writeState = (file: string, value: unknown): Promise<void> => writeFile(file, serialize(value))

/** @throws FiableError MALFORMED_FILE when `writeState` did not write it. */
export async function readState<T>({ path: file, name }: InputArtifact): Promise<T> {
  try {
    return deserialize(await readFile(file)) as T
  } catch (cause) {
    throw new FiableError(
      'MALFORMED_FILE',
      `The file given as ${name} is not of a training step: ${messageOf(cause)}.`,
      'Connect the output of the step before, made by the same version.',
      { cause },
    )
  }
}

/** A member of a row model between steps: what it learnt, and how it was set. */
export interface MemberFile {
  readonly name: string
  readonly settings: GivenSettings
  readonly state: unknown
}

/** Writes a member with what is told of it. */
export async function writeMember(output: OutputArtifact, member: MemberFile): Promise<void> {
  await writeState(output.path, member)
  Object.assign(output.metadata, { member: member.name, settings: { ...member.settings } })
}

/** A member that can score again. */
export const restoreMember = ({ name, state }: MemberFile): Member => ({
  name,
  fitted: rowDetectorNamed(name).restore(state),
})
