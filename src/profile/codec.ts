import {
  type ColumnProfile,
  type Frequencies,
  PROFILE_VERSION,
  type Profile,
  type RowKeys,
} from '../data/profile.ts'
import { joinContent, type StoredKind, seal, splitContent, unseal } from './stored-bytes.ts'
import { listOf } from './values-at.ts'

const PROFILE: StoredKind = { name: 'profile', mark: Buffer.from('FIAP'), version: PROFILE_VERSION }

/** How many numbers follow where a profile has lists of them. */
interface Sized {
  readonly level: number
  readonly size: number
}

/** A profile but for its longest lists of numbers, which follow: values and counts of each column, then the row keys. */
interface Header extends Omit<Profile, 'columns' | 'rowKeys'> {
  readonly columns: readonly (Omit<ColumnProfile, 'frequencies'> & {
    readonly frequencies: Frequencies<string> | Sized
  })[]
  readonly rowKeys: Sized
}

/** The first version was JSON only, and its row keys 16 hex digits each. */
interface Profile1 extends Omit<Profile, 'rowKeys'> {
  readonly rowKeys: Frequencies<string>
}

/** A profile as bytes to store, sealed. */
export function encodeProfile(profile: Profile): Buffer {
  const { level, words, counts } = profile.rowKeys
  const header: Header = {
    ...profile,
    columns: profile.columns.map((column) => ({ ...column, frequencies: headerOf(column.frequencies) })),
    rowKeys: { level, size: counts.length },
  }
  const arrays = [...profile.columns.flatMap(({ frequencies }) => arraysOf(frequencies)), words, counts]
  return seal(PROFILE.mark, profile.version, joinContent(header, arrays))
}

const areNumbers = (frequencies: Frequencies): frequencies is Frequencies<number> =>
  typeof frequencies.values[0] === 'number'

const headerOf = (frequencies: Frequencies): Frequencies<string> | Sized =>
  areNumbers(frequencies)
    ? { level: frequencies.level, size: frequencies.values.length }
    : (frequencies as Frequencies<string>)

const arraysOf = (frequencies: Frequencies): readonly Float64Array[] =>
  areNumbers(frequencies) ? [new Float64Array(frequencies.values), new Float64Array(frequencies.counts)] : []

/**
 * The profile that `encodeProfile` stored, or an earlier version of it; as of this version either way.
 *
 * @throws FiableError STORE_NEWER when a newer version of Fiable wrote it; STORE_CORRUPT when these are no such bytes.
 */
export const decodeProfile = (bytes: Buffer): Profile =>
  unseal(PROFILE, bytes, (content, version) =>
    version === 1 ? upgraded(JSON.parse(content.toString()) as Profile1) : parse(content),
  )

const parse = (content: Buffer): Profile =>
  splitContent(content, ({ columns, rowKeys: { level, size }, ...profile }: Header, take) => {
    const doubles = (length: number): Float64Array => new Float64Array(take(8 * length))
    const frequenciesOf = (stored: Frequencies<string> | Sized): Frequencies =>
      'size' in stored
        ? { level: stored.level, values: listOf(doubles(stored.size)), counts: listOf(doubles(stored.size)) }
        : stored
    return {
      ...profile,
      columns: columns.map((column) => ({ ...column, frequencies: frequenciesOf(column.frequencies) })),
      rowKeys: { level, words: new Uint32Array(take(8 * size)), counts: doubles(size) },
    }
  })

const upgraded = ({ rowKeys, ...profile }: Profile1): Profile => ({
  ...profile,
  version: PROFILE_VERSION,
  rowKeys: wordsOfHex(rowKeys),
})

function wordsOfHex({ level, values, counts }: Frequencies<string>): RowKeys {
  // The first digits are the highest: turned round, eight bytes at a time, they are words from low to high.
  const bytes = Buffer.from(values.join(''), 'hex').swap64()
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  return { level, words, counts: Float64Array.from(counts) }
}
