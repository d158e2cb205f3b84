import { deploy } from './components/deploy.ts'
import { evaluate } from './components/evaluate.ts'
import { ingest } from './components/ingest.ts'
import { listBatches } from './components/list-batches.ts'
import { mergeProfiles } from './components/merge-profiles.ts'
import { planShards } from './components/plan-shards.ts'
import { profile } from './components/profile.ts'
import { double, integer, string } from './parameter.ts'
import { definePipeline } from './pipeline.ts'
import { trainPipeline, trainShardsPipeline } from './train-pipeline.ts'

/** One batch profiled in shards, merged exactly. */
export const profileShards = definePipeline({
  name: 'profile-shards',
  about: 'Profiles one batch in shards, on as many processes as there are, and merges them exactly.',
  parameters: {
    data: string({ about: 'Files, globs, folders, or a postgresql:// URL.', min: 1 }),
    batch: string({ default: '', about: 'Key of the batch; the newest when empty.' }),
    shards: integer({ default: 2, min: 1, max: 10_000 }),
  },
  build(p, { data, batch, shards }) {
    const { dataset } = p.step(ingest, { data, batch }).outputs
    const { ranges } = p.step(planShards, { dataset, shards }).outputs
    const each = p.forEach(
      ranges,
      'struct',
      (range, shard) => ({
        profile: shard.step(profile, {
          dataset,
          first: range.field('first', 'integer'),
          rows: range.field('rows', 'integer'),
        }).outputs.profile,
      }),
      { name: 'shards' },
    )
    return p.step(mergeProfiles, { profiles: each.outputs.profile }).outputs
  },
})

/** Every batch of a source profiled, and all of them as one. */
export const profileHistory = definePipeline({
  name: 'profile-history',
  about: 'Profiles every batch of a source and merges them: the profile of the whole history.',
  parameters: {
    data: string({ about: 'Files, globs, folders, or a postgresql:// URL.', min: 1 }),
    by: string({ default: '', about: 'Date or time column that cuts the data into batches.' }),
    latest: integer({ default: 0, min: 0, about: 'Only the newest batches; all when 0.' }),
  },
  build(p, { data, by, latest }) {
    const { keys } = p.step(listBatches, { data, by, latest }).outputs
    const each = p.forEach(
      keys,
      'string',
      (batch, one) => {
        const { dataset } = one.step(ingest, { data, by, batch }).outputs
        return { profile: one.step(profile, { dataset }).outputs.profile }
      },
      { name: 'batches' },
    )
    return p.step(mergeProfiles, { profiles: each.outputs.profile }).outputs
  },
})

/** The monitor of a dataset measured under random corruption. */
export const drillPipeline = definePipeline({
  name: 'drill',
  about: 'Spoils shadow copies of the newest batches of a dataset and tells what its monitor would catch.',
  parameters: {
    store: string({ default: '.fiable', about: 'Folder of the store with the dataset.' }),
    dataset: string({ min: 1 }),
    batches: integer({ default: 12, min: 1, max: 10_000 }),
    fraction: double({ default: 0.1, min: 0.0001, max: 1 }),
  },
  build: (p, { store, dataset, batches, fraction }) =>
    p.step(evaluate, { store, dataset, batches, fraction }).outputs,
})

/** A registered row model put into service and tested there. */
export const deployPipeline = definePipeline({
  name: 'deploy',
  about:
    'Puts a registered row model into service, for the monitor or as files for a model server, and tests it there.',
  parameters: {
    store: string({
      default: '.fiable',
      about: 'Folder of the store, or the postgresql:// URL of a shared one.',
    }),
    artifacts: string({ default: '', about: 'With a URL, the folder of its artifacts.' }),
    name: string({ min: 1, about: 'Name of the registered model.' }),
    version: integer({ default: 0, min: 0, about: 'The newest when 0.' }),
    to: string({
      default: '',
      about: 'A folder or s3://bucket/prefix to serve from; the monitor when empty.',
    }),
    alias: string({ default: 'production', about: 'What the version is called once it is in service.' }),
  },
  build: (p, given) => p.step(deploy, given).outputs,
})

/** The pipelines that come with Fiable. */
export const builtInPipelines = [
  profileShards,
  profileHistory,
  drillPipeline,
  deployPipeline,
  trainPipeline,
  trainShardsPipeline,
]
