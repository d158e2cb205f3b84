import { calibrateMembers } from '../../detectors/rows/calibrate-members.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { artifact, artifacts } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { integer } from '../parameter.ts'
import { readTransformer } from './fit-transformer.ts'
import { trainingInputs } from './reference-of.ts'
import { type MemberFile, readRows, readState, restoreMember, writeState } from './row-files.ts'
import { withEngine } from './with-engine.ts'

/** How surprising scores are among clean rows. */
export const calibrate = defineComponent({
  name: 'calibrate',
  version: '1',
  about:
    'Learns from clean rows held out how surprising each score of the members is, and how to combine them.',
  inputs: {
    transformer: trainingInputs.transformer,
    heldOut: trainingInputs.heldOut,
    members: artifacts('Model', 'In the order of their scores.'),
  },
  outputs: { calibration: artifact('Artifact'), rows: integer() },
  async run({ inputs, outputs, folder }) {
    const transformer = await readTransformer(inputs.transformer)
    const files = await Promise.all(inputs.members.map((file) => readState<MemberFile>(file)))
    const heldOut = await withEngine(folder, (engine) => readRows(engine, inputs.heldOut, { folder }))
    const members = files.map(restoreMember)
    await writeState(
      outputs.calibration.path,
      await calibrateMembers({ transformer, members }, heldOut, openOnnx),
    )
    Object.assign(outputs.calibration.metadata, {
      rows: heldOut.rows,
      members: files.map(({ name }) => name),
    })
    return { rows: heldOut.rows }
  },
})
