import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import type { NewArtifact } from '../tracking/executions.ts'
import type { Objects } from '../tracking/objects.ts'
import { type ArtifactType, schemaTitleOf } from './artifact.ts'
import type { ChildPool } from './child-pool.ts'
import type { Component } from './component.ts'
import { type ExecutorInput, type ExecutorOutput, parseExecutorOutput } from './executor.ts'
import { problemWith } from './parameter.ts'
import type { Task } from './plan-tasks.ts'
import { pathOfUri } from './run-step.ts'
import type { StepReply } from './step-child.ts'

/** What a task needs around it. */
export interface TaskSurroundings {
  readonly component: Component
  readonly objects: Objects
  readonly pool: ChildPool
  /** A folder of the attempt's own. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** What an attempt gave, in the artifact store. */
export interface TaskOutcome {
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, NewArtifact>>
  readonly usage: { readonly cpuMs: number; readonly peakMemoryMb: number }
}

/** The file in an attempt's folder to which all it prints goes. */
export const logFile = (folder: string): string => path.join(folder, 'log.txt')

/**
 * Runs one attempt at a task: inputs from the artifact store, the step in a child process, outputs into the store.
 *
 * @throws FiableError of the step; CRASHED, TIMED_OUT, CANCELLED; STORE_CORRUPT for an input that is not what its digest
 * says; DISK_FULL when it holds more than its share; BAD_ARGUMENT or BAD_SCHEMA when its outputs are not as declared.
 */
export async function executeTask(task: Task, around: TaskSurroundings): Promise<TaskOutcome> {
  const { component, pool, folder } = around
  await mkdir(path.join(folder, 'outputs'), { recursive: true })
  const input = await executorInputOf(task, around)
  const watch = watchLimits(task, around)
  let reply: StepReply
  try {
    reply = await pool.run(requestOf(component, folder, input), {
      memoryMb: component.resources.memoryMb,
      signal: watch.signal,
      onBegun: watch.begin,
    })
  } finally {
    watch.end()
    await rm(path.join(folder, 'tmp'), { recursive: true, force: true })
  }
  if (reply.error) throw new FiableError(reply.error.code, reply.error.message, reply.error.fix)
  const output = await readOutput(input.outputs.outputFile, task)
  return {
    ...(await collect(task, output, around)),
    usage: { cpuMs: reply.cpuMs, peakMemoryMb: reply.peakMemoryMb },
  }
}

const requestOf = ({ name }: Component, folder: string, input: ExecutorInput) => ({
  component: name,
  executorInput: JSON.stringify(input),
  log: logFile(folder),
  temp: path.join(folder, 'tmp'),
})

async function executorInputOf(
  task: Task,
  { component, objects, folder }: TaskSurroundings,
): Promise<ExecutorInput> {
  const artifacts = await Promise.all(
    Object.entries(task.artifacts).map(async ([key, files]) => {
      const given = files.map(async ({ name, type, digest, metadata }) => ({
        name,
        type: { schemaTitle: schemaTitleOf(type) },
        uri: await objects.pathOf(digest),
        metadata: { ...metadata },
      }))
      return [key, { artifacts: await Promise.all(given) }] as const
    }),
  )
  return {
    inputs: { parameterValues: { ...task.parameters }, artifacts: Object.fromEntries(artifacts) },
    outputs: {
      parameters: {},
      artifacts: Object.fromEntries(
        Object.entries(component.outputs).flatMap(([key, port]) =>
          port.kind === 'artifact' ? [[key, { artifacts: [placeOf(key, port.type, folder)] }]] : [],
        ),
      ),
      outputFile: path.join(folder, 'executor_output.json'),
    },
  }
}

const placeOf = (key: string, type: ArtifactType, folder: string) => ({
  name: key,
  type: { schemaTitle: schemaTitleOf(type) },
  uri: path.join(folder, 'outputs', key),
  metadata: {},
})

const DISK_LOOK_MS = 1000

/** A signal that also fires when the step has had its time, or holds too much on disk. */
function watchLimits(
  { path: where }: Task,
  { component, folder, signal }: TaskSurroundings,
): { readonly signal: AbortSignal; begin(): void; end(): void } {
  const own = new AbortController()
  const { timeoutMs, resources } = component
  let timer: NodeJS.Timeout | undefined
  const look = setInterval(async () => {
    const megabytes = (await bytesIn(folder)) / 2 ** 20
    if (megabytes > resources.diskMb) own.abort(tooLarge(where, megabytes, resources.diskMb))
  }, DISK_LOOK_MS)
  return {
    signal: AbortSignal.any([signal, own.signal]),
    begin() {
      if (timeoutMs !== null) timer = setTimeout(() => own.abort(tooLong(where, timeoutMs)), timeoutMs)
    },
    end() {
      clearTimeout(timer)
      clearInterval(look)
    },
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = entries.map(async (entry) =>
    entry.isFile() ? ((await stat(path.join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0) : 0,
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const tooLong = (where: string, timeoutMs: number): FiableError =>
  new FiableError(
    'TIMED_OUT',
    `The step ${where} did not end within ${timeoutMs} ms and was killed.`,
    'Raise timeoutMs of the component, or give it less to do.',
  )

const tooLarge = (where: string, megabytes: number, limit: number): FiableError =>
  new FiableError(
    'DISK_FULL',
    `The step ${where} holds ${Math.round(megabytes)} MB on disk, more than its ${limit} MB, and was killed.`,
    'Raise resources.diskMb of the component, or let it write less.',
  )

async function readOutput(file: string, { path: where }: Task): Promise<ExecutorOutput> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FiableError(
      'BAD_SCHEMA',
      `The step ${where} ended without writing its output file.`,
      'Make the component write an ExecutorOutput to outputs.outputFile.',
      { cause },
    )
  })
  return parseExecutorOutput(text, where)
}

async function collect(
  task: Task,
  output: ExecutorOutput,
  { component, objects, folder }: TaskSurroundings,
): Promise<Pick<TaskOutcome, 'parameters' | 'artifacts'>> {
  const files: [string, string, ArtifactType][] = []
  for (const [key, port] of Object.entries(component.outputs)) {
    if (port.kind === 'parameter')
      checkValue(task, { key, problem: problemWith(port, output.parameterValues[key]) })
    else files.push([key, await ownFile(task, key, { output, folder }), port.type])
  }
  const artifacts: Record<string, NewArtifact> = {}
  for (const [key, file, type] of files) {
    const { size } = await stat(file)
    const digest = await objects.adopt(file)
    const metadata = output.artifacts[key]?.artifacts[0]?.metadata ?? {}
    artifacts[key] = { type, name: key, digest, bytes: size, metadata, uri: objects.uriOf(digest) }
  }
  return { parameters: output.parameterValues, artifacts }
}

function checkValue(
  { path: where }: Task,
  { key, problem }: { readonly key: string; readonly problem: string | null },
): void {
  if (problem) throw badOutput(where, `gave an output whose ${key} ${problem}`)
}

/** The file of an output, which must lie in the folder of the attempt: others may change what lies elsewhere. */
async function ownFile(
  { path: where }: Task,
  key: string,
  { output, folder }: { readonly output: ExecutorOutput; readonly folder: string },
): Promise<string> {
  const uri = output.artifacts[key]?.artifacts[0]?.uri
  const file = uri === undefined ? path.join(folder, 'outputs', key) : pathOfUri(uri)
  const real = await realpath(file).catch(() => null)
  if (real === null) throw badOutput(where, `wrote no file for its output ${key}`)
  const inside = path.join(await realpath(folder), 'outputs') + path.sep
  if (!real.startsWith(inside) || !(await stat(real)).isFile())
    throw badOutput(where, `gave ${real} as its output ${key}, which is no file of its folder`)
  return real
}

const badOutput = (where: string, what: string): FiableError =>
  new FiableError(
    'BAD_SCHEMA',
    `The step ${where} ${what}.`,
    'Correct the component so that it gives what it declares, at the places it is given.',
  )
