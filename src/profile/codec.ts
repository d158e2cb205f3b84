import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { FiableError, messageOf } from '../data/errors.ts'
import { PROFILE_VERSION, type Profile } from '../data/profile.ts'

/** First bytes of every encoded profile, followed by one byte of version and the compressed JSON. */
const MAGIC = Buffer.from('FIAP')

/** A third of the time of the default, for a twentieth more bytes. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** A profile as bytes to store: a mark, its version, and zstd of its JSON. */
export function encodeProfile(profile: Profile): Buffer {
  const json = zstdCompressSync(JSON.stringify(profile), FAST)
  return Buffer.concat([MAGIC, Buffer.from([profile.version]), json])
}

/**
 * The profile that `encodeProfile` stored.
 *
 * @throws FiableError STORE_NEWER when a newer version of Fiable wrote it; STORE_CORRUPT when these are no such bytes.
 */
export function decodeProfile(bytes: Buffer): Profile {
  const version = bytes[MAGIC.length]
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || version === undefined)
    throw corrupt('they do not begin as a profile does')
  if (version > PROFILE_VERSION)
    throw new FiableError(
      'STORE_NEWER',
      `A stored profile is of version ${version}; this version of Fiable reads up to ${PROFILE_VERSION}.`,
      'Update Fiable to the version that wrote it, or profile the batch again.',
    )
  return parse(bytes.subarray(MAGIC.length + 1))
}

function parse(compressed: Buffer): Profile {
  try {
    return JSON.parse(zstdDecompressSync(compressed).toString()) as Profile
  } catch (cause) {
    throw corrupt(messageOf(cause), cause)
  }
}

const corrupt = (why: string, cause?: unknown): FiableError =>
  new FiableError(
    'STORE_CORRUPT',
    `Stored bytes are not a profile: ${why}.`,
    'Profile the batch again; if it happens twice, check the disk.',
    { cause },
  )
