import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { artifact, artifacts } from '../../src/pipelines/artifact.ts'
import { defineCommand, defineComponent } from '../../src/pipelines/component.ts'
import { boolean, double, integer, list, string, struct } from '../../src/pipelines/parameter.ts'

/** Small components for tests; loaded by the children of runners as a user's module would be. */
export const make = defineComponent({
  name: 'make',
  version: '1',
  about: 'Writes a number.',
  inputs: { value: integer({ min: 0, max: 1000 }) },
  outputs: { data: artifact('Dataset'), twice: integer() },
  run({ inputs, outputs }) {
    console.log(`making ${inputs.value}`)
    writeFileSync(outputs.data.path, String(inputs.value))
    outputs.data.metadata.rows = 1
    return { twice: inputs.value * 2 }
  },
})

export const count = defineComponent({
  name: 'count',
  version: '1',
  about: 'Numbers below another.',
  inputs: { below: integer({ default: 3 }) },
  outputs: { numbers: list() },
  run: ({ inputs }) => ({ numbers: Array.from({ length: inputs.below }, (_, i) => i) }),
})

export const add = defineComponent({
  name: 'add',
  version: '1',
  about: 'Adds the numbers of files.',
  inputs: { data: artifacts('Dataset') },
  outputs: { total: integer(), metrics: artifact('Metrics') },
  run({ inputs, outputs }) {
    const total = inputs.data.reduce((sum, { path: file }) => sum + Number(readFileSync(file, 'utf8')), 0)
    outputs.metrics.metadata.total = total
    writeFileSync(outputs.metrics.path, JSON.stringify({ total }))
    return { total }
  },
})

export const show = defineComponent({
  name: 'show',
  version: '1',
  about: 'Tells a text of values.',
  inputs: {
    text: string({ default: 'nothing' }),
    share: double({ default: 0.5, min: 0, max: 1 }),
    loud: boolean({ default: false }),
    status: struct({ default: {} }),
  },
  outputs: { told: string() },
  run: ({ inputs }) => ({
    told: `${inputs.text} ${inputs.share} ${inputs.loud} ${JSON.stringify(inputs.status)}`,
  }),
})

/** Fails, or dies, as often as told, counting in a file; `never` for ever. */
export const stumble = defineComponent({
  name: 'stumble',
  version: '1',
  about: 'Fails first.',
  inputs: {
    counter: string(),
    times: integer(),
    how: string({ choices: ['throw', 'kill', 'hang', 'exit'] }),
  },
  outputs: { attempts: integer() },
  cache: false,
  retries: { limit: 2, backoffMs: 10 },
  timeoutMs: 1500,
  async run({ inputs }) {
    const before = existsSync(inputs.counter) ? readFileSync(inputs.counter, 'utf8').length : 0
    writeFileSync(inputs.counter, '.'.repeat(before + 1))
    if (before >= inputs.times) return { attempts: before + 1 }
    if (inputs.how === 'kill') process.kill(process.pid, 'SIGKILL')
    if (inputs.how === 'exit') process.exit(137)
    if (inputs.how === 'hang') for (;;);
    throw new Error(`stumbled ${before + 1}`)
  },
})

export const slow = defineComponent({
  name: 'slow',
  version: '1',
  about: 'Takes its time.',
  inputs: { ms: integer(), tag: string({ default: '' }) },
  outputs: { done: boolean() },
  async run({ inputs, signal }) {
    await pause(inputs.ms, undefined, { signal })
    return { done: true }
  },
})

/** Misbehaves in a named way. */
export const misbehave = defineComponent({
  name: 'misbehave',
  version: '1',
  about: 'Breaks the contract.',
  inputs: { how: string(), target: string({ default: '' }) },
  outputs: { data: artifact('Dataset') },
  cache: false,
  async run({ inputs, outputs }) {
    const { symlinkSync } = await import('node:fs')
    if (inputs.how === 'nothing') return {}
    if (inputs.how === 'full') writeFileSync('/dev/full', 'x'.repeat(10_000))
    if (inputs.how === 'link') symlinkSync(inputs.target, outputs.data.path)
    return {}
  },
})

const program = (name: string, source: string) =>
  defineCommand({
    name,
    version: '1',
    about: 'A program in any language.',
    inputs: {},
    outputs: { value: integer() },
    cache: false,
    timeoutMs: 10_000,
    command: [
      process.execPath,
      '-e',
      `const input = JSON.parse(process.argv.at(-1)); const fs = require('fs'); ${source}`,
      '--',
    ],
  })

export const garbage = program('garbage', "fs.writeFileSync(input.outputs.outputFile, '<html>not json')")
export const silent = program('silent', '')
export const killed = program('killed', 'process.exit(137)')
export const sound = program(
  'sound',
  "console.log('from a program'); fs.writeFileSync(input.outputs.outputFile, JSON.stringify({ parameterValues: { value: 7 } }))",
)
export const elsewhere = defineCommand({
  name: 'elsewhere',
  version: '1',
  about: 'Claims a file that is not its own.',
  inputs: {},
  outputs: { data: artifact('Dataset') },
  cache: false,
  command: [
    process.execPath,
    '-e',
    "const input = JSON.parse(process.argv.at(-1)); require('fs').writeFileSync(input.outputs.outputFile, JSON.stringify({ artifacts: { data: { artifacts: [{ uri: '/etc/hostname' }] } } }))",
    '--',
  ],
})

/** This module, for runners that load components by path. */
export const SAMPLE_COMPONENTS = path.join(import.meta.dirname, 'sample-components.ts')
