import type { Component } from '../component.ts'
import { compare } from './compare.ts'
import { corrupt } from './corrupt.ts'
import { evaluate } from './evaluate.ts'
import { ingest } from './ingest.ts'
import { listBatches } from './list-batches.ts'
import { mergeProfiles } from './merge-profiles.ts'
import { planShards } from './plan-shards.ts'
import { profile } from './profile.ts'
import { register } from './register.ts'

/** The components that come with Fiable. Adding one is one file, one line here, one test. */
export const builtInComponents: readonly Component[] = [
  listBatches,
  ingest,
  planShards,
  profile,
  mergeProfiles,
  corrupt,
  evaluate,
  compare,
  register,
]
