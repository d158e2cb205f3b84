import { writeFile } from 'node:fs/promises'
import { bundleRowModel, keptPlaces } from '../../detectors/rows/bundle-row-model.ts'
import type { Hybrid } from '../../detectors/rows/hybrid.ts'
import { takeSample } from '../../detectors/rows/take-sample.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { exampleOf } from '../../row-models/example-request.ts'
import { artifact, artifacts } from '../artifact.ts'
import { CODE_VERSION } from '../code-version.ts'
import { defineComponent } from '../component.ts'
import { integer, string, struct } from '../parameter.ts'
import { readTransformer } from './fit-transformer.ts'
import { trainingInputs } from './reference-of.ts'
import { type MemberFile, readRows, readState, restoreMember, writeRows } from './row-files.ts'
import { withEngine } from './with-engine.ts'

/** A whole row model as one ONNX file. */
export const bundle = defineComponent({
  name: 'bundle',
  version: '1',
  about: 'Puts transformer, members and calibration into one ONNX file that says what it is.',
  inputs: {
    transformer: trainingInputs.transformer,
    dataset: trainingInputs.dataset,
    heldOut: trainingInputs.heldOut,
    members: artifacts('Model', 'In the order of their scores.'),
    calibration: artifact('Artifact'),
    name: string({ min: 1, about: 'Name of the model.' }),
    description: string({ default: '' }),
    owner: string({ default: '' }),
    labels: struct({ default: {} }),
  },
  outputs: {
    model: artifact('Model', 'ONNX'),
    kept: artifact('Dataset', 'The reference rows that similar ones are named from.'),
    example: artifact('Artifact', 'A request by the Open Inference Protocol with its response: JSON.'),
    bytes: integer(),
  },
  async run({ inputs, outputs, folder }) {
    const transformer = await readTransformer(inputs.transformer)
    const files = await Promise.all(inputs.members.map((file) => readState<MemberFile>(file)))
    const members = files.map(restoreMember)
    const hybrid = await readState<Hybrid>(inputs.calibration)
    return withEngine(folder, async (engine) => {
      const learnt = await readRows(engine, inputs.dataset, { folder })
      const heldOut = await readRows(engine, inputs.heldOut, { folder })
      const settings = Object.fromEntries(files.map((file) => [file.name, file.settings]))
      const rows = { learnt: learnt.rows, heldOut: heldOut.rows }
      const { name, description, owner } = inputs
      const labels = inputs.labels as Readonly<Record<string, string>>
      const { file, metadata } = bundleRowModel(
        { transformer, members, hybrid, settings, rows },
        { name, description, owner, labels, version: VERSION },
      )
      await writeFile(outputs.model.path, file)
      const { format: _, columns, ...told } = metadata
      Object.assign(outputs.model.metadata, { ...told, columns: columns.map((column) => column.name) })
      await writeRows(takeSample(learnt, keptPlaces(members) ?? []), outputs.kept)
      await writeFile(outputs.example.path, JSON.stringify(await exampleOf(file, heldOut, openOnnx)))
      return { bytes: file.length }
    })
  },
})

const [, VERSION = ''] = CODE_VERSION.split('@')
