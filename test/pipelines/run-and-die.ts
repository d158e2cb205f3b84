// A runner as a process of its own, to be killed: node run-and-die.ts STORE COUNTER
import { componentBook, loadComponents } from '../../src/pipelines/component-book.ts'
import { localExecutor } from '../../src/pipelines/local-executor.ts'
import { runPipeline } from '../../src/pipelines/run-pipeline.ts'
import { folderObjects } from '../../src/tracking/objects.ts'
import { openStore } from '../../src/tracking/store.ts'
import { SAMPLE_COMPONENTS } from './sample-components.ts'
import { thenSlow } from './then-slow.ts'

const store = await openStore(process.argv[2]!)
const objects = folderObjects(store.artifacts)
const executor = localExecutor({ store, objects, modules: [SAMPLE_COMPONENTS], parallel: 2, now: Date.now })
const book = componentBook(await loadComponents([SAMPLE_COMPONENTS]))
await runPipeline(thenSlow.graph, {
  store,
  objects,
  executor,
  book,
  now: Date.now,
  parameters: { ms: 60_000 },
  onEvent: ({ path, state }) => process.stdout.write(`${path} ${state}\n`),
})
