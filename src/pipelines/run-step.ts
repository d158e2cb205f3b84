import { mkdir, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Json } from '../data/json.ts'
import { type InputArtifact, type OutputArtifact, schemaTitleOf } from './artifact.ts'
import type { Component, Inputs, Ports } from './component.ts'
import type { ExecutorInput, ExecutorOutput, RuntimeArtifact } from './executor.ts'
import { completeParameters, type Parameter, problemWith } from './parameter.ts'

/**
 * Runs one step by the contract of Kubeflow Pipelines: reads an ExecutorInput, does the work, and writes the
 * ExecutorOutput to `outputs.outputFile`, whole or not at all.
 *
 * @throws FiableError BAD_ARGUMENT when inputs do not fit the component's declaration, BAD_SCHEMA when its outputs do not,
 * DISK_FULL, and whatever the step throws.
 */
export async function runStep(
  component: Component,
  input: ExecutorInput,
  signal: AbortSignal = new AbortController().signal,
): Promise<ExecutorOutput> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fiable-step-'))
  try {
    const outputs = await outputFiles(component, input)
    const returned = await component.run({ inputs: inputsOf(component, input), outputs, folder, signal })
    const output = {
      parameterValues: checkReturned(component, returned),
      artifacts: await writtenFiles(component, { input, outputs }),
    }
    await writeOutput(input.outputs.outputFile, output)
    return output
  } catch (thrown) {
    throw namedFull(component, thrown)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function namedFull({ name }: Component, thrown: unknown): unknown {
  if ((thrown as NodeJS.ErrnoException)?.code !== 'ENOSPC') return thrown
  return new FiableError(
    'DISK_FULL',
    `The step ${name} found the disk full: ${messageOf(thrown)}.`,
    'Free space, or point TMPDIR and --store at a larger disk, then retry the run.',
    { cause: thrown },
  )
}

/** Folders under which object stores are mounted in pods of Kubeflow Pipelines. */
const MOUNTS: Readonly<Record<string, string>> = {
  'gs:': '/gcs',
  's3:': '/s3',
  'minio:': '/minio',
  'oci:': '/oci',
}

/**
 * Where the file of a URI lies: a path, a `file:` URL, or an object that Kubeflow Pipelines mounts.
 *
 * @throws FiableError BAD_ARGUMENT for any other scheme.
 */
export function pathOfUri(uri: string): string {
  if (path.isAbsolute(uri)) return uri
  const { protocol, host, pathname } = URL.canParse(uri)
    ? new URL(uri)
    : { protocol: '', host: '', pathname: '' }
  if (protocol === 'file:') return fileURLToPath(uri)
  const mount = MOUNTS[protocol]
  if (mount) return `${mount}/${host}${decodeURIComponent(pathname)}`
  throw new FiableError(
    'BAD_ARGUMENT',
    `The artifact ${uri} has no path here.`,
    `Give an absolute path, or a URI of file:, ${Object.keys(MOUNTS).join(', ')}.`,
  )
}

function inputsOf(component: Component, { inputs }: ExecutorInput): Inputs<Ports> {
  const owner = `The step ${component.name}`
  const parameters = completeParameters(owner, parametersOf(component.inputs), inputs.parameterValues)
  const files: Record<string, InputArtifact | readonly InputArtifact[]> = {}
  for (const [name, port] of Object.entries(component.inputs)) {
    if (port.kind !== 'artifact') continue
    const given = (inputs.artifacts[name]?.artifacts ?? []).map(inputFile)
    files[name] = port.count === 'many' ? given : onlyFile(given, { owner, name, type: port.type })
  }
  return { ...parameters, ...files } as Inputs<Ports>
}

function onlyFile(
  given: readonly InputArtifact[],
  { owner, name, type }: { readonly owner: string; readonly name: string; readonly type: string },
): InputArtifact {
  if (given.length === 1) return given[0]!
  throw new FiableError(
    'BAD_ARGUMENT',
    `${owner} was given ${given.length} files as ${name}; it takes one ${type}.`,
    `Connect one ${type} to ${name}.`,
  )
}

const parametersOf = (ports: Ports): Readonly<Record<string, Parameter>> =>
  Object.fromEntries(
    Object.entries(ports).flatMap(([name, port]) => (port.kind === 'parameter' ? [[name, port]] : [])),
  )

const inputFile = ({ name, uri, metadata }: RuntimeArtifact): InputArtifact => ({
  name,
  uri,
  path: pathOfUri(uri),
  metadata,
})

async function outputFiles(
  component: Component,
  { outputs }: ExecutorInput,
): Promise<Readonly<Record<string, OutputArtifact>>> {
  const files = Object.entries(component.outputs).flatMap(([name, port]) =>
    port.kind === 'artifact'
      ? [[name, outputFile(component, name, outputs.artifacts[name]?.artifacts[0])] as const]
      : [],
  )
  await Promise.all(files.map(([, file]) => mkdir(path.dirname(file.path), { recursive: true })))
  return Object.fromEntries(files)
}

function outputFile(
  { name: step }: Component,
  name: string,
  given: RuntimeArtifact | undefined,
): OutputArtifact {
  if (given) return { name: given.name || name, path: pathOfUri(given.uri), metadata: { ...given.metadata } }
  throw new FiableError(
    'BAD_ARGUMENT',
    `The executor input says nowhere to write ${name} of the step ${step}.`,
    `Give outputs.artifacts.${name} with one artifact and its uri.`,
  )
}

/** Output parameters as declared: a missing or ill-typed one is a defect of the component. */
function checkReturned(component: Component, returned: unknown): Record<string, Json> {
  const given = (returned ?? {}) as Readonly<Record<string, Json>>
  const declared = parametersOf(component.outputs)
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name))
  if (unknown) throw badOutput(component, `returned ${unknown}, which is not one of its output parameters`)
  for (const [name, parameter] of Object.entries(declared)) {
    const value = given[name]
    const problem = value === undefined ? 'is missing' : problemWith(parameter, value)
    if (problem) throw badOutput(component, `returned outputs whose ${name} ${problem}`)
  }
  return given
}

const badOutput = ({ name, version }: Component, what: string): FiableError =>
  new FiableError(
    'BAD_SCHEMA',
    `The step ${name}@${version} ${what}.`,
    'Correct the component so that it gives what it declares.',
  )

interface Written {
  readonly input: ExecutorInput
  readonly outputs: Readonly<Record<string, OutputArtifact>>
}

async function writtenFiles(
  component: Component,
  { input, outputs }: Written,
): Promise<ExecutorOutput['artifacts']> {
  const entries = Object.entries(outputs).map(async ([name, file]) => {
    const { uri } = input.outputs.artifacts[name]!.artifacts[0]!
    const port = component.outputs[name] as Extract<Ports[string], { readonly kind: 'artifact' }>
    await checkWritten(component, name, file.path)
    const type = { schemaTitle: schemaTitleOf(port.type), schemaVersion: '0.0.1' }
    const written: RuntimeArtifact = { name: file.name, type, uri, metadata: file.metadata }
    return [name, { artifacts: [written] }] as [string, ExecutorOutput['artifacts'][string]]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** The file must be there, and be a file of the step's own: a link leads to bytes that others may change. */
async function checkWritten(component: Component, name: string, file: string): Promise<void> {
  const found = await stat(file).catch(() => null)
  if (!found?.isFile()) throw badOutput(component, `wrote no file for its output ${name} (${file})`)
  const real = await realpath(file)
  const folder = await realpath(path.dirname(file))
  if (path.dirname(real) !== folder)
    throw badOutput(component, `wrote its output ${name} outside of its folder: ${real}`)
}

async function writeOutput(file: string, output: ExecutorOutput): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(`${file}.part`, JSON.stringify(output))
  await rename(`${file}.part`, file)
}
