import { readFile } from 'node:fs/promises'
import type { Json } from '../../data/json.ts'
import { rowModelMetadata } from '../../detectors/rows/row-model-metadata.ts'
import type { ExampleRequest } from '../../row-models/example-request.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer, string } from '../parameter.ts'
import { keepFile, registerFile } from './register-file.ts'
import { datasetIn, storeInputs, withStoreOf } from './store-inputs.ts'

/** A new version of a row model, the challenger: what it is, it says itself. */
export const registerRowModel = defineComponent({
  name: 'register-row-model',
  version: '1',
  about: 'Registers a row model as the next version, the challenger; the first one is the champion too.',
  inputs: {
    ...storeInputs,
    model: artifact('Model', 'ONNX'),
    kept: artifact('Dataset', 'The reference rows that similar ones are named from.'),
    example: artifact('Artifact', 'A request with its response: JSON.'),
    metrics: artifact('Metrics', 'JSON'),
    report: artifact('Scorecard', 'JSON'),
    dataset: string({ min: 1, about: 'The dataset the model was trained on.' }),
    lastSlot: integer({ min: 0, about: 'Place of the newest batch learnt from.' }),
  },
  outputs: { version: integer() },
  cache: false,
  run: ({ inputs }) =>
    withStoreOf(inputs, async (store) => {
      const metadata = rowModelMetadata(await readFile(inputs.model.path))
      const metrics = JSON.parse(await readFile(inputs.metrics.path, 'utf8')) as Record<string, number>
      const example = JSON.parse(await readFile(inputs.example.path, 'utf8')) as ExampleRequest
      const title = {
        datasetId: (await datasetIn(store, inputs.dataset)).id,
        name: metadata.name,
        description: metadata.description,
        owner: metadata.owner,
        modelType: metadata.model_type,
        trainingFramework: metadata.training_framework,
        hyperparameters: metadata.hyperparameters as Json,
        labels: metadata.labels,
        lastSlot: inputs.lastSlot,
        keptDigest: inputs.kept.metadata.rows === 0 ? null : await keepFile(store, inputs.kept),
      }
      const evidence = {
        metrics,
        signature: {
          ...example.signature,
          example: await keepFile(store, inputs.example),
        } as unknown as Json,
        scorecardDigest: await keepFile(store, inputs.report),
      }
      const { version } = await registerFile(store, {
        ...{ path: inputs.model.path, title, evidence },
        nowMs: Date.now(),
      })
      return { version }
    }),
})
