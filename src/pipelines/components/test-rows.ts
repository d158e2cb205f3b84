import { readFile, writeFile } from 'node:fs/promises'
import type { RowSample } from '../../data/profile.ts'
import { openRowModel, type RowModel } from '../../detectors/rows/row-model.ts'
import { sliceSample } from '../../detectors/rows/take-sample.ts'
import { openOnnx } from '../../engines/onnx.ts'
import { compareRowModels } from '../../evaluation/compare-row-models.ts'
import { type RowModelTest, testRowModels } from '../../evaluation/test-row-model.ts'
import { loadModel } from '../../row-models/model-of-dataset.ts'
import { CHAMPION, listVersions, type RegisteredVersion } from '../../tracking/registry.ts'
import type { Store } from '../../tracking/store.ts'
import { type ArtifactMetadata, artifact } from '../artifact.ts'
import { defineComponent } from '../component.ts'
import { boolean, double, integer, string } from '../parameter.ts'
import { readRows } from './row-files.ts'
import { storeInputs, withStoreOf } from './store-inputs.ts'
import { withEngine } from './with-engine.ts'

/** A row model and the champion measured on the same spoiled rows. */
export const testRows = defineComponent({
  name: 'test-rows',
  version: '1',
  about:
    'Measures a row model and the champion under random corruption of the same rows, and says which is better.',
  inputs: {
    ...storeInputs,
    model: artifact('Model', 'ONNX'),
    test: artifact('Dataset', 'Rows that were not learnt from.'),
    name: string({ min: 1, about: 'Name of the registered model whose champion is the measure.' }),
    seed: string({ default: '1' }),
  },
  outputs: {
    metrics: artifact('Metrics', 'JSON'),
    report: artifact('Scorecard', 'By corruption, for both: JSON.'),
    isBetter: boolean({ about: 'True without a champion as well.' }),
    champion: integer({ about: 'Its version; 0 without one.' }),
    difference: double({ about: 'Mean difference of AUROC; 0 without a champion.' }),
    p: double({ about: 'Chance of such a difference between equals; 0 without a champion.' }),
  },
  cache: false,
  async run({ inputs, outputs, folder }) {
    const { test, seed } = inputs
    const rows = await withEngine(folder, (engine) => readRows(engine, test, { folder }))
    const batches = cutAlong(rows, test.metadata)
    return withStoreOf(inputs, async (store) => {
      const version = await championOf(store, inputs.name)
      const models = [await openRowModel(await readFile(inputs.model.path), openOnnx)]
      if (version) models.push(await loadModel(store, version, openOnnx))
      const [own, theirs] = await tested(models, batches, seed)
      const comparison = theirs ? compareRowModels(own!, theirs) : null
      const numbers = {
        ...numbersOf(own!),
        ...(theirs && comparison ? { championAuroc: theirs.auroc, championCaught: theirs.caught } : {}),
        ...(comparison ? { aurocDifference: comparison.difference, p: comparison.p } : {}),
      }
      Object.assign(outputs.metrics.metadata, numbers)
      await writeFile(outputs.metrics.path, JSON.stringify(numbers))
      const champion = version?.version ?? 0
      const report = {
        own: told(own!),
        champion: theirs ? { version: champion, ...told(theirs) } : null,
        comparison,
      }
      await writeFile(outputs.report.path, JSON.stringify(report))
      return {
        isBetter: comparison?.isBetter ?? true,
        champion,
        difference: comparison?.difference ?? 0,
        p: comparison?.p ?? 0,
      }
    })
  },
})

/** A test without what only a comparison needs. */
const told = ({ placements: _, ...test }: RowModelTest) => test

const numbersOf = ({ auroc, caught, falseAlarms, rows }: RowModelTest) => ({
  auroc,
  caught,
  falseAlarms,
  testRows: rows,
})

async function championOf({ db }: Store, name: string): Promise<RegisteredVersion | undefined> {
  const versions = await listVersions(db)
  return versions.find((version) => version.name === name && version.aliases.includes(CHAMPION))
}

async function tested(
  models: readonly RowModel[],
  batches: readonly RowSample[],
  seed: string,
): Promise<readonly RowModelTest[]> {
  try {
    return await testRowModels(models, batches, seed)
  } finally {
    for (const model of models) await model.release()
  }
}

/** The rows batch by batch, as the metadata of the file tells; one batch when it does not. */
function cutAlong(rows: RowSample, { batches }: ArtifactMetadata): readonly RowSample[] {
  const sizes = Array.isArray(batches)
    ? batches.map((batch) => (batch as { readonly rows: number }).rows)
    : [rows.rows]
  let end = 0
  return sizes.map((size) => sliceSample(rows, end, (end += size)))
}
