import { readFile } from 'node:fs/promises'
import { FiableError } from '../../data/errors.ts'
import { CHAMPION, listVersions } from '../../tracking/registry.ts'
import { openStore } from '../../tracking/store.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { boolean, double, string } from '../parameter.ts'

/** Whether new numbers beat those of the champion of a registered model; without a champion they do. */
export const compare = defineComponent({
  name: 'compare',
  version: '1',
  about: 'Compares a metric with that of the champion of a registered model; higher is better.',
  inputs: {
    metrics: artifact('Metrics', 'JSON'),
    store: string({ default: '.fiable' }),
    model: string({ min: 1, about: 'Name of the registered model.' }),
    metric: string({ default: 'caught' }),
  },
  outputs: { isBetter: boolean(), difference: double() },
  cache: false,
  async run({ inputs }) {
    const { metric, model } = inputs
    const own = (
      JSON.parse(await readFile(inputs.metrics.path, 'utf8')) as Readonly<Record<string, unknown>>
    )[metric]
    if (typeof own !== 'number') throw noMetric(metric, 'the given metrics')
    const store = await openStore(inputs.store)
    try {
      const versions = await listVersions(store.db)
      const champion = versions.find(({ name, aliases }) => name === model && aliases.includes(CHAMPION))
      if (!champion) return { isBetter: true, difference: own }
      const theirs = champion.metrics[metric]
      if (theirs === undefined) throw noMetric(metric, `${model}@${CHAMPION}`)
      return { isBetter: own > theirs, difference: own - theirs }
    } finally {
      await store.close()
    }
  },
})

const noMetric = (metric: string, where: string): FiableError =>
  new FiableError(
    'BAD_ARGUMENT',
    `There is no number ${metric} in ${where}.`,
    'Name a metric that both have.',
  )
