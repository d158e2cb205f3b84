import path from 'node:path'
import pc from 'picocolors'
import { deployPipeline } from '../pipelines/built-in-pipelines.ts'
import { runPipeline } from '../pipelines/run-pipeline.ts'
import { isDatabaseUrl } from '../tracking/store.ts'
import { EXIT } from './exit.ts'
import { versionNamed } from './model-registry.ts'
import { watched } from './run.ts'
import { type RunnerFlags, withRunner } from './runner.ts'
import { say } from './with-store.ts'

export interface DeployFlags extends RunnerFlags {
  readonly to?: string
  readonly alias: string
}

/** `fiable deploy`: a registered model into service, by the pipeline of that name. */
export const deploy = (model: string, flags: DeployFlags): Promise<void> =>
  withRunner(flags, async (options) => {
    const { store } = options
    const { name, version } = await versionNamed(store, model)
    const place = isDatabaseUrl(flags.store)
      ? { store: flags.store, artifacts: store.folder }
      : { store: store.folder }
    const to = flags.to === undefined || flags.to.startsWith('s3://') ? flags.to : path.resolve(flags.to)
    const parameters = { ...place, name, version, alias: flags.alias, ...(to === undefined ? {} : { to }) }
    const { runId, state, error, outputs } = await watched(options, (own) =>
      runPipeline(deployPipeline.graph, { ...own, parameters }),
    )
    const told = Object.fromEntries(
      Object.entries(outputs).map(([key, value]) => [key, value.kind === 'parameter' ? value.value : null]),
    )
    if (flags.format === 'json') say(JSON.stringify({ run: runId, state, error, name, ...told }))
    else if (state !== 'COMPLETE') say(`${pc.red('not deployed')}: ${error}`)
    else
      say(
        [
          pc.bold(`${name}@${version} is ${flags.alias}`),
          `  file   ${told.uri}`,
          `  test   ${told.checked} rows scored there, at most ${told.maxDifference} nats from the recorded scores`,
        ].join('\n'),
      )
    if (state !== 'COMPLETE') process.exitCode = EXIT.cannotJudge
  })
