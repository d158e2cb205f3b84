import { readFile, writeFile } from 'node:fs/promises'
import { FiableError } from '../../data/errors.ts'
import { decodeProfile, encodeProfile } from '../../profile/codec.ts'
import { mergeProfiles as merge } from '../../profile/merge.ts'
import { artifact, artifacts } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer } from '../parameter.ts'

/** The profile of all rows behind several profiles, exactly as if they had been scanned together. */
export const mergeProfiles = defineComponent({
  name: 'merge-profiles',
  version: '1',
  about: 'Merges profiles of shards or days into one, exactly.',
  inputs: { profiles: artifacts('Profile') },
  outputs: { profile: artifact('Profile'), rows: integer() },
  async run({ inputs, outputs }) {
    const profiles = await Promise.all(
      inputs.profiles.map(async ({ path }) => decodeProfile(await readFile(path))),
    )
    const [first, ...rest] = profiles
    if (!first)
      throw new FiableError(
        'BAD_ARGUMENT',
        'There are no profiles to merge.',
        'Give at least one: is the table empty?',
      )
    const merged = rest.reduce(merge, first)
    await writeFile(outputs.profile.path, encodeProfile(merged))
    outputs.profile.metadata.rows = merged.rows
    return { rows: merged.rows }
  },
})
