import pc from 'picocolors'
import { datasetNamed, open } from '../monitor/project.ts'
import { listModelVersions } from '../tracking/models.ts'

/** `fiable models`: the trained versions, newest first. */
export async function models(
  dataset: string | undefined,
  flags: { readonly store: string; readonly format: 'text' | 'json' },
): Promise<void> {
  const project = await open({ store: flags.store })
  try {
    const id = dataset === undefined ? undefined : (await datasetNamed(project, dataset)).id
    const versions = await listModelVersions(project.store.db, id)
    if (flags.format === 'json') process.stdout.write(`${JSON.stringify(versions, null, 2)}\n`)
    else if (versions.length === 0)
      process.stdout.write('No model is trained yet: `fiable train DATASET` trains one.\n')
    for (const { name, version, modelType, createdMs, uri, owner } of flags.format === 'json' ? [] : versions)
      process.stdout.write(
        `${pc.bold(`${name} ${version}`)}  ${new Date(createdMs).toISOString().slice(0, 16)}  ${modelType}${owner ? `  ${owner}` : ''}\n  ${pc.dim(uri)}\n`,
      )
  } finally {
    await project.close()
  }
}
