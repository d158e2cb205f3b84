import path from 'node:path'
import type { TestContext } from 'node:test'
import { componentBook, loadComponents } from '../../src/pipelines/component-book.ts'
import { builtInComponents } from '../../src/pipelines/components/index.ts'
import type { DriveOptions, RunEvent } from '../../src/pipelines/drive-run.ts'
import { localExecutor } from '../../src/pipelines/local-executor.ts'
import { folderObjects } from '../../src/tracking/objects.ts'
import { openStore, type Store } from '../../src/tracking/store.ts'
import { tempFolder } from '../temp-folder.ts'
import { SAMPLE_COMPONENTS } from './sample-components.ts'

export interface Runner extends DriveOptions {
  readonly store: Store
  readonly events: RunEvent[]
}

/** A local runner on a new store, with the sample components; closed after the test. */
export async function localRunner(
  t: TestContext,
  { folder = path.join(tempFolder(t), 'store'), parallel = 2, now = Date.now } = {},
): Promise<Runner> {
  const store = await openStore(folder)
  const objects = folderObjects(store.artifacts)
  const modules = [SAMPLE_COMPONENTS]
  const executor = localExecutor({ store, objects, modules, parallel, now })
  t.after(async () => {
    await executor.close()
    await store.close()
  })
  const book = componentBook([...builtInComponents, ...(await loadComponents(modules))])
  const events: RunEvent[] = []
  return { store, objects, executor, book, now, events, onEvent: (event) => events.push(event) }
}
