import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { parseExecutorInput, parseExecutorOutput } from '../../src/pipelines/executor.ts'
import { pathOfUri, runStep } from '../../src/pipelines/run-step.ts'
import { tempFolder } from '../temp-folder.ts'
import { add, make, misbehave, show } from './sample-components.ts'

/** An ExecutorInput as the launcher of Kubeflow Pipelines writes it. */
const inputOf = (
  folder: string,
  parameterValues: object,
  artifacts: object = {},
  outputs: readonly string[] = [],
) =>
  JSON.stringify({
    inputs: { parameterValues, artifacts },
    outputs: {
      artifacts: Object.fromEntries(
        outputs.map((name) => [
          name,
          { artifacts: [{ name, type: { schemaTitle: 'system.Artifact' }, uri: path.join(folder, name) }] },
        ]),
      ),
      outputFile: path.join(folder, 'executor_output.json'),
    },
  })

test('a step reads an ExecutorInput and writes its ExecutorOutput to the output file', async (t) => {
  const folder = tempFolder(t)
  await runStep(make, parseExecutorInput(inputOf(folder, { value: 21 }, {}, ['data'])))
  const text = readFileSync(path.join(folder, 'executor_output.json'), 'utf8')
  assert.deepEqual(JSON.parse(text), {
    parameterValues: { twice: 42 },
    artifacts: {
      data: {
        artifacts: [
          {
            name: 'data',
            type: { schemaTitle: 'system.Dataset', schemaVersion: '0.0.1' },
            uri: path.join(folder, 'data'),
            metadata: { rows: 1 },
          },
        ],
      },
    },
  })
  assert.equal(readFileSync(path.join(folder, 'data'), 'utf8'), '21')
  assert.deepEqual(parseExecutorOutput(text, 'make').parameterValues, { twice: 42 })
})

test('a list of files comes in as one input, from paths and file URLs', async (t) => {
  const folder = tempFolder(t)
  const files = [1, 2, 3].map((value) => {
    const file = path.join(folder, `in ${value}`)
    writeFileSync(file, String(value))
    return { name: 'n', uri: value === 2 ? pathToFileURL(file).href : file, metadata: {} }
  })
  const output = await runStep(
    add,
    parseExecutorInput(inputOf(folder, {}, { data: { artifacts: files } }, ['metrics'])),
  )
  assert.deepEqual(output.parameterValues, { total: 6 })
  assert.deepEqual(output.artifacts.metrics?.artifacts[0]?.metadata, { total: 6 })
})

test('parameters left out take their defaults', async (t) => {
  const output = await runStep(show, parseExecutorInput(inputOf(tempFolder(t), { text: 'hi' })))
  assert.deepEqual(output.parameterValues, { told: 'hi 0.5 false {}' })
})

test('objects of Kubeflow Pipelines are read where it mounts them', () => {
  assert.equal(pathOfUri('gs://bucket/a/b'), '/gcs/bucket/a/b')
  assert.equal(pathOfUri('minio://mlpipeline/v2/a%20b'), '/minio/mlpipeline/v2/a b')
  assert.throws(() => pathOfUri('ftp://x/y'), /has no path here/)
})

test('inputs that do not fit are refused by name', async (t) => {
  const folder = tempFolder(t)
  const run = (parameters: object, outputs = ['data']) =>
    runStep(make, parseExecutorInput(inputOf(folder, parameters, {}, outputs)))
  await assert.rejects(run({}), /value is missing/)
  await assert.rejects(run({ value: -1 }), /value must be from 0 to 1000 and is -1/)
  await assert.rejects(run({ value: 1.5 }), /value must be of type integer/)
  await assert.rejects(run({ value: 1, other: 2 }), /other is not one of its parameters/)
  await assert.rejects(run({ value: 1 }, []), /says nowhere to write data/)
  assert.throws(() => parseExecutorInput('{"inputs":'), /is not JSON/)
  assert.throws(() => parseExecutorInput('{}'), /outputs/)
})

test('outputs that were not written, lie elsewhere, or filled the disk are refused', async (t) => {
  const folder = tempFolder(t)
  const run = (how: string) =>
    runStep(
      misbehave,
      parseExecutorInput(inputOf(folder, { how, target: import.meta.filename }, {}, ['data'])),
    )
  await assert.rejects(run('nothing'), /wrote no file for its output data/)
  await assert.rejects(run('full'), { code: 'DISK_FULL' })
  await assert.rejects(run('link'), /wrote its output data outside of its folder/)
})
