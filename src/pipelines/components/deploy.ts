import { FiableError } from '../../data/errors.ts'
import { openOnnx } from '../../engines/onnx.ts'
import {
  checkExample,
  type ExampleCheck,
  type ExampleRequest,
  type Signature,
} from '../../row-models/example-request.ts'
import { digestOf, type NamedFiles, openNamedFiles } from '../../tracking/named-files.ts'
import { PRODUCTION, type RegisteredVersion, setAlias, versionOf } from '../../tracking/registry.ts'
import type { Store } from '../../tracking/store.ts'
import { defineComponent } from '../component.ts'
import { double, integer, string } from '../parameter.ts'
import { storeInputs, withStoreOf } from './store-inputs.ts'

/** Most that a score may differ from the recorded one, in nats: rounding on another machine. */
const TOLERANCE = 1e-5

/** A registered row model put into service, and proven to give the scores that were recorded when it was made. */
export const deploy = defineComponent({
  name: 'deploy',
  version: '1',
  about: 'Puts a registered row model into service: for the monitor, or as a folder that model servers take.',
  inputs: {
    ...storeInputs,
    name: string({ min: 1, about: 'Name of the registered model.' }),
    version: integer({ default: 0, min: 0, about: 'The newest when 0.' }),
    to: string({
      default: '',
      about: 'A folder or s3://bucket/prefix to serve from; the monitor when empty.',
    }),
    alias: string({ default: PRODUCTION, about: 'What the version is called once it is in service.' }),
  },
  outputs: {
    version: integer(),
    uri: string({ about: 'Where the deployed file is.' }),
    checked: integer({ about: 'Rows scored with the deployed file.' }),
    maxDifference: double({ about: 'Largest difference to the recorded scores, in nats.' }),
  },
  cache: false,
  run: ({ inputs }) =>
    withStoreOf(inputs, async (store) => {
      const { name, to, alias } = inputs
      if (to !== '') checkFolderName(name)
      const version = await versionOf(
        store.db,
        name,
        inputs.version === 0 ? undefined : String(inputs.version),
      )
      const example = await exampleOf(store, version)
      const { uri, check } = to
        ? await serve(store, { version, example, files: await openNamedFiles(to) })
        : { uri: version.uri, check: await checked(await fileOf(store, version), { version, example }) }
      await setAlias(store.db, { name, alias, version: version.version, nowMs: Date.now() })
      return { version: version.version, uri, checked: check.rows, maxDifference: check.maxDifference }
    }),
})

/** A model server takes the name of a folder for that of the model. */
function checkFolderName(name: string): void {
  if (/^\w[\w.-]*$/.test(name)) return
  throw new FiableError(
    'BAD_ARGUMENT',
    `The model ${name} cannot be a folder of that name.`,
    'Train it under a name of letters, digits, dots, dashes and underscores: `fiable train DATASET --name NAME`.',
  )
}

interface Deployed {
  readonly version: RegisteredVersion
  readonly example: ExampleRequest
}

const fileOf = ({ artifacts }: Store, { uri }: RegisteredVersion): Promise<Buffer> =>
  artifacts.get(uri.replace('artifact:', ''))

/** The example that was kept with a version: without one, nothing says whether it works where it is deployed. */
async function exampleOf({ artifacts }: Store, { name, version, signature }: RegisteredVersion) {
  const digest = (signature as { readonly example?: string } | null)?.example
  if (digest) return JSON.parse(String(await artifacts.get(digest))) as ExampleRequest
  throw new FiableError(
    'NOT_FOUND',
    `${name}@${version} was registered without an example: its deployment cannot be tested.`,
    'Train it again with `fiable train`, which records one.',
  )
}

/** Scores the example with the bytes as they are where the model serves from. */
async function checked(file: Uint8Array, { version, example }: Deployed): Promise<ExampleCheck> {
  const digest = digestOf(file)
  if (version.uri !== `artifact:${digest}`)
    throw undeployable(version, `the file there has the digest ${digest}, not that of ${version.uri}`)
  const check = await checkExample(file, example, openOnnx)
  if (check.maxDifference <= TOLERANCE) return check
  throw undeployable(version, `its scores differ by up to ${check.maxDifference} nats from those recorded`)
}

const undeployable = ({ name, version }: RegisteredVersion, why: string): FiableError =>
  new FiableError(
    'STORE_CORRUPT',
    `${name}@${version} was not deployed: ${why}.`,
    'Restore the file, or train the model again; what was in service still is.',
  )

/**
 * Writes the folder that Triton and KServe serve a model from, the model itself last: servers that look for new versions find
 * a whole one.
 */
async function serve(store: Store, deployed: Deployed & { readonly files: NamedFiles }) {
  const { version, example, files } = deployed
  const { name } = version
  const folder = `${name}/${version.version}`
  const model = `${folder}/model.onnx`
  const there = await files.get(model)
  if (there && version.uri !== `artifact:${digestOf(there)}`) throw occupied(files.uriOf(model), version)
  await files.put(`${name}/config.pbtxt`, Buffer.from(tritonConfig(name, example.signature)))
  await files.put(`${folder}/metadata.json`, json(describe(version, example.signature)))
  await files.put(`${folder}/example.json`, json({ request: example.request, response: example.response }))
  await files.put(model, await fileOf(store, version))
  try {
    return { uri: files.uriOf(model), check: await checked((await files.get(model))!, deployed) }
  } catch (thrown) {
    await files.remove(model)
    throw thrown
  }
}

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

const describe = (version: RegisteredVersion, signature: Signature) => ({
  name: version.name,
  version: version.version,
  description: version.description,
  owner: version.owner,
  model_type: version.modelType,
  training_framework: version.trainingFramework,
  hyperparameters: version.hyperparameters,
  labels: version.labels,
  metrics: version.metrics,
  sha256: version.uri.replace('artifact:', ''),
  created: new Date(version.createdMs).toISOString(),
  ...signature,
})

const TRITON_TYPES = {
  FP64: 'TYPE_FP64',
  FP32: 'TYPE_FP32',
  INT32: 'TYPE_INT32',
  INT64: 'TYPE_INT64',
  BYTES: 'TYPE_STRING',
} as const

/** How Triton is told of a model: every tensor with its rows, as models of rows take any number of them. */
function tritonConfig(name: string, { inputs, outputs }: Signature): string {
  const tensor = (tensor: Signature['inputs'][number]): string =>
    `  { name: ${JSON.stringify(tensor.name)}, data_type: ${TRITON_TYPES[tensor.datatype]}, dims: [${tensor.shape.join(', ')}] }`
  return [
    `name: ${JSON.stringify(name)}`,
    'backend: "onnxruntime"',
    'max_batch_size: 0',
    `input [\n${inputs.map(tensor).join(',\n')}\n]`,
    `output [\n${outputs.map(tensor).join(',\n')}\n]`,
    '',
  ].join('\n')
}

const occupied = (uri: string, { name, version }: RegisteredVersion): FiableError =>
  new FiableError(
    'CONFLICT',
    `${uri} is another model than ${name}@${version}.`,
    'Deploy to another folder, or remove what is there.',
  )
