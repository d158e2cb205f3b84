import { defineComponent } from '../src/pipelines/component.ts'
import { integer } from '../src/pipelines/parameter.ts'

/** A step that does nothing, for what steps cost beside their work. */
export const trivial = defineComponent({
  name: 'trivial',
  version: '1',
  about: 'Gives back what it is given.',
  inputs: { value: integer() },
  outputs: { value: integer() },
  run: ({ inputs }) => ({ value: inputs.value }),
})

/** This module, for runners that load components by path. */
export const TRIVIAL_MODULE = import.meta.filename
