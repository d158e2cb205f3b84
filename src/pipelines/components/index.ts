import type { Component } from '../component.ts'
import { averageParameters } from './average-parameters.ts'
import { bundle } from './bundle.ts'
import { calibrate } from './calibrate.ts'
import { compare } from './compare.ts'
import { corrupt } from './corrupt.ts'
import { deploy } from './deploy.ts'
import { evaluate } from './evaluate.ts'
import { finishNetwork } from './finish-network.ts'
import { fitMember } from './fit-member.ts'
import { fitTransformer } from './fit-transformer.ts'
import { ingest } from './ingest.ts'
import { initNetwork } from './init-network.ts'
import { listBatches } from './list-batches.ts'
import { mergeForests } from './merge-forests.ts'
import { mergeProfiles } from './merge-profiles.ts'
import { planShards } from './plan-shards.ts'
import { prepare } from './prepare.ts'
import { profile } from './profile.ts'
import { register } from './register.ts'
import { registerRowModel } from './register-row-model.ts'
import { testRows } from './test-rows.ts'
import { trainForest } from './train-forest.ts'
import { trainRound } from './train-round.ts'

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
  prepare,
  fitTransformer,
  fitMember,
  trainForest,
  mergeForests,
  initNetwork,
  trainRound,
  averageParameters,
  finishNetwork,
  calibrate,
  bundle,
  testRows,
  register,
  registerRowModel,
  deploy,
]
