import type { GivenSettings } from '../../data/params.ts'
import {
  type ChosenMember,
  chosenMembers,
  memberSeed,
  rowDetectorNamed,
} from '../../detectors/rows/chosen-members.ts'
import { rowDetectors } from '../../detectors/rows/index.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { string } from '../parameter.ts'
import { referenceOf, trainingInputs } from './reference-of.ts'
import { writeMember } from './row-files.ts'

/** One member of a row model, trained in one process. */
export const fitMember = defineComponent({
  name: 'fit-member',
  version: '1',
  about: 'Trains one row detector on all rows of a file.',
  inputs: {
    ...trainingInputs,
    member: string({ choices: rowDetectors.map(({ name }) => name), about: 'Name of a row detector.' }),
  },
  outputs: { model: artifact('Model') },
  async run({ inputs, outputs, folder, signal }) {
    const { member, seed } = inputs
    const { detector, settings } = settingsOfMember(member, inputs.settings)
    const reference = await referenceOf(inputs, { folder })
    const tools = { seed: memberSeed(seed, member), openSession: openOnnx, signal }
    const { state } = await detector.fit(reference, settings, tools)
    await writeMember(outputs.model, { name: member, settings, state })
    return {}
  },
})

/** A member with all its settings; those of other members are not looked at. */
export function settingsOfMember(member: string, settings: Readonly<Record<string, unknown>>): ChosenMember {
  const { name } = rowDetectorNamed(member)
  const own = (settings[name] ?? {}) as GivenSettings
  return chosenMembers({ members: [name], settings: { [name]: own } })[0]!
}
