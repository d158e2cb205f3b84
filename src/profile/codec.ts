import { type Frequencies, PROFILE_VERSION, type Profile, type RowKeys } from '../data/profile.ts'
import { joinContent, type StoredKind, seal, splitContent, unseal } from './stored-bytes.ts'

const PROFILE: StoredKind = { name: 'profile', mark: Buffer.from('FIAP'), version: PROFILE_VERSION }

/** A profile but for its row keys, of which only the number is told. */
interface Header extends Omit<Profile, 'rowKeys'> {
  readonly rowKeys: { readonly level: number; readonly size: number }
}

/** The first version: its row keys were 16 hex digits each. */
interface Profile1 extends Omit<Profile, 'rowKeys'> {
  readonly rowKeys: Frequencies<string>
}

/** A profile as bytes to store, sealed: JSON, and the arrays of the row keys. */
export function encodeProfile(profile: Profile): Buffer {
  const { level, words, counts } = profile.rowKeys
  const header: Header = { ...profile, rowKeys: { level, size: counts.length } }
  const arrays = [words, counts] as readonly ArrayBufferView<ArrayBuffer>[]
  return seal(PROFILE.mark, profile.version, joinContent(header, arrays))
}

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
  splitContent(content, ({ rowKeys: { level, size }, ...profile }: Header, take) => {
    const [words, counts] = [new Uint32Array(take(8 * size)), new Float64Array(take(8 * size))]
    return { ...profile, rowKeys: { level, words, counts } }
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
