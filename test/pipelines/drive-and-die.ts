// A driver of a fleet as a process of its own, to be killed: node drive-and-die.ts URL FOLDER
import { componentBook, loadComponents } from '../../src/pipelines/component-book.ts'
import { fleetExecutor } from '../../src/pipelines/fleet-executor.ts'
import { openQueue } from '../../src/pipelines/queue.ts'
import { runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { folderObjects } from '../../src/tracking/objects.ts'
import { openStore } from '../../src/tracking/store.ts'
import { SAMPLE_COMPONENTS } from './sample-components.ts'
import { shards } from './shards.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const store = await openStore(url, folder)
const executor = fleetExecutor({ store, queue: await openQueue(url) })
await runPipeline(shards.graph, {
  store,
  executor,
  objects: folderObjects(store.artifacts),
  book: componentBook(await loadComponents([SAMPLE_COMPONENTS])),
  now: Date.now,
  useCache: false,
  parameters: { ms: 500, base: 5 },
  onRun: (id) => console.log(`run ${id}`),
  onEvent: ({ path, state }) => console.log(`${path} ${state}`),
})
