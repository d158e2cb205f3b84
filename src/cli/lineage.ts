import pc from 'picocolors'
import { artifactsNamed, type Lineage, lineageOf, lineageOfAlert } from '../tracking/lineage.ts'
import { openStore, type Store } from '../tracking/store.ts'
import { numberOf } from './runner.ts'

interface Flags {
  readonly store: string
  readonly format: 'text' | 'json'
  readonly depth: string
}

/** `fiable lineage`: of an artifact, or of a verdict. */
export async function lineage(what: string, flags: Flags): Promise<void> {
  const store = await openStore(flags.store)
  try {
    const [dataset = '', ...rest] = what.split('/')
    if (rest.length > 0) await ofAlert(store, { dataset, batch: rest.join('/') }, flags)
    else await ofArtifact(store, what, flags)
  } finally {
    await store.close()
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function ofArtifact({ db }: Store, digest: string, flags: Flags): Promise<void> {
  const ids = await artifactsNamed(db, digest)
  const depth = numberOf(flags.depth, '--depth')
  const back = await lineageOf(db, ids, { direction: 'back', depth })
  const forward = await lineageOf(db, ids, { direction: 'forward', depth })
  if (flags.format === 'json') say(JSON.stringify({ back, forward }))
  else say([pc.bold('made of'), ...linesOf(back), pc.bold('used by'), ...linesOf(forward)].join('\n'))
}

/** One line per execution: what went in, what it was, what came out. */
function linesOf({ executions, events, artifacts, isCut }: Lineage): readonly string[] {
  const names = new Map(artifacts.map(({ id, type, digest }) => [id, `${type} ${digest.slice(0, 12)}`]))
  const files = (execution: number, type: 'INPUT' | 'OUTPUT'): string =>
    events
      .filter((event) => event.execution === execution && event.type === type)
      .map((event) => names.get(event.artifact) ?? '')
      .join(', ')
  const lines = executions.map(({ id, runId, path, component, version, codeVersion }) => {
    const step = pc.cyan(`${component}@${version}`)
    return `  ${files(id, 'INPUT') || 'nothing'} → ${step} ${pc.dim(`run ${runId} ${path}, ${codeVersion}`)} → ${files(id, 'OUTPUT')}`
  })
  const told = lines.length > 0 ? lines : ['  nothing']
  return isCut ? [...told, pc.dim('  … and more, with a larger --depth')] : told
}

async function ofAlert(
  { db }: Store,
  { dataset, batch }: { readonly dataset: string; readonly batch: string },
  flags: Flags,
): Promise<void> {
  const found = await lineageOfAlert(db, dataset, batch)
  if (flags.format === 'json') return say(JSON.stringify(found))
  const { input, outputs, baseline, affects, judgedMs, revision, declaration, rowModel } = found
  say(
    [
      pc.bold(`${dataset}/${batch}`) +
        pc.dim(` revision ${revision}, judged ${new Date(judgedMs).toISOString()}`),
      `  data      ${input.uri} ${pc.dim(`${input.rows} rows, content ${input.contentHash}`)}`,
      `  profile   ${outputs.profileDigest}`,
      `  sample    ${outputs.sampleDigest}`,
      `  declared  ${JSON.stringify(declaration)}`,
      `  against   ${baseline.length} batches${baseline.length > 0 ? `, ${baseline[0]!.batch} … ${baseline.at(-1)!.batch}` : ''}`,
      ...(rowModel
        ? [
            `  row model ${rowModel.name}@${rowModel.version} ${pc.dim(`fiable lineage ${rowModel.digest.slice(0, 12)}`)}`,
          ]
        : []),
      `  affects   ${affects.length} later batches`,
      `  artifacts ${found.artifacts.length} of runs with the same content`,
    ].join('\n'),
  )
}
