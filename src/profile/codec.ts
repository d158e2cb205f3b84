import { PROFILE_VERSION, type Profile } from '../data/profile.ts'
import { type StoredKind, seal, unseal } from './stored-bytes.ts'

const PROFILE: StoredKind = { name: 'profile', mark: Buffer.from('FIAP'), version: PROFILE_VERSION }

/** A profile as bytes to store: its JSON, sealed. */
export const encodeProfile = (profile: Profile): Buffer =>
  seal(PROFILE.mark, profile.version, JSON.stringify(profile))

/**
 * The profile that `encodeProfile` stored.
 *
 * @throws FiableError STORE_NEWER when a newer version of Fiable wrote it; STORE_CORRUPT when these are no such bytes.
 */
export const decodeProfile = (bytes: Buffer): Profile =>
  unseal(PROFILE, bytes, (content) => JSON.parse(content.toString()) as Profile)
