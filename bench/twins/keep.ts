import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Metric } from '../../src/data/metric.ts'
import type { Measured } from '../../src/monitor/rehearsal.ts'

/** Measurements on disk, one file per entry, each there whole or not at all. */
export interface Keep {
  has(entry: string): boolean
  read<T>(entry: string): T
  write(entry: string, value: unknown): void
}

/** Sources whose change makes kept measurements those of another program; the scorer and the budget are not among them. */
const MEASURED_BY = [
  'src/corruption',
  'src/data',
  'src/engines',
  'src/math',
  'src/profile',
  'src/monitor/absolute-rules.ts',
  'src/monitor/measured-batch.ts',
  'bench/twins/job.ts',
  'bench/twins/keep.ts',
  'bench/twins/measure-twins.ts',
  'bench/peers/average-knn.ts',
] as const

/** Opens a folder of measurements; those of other sources lie in a folder of their own, beside. */
export function openKeep(folder: string, table: string): Keep {
  const place = path.join(folder, `${table}-${sourceDigest()}`)
  mkdirSync(place, { recursive: true })
  const fileOf = (entry: string): string => path.join(place, `${entry}.zst`)
  return {
    has: (entry) => existsSync(fileOf(entry)),
    read: <T>(entry: string) => deserialize(zstdDecompressSync(readFileSync(fileOf(entry)))) as T,
    write(entry, value) {
      const part = `${fileOf(entry)}.${process.pid}.part`
      writeFileSync(part, zstdCompressSync(serialize(value)))
      renameSync(part, fileOf(entry))
    },
  }
}

function sourceDigest(): string {
  const root = path.join(import.meta.dirname, '../..')
  const hash = createHash('sha256')
  for (const place of MEASURED_BY)
    for (const file of filesOf(path.join(root, place)))
      hash.update(path.relative(root, file)).update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

const filesOf = (place: string): readonly string[] =>
  place.endsWith('.ts')
    ? [place]
    : readdirSync(place)
        .sort()
        .map((name) => path.join(place, name))

/** Measurements with the constant part of each metric written once per entry. */
export interface Packed {
  /** Places in the entry's dictionary. */
  readonly series: Uint16Array
  readonly values: Float64Array
  readonly supports: Float64Array
  readonly absolute: Measured['absolute']
}

type Constant = Omit<Metric, 'value' | 'support'>

/** The constant parts of the metrics of one entry. */
export interface Dictionary {
  readonly constants: Constant[]
  pack(measured: Measured): Packed
}

export function createDictionary(): Dictionary {
  const constants: Constant[] = []
  const places = new Map<string, number>()
  const placeOf = ({ value: _, support: __, ...constant }: Metric): number => {
    const key = JSON.stringify(constant)
    const place = places.get(key) ?? constants.push(constant) - 1
    places.set(key, place)
    return place
  }
  return {
    constants,
    pack: ({ metrics, absolute }) => ({
      series: Uint16Array.from(metrics, placeOf),
      values: Float64Array.from(metrics, ({ value }) => value),
      supports: Float64Array.from(metrics, ({ support }) => support),
      absolute,
    }),
  }
}

/** Measurements as they were packed, bit for bit. */
export const unpack = (
  { series, values, supports, absolute }: Packed,
  constants: readonly Constant[],
): Measured => ({
  metrics: Array.from(series, (place, i) => ({
    ...constants[place]!,
    value: values[i]!,
    support: supports[i]!,
  })),
  absolute,
})
