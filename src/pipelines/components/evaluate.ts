import { writeFile } from 'node:fs/promises'
import { drill } from '../../evaluation/drill.ts'
import { scorecardPage } from '../../evaluation/scorecard-page.ts'
import { datasetNamed, open } from '../../monitor/project.ts'
import { artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { double, integer, string } from '../parameter.ts'

/** The monitor of a dataset measured under random corruption. */
export const evaluate = defineComponent({
  name: 'evaluate',
  version: '1',
  about: 'Spoils shadow copies of the newest batches of a dataset and tells what its monitor would catch.',
  inputs: {
    store: string({ default: '.fiable', about: 'Folder of the store with the dataset.' }),
    dataset: string({ min: 1, about: 'Name of a checked dataset.' }),
    batches: integer({ default: 12, min: 1, max: 10_000 }),
    fraction: double({ default: 0.1, min: 0.0001, max: 1, about: 'Share of the rows spoiled.' }),
    seed: integer({ default: 1 }),
  },
  outputs: {
    scorecard: artifact('Scorecard', 'JSON'),
    report: artifact('Html'),
    metrics: artifact('Metrics', 'JSON'),
    caught: double(),
  },
  cache: false,
  async run({ inputs, outputs }) {
    const project = await open({ store: inputs.store, threads: 1 })
    try {
      const { batches, fraction, seed } = inputs
      const dataset = await datasetNamed(project, inputs.dataset)
      const { scorecard } = await drill(dataset, { batches, fractions: [fraction], seed })
      const metrics = { caught: scorecard.overall.rate, falseAlarms: scorecard.falseAlarms.rate }
      Object.assign(outputs.metrics.metadata, metrics)
      await writeFile(outputs.metrics.path, JSON.stringify(metrics))
      await writeFile(outputs.scorecard.path, JSON.stringify(scorecard))
      await writeFile(outputs.report.path, scorecardPage(inputs.dataset, scorecard))
      return { caught: scorecard.overall.rate }
    } finally {
      await project.close()
    }
  },
})
