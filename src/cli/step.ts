import { FiableError } from '../data/errors.ts'
import { componentBook, loadComponents } from '../pipelines/component-book.ts'
import { builtInComponents } from '../pipelines/components/index.ts'
import { parseExecutorInput } from '../pipelines/executor.ts'
import { runStep } from '../pipelines/run-step.ts'

/** `fiable step`: one component, as a pod of Kubeflow Pipelines starts it. */
export async function step(
  name: string,
  options: { readonly executorInput: string; readonly components?: readonly string[] },
): Promise<void> {
  const book = componentBook([...builtInComponents, ...(await loadComponents(options.components ?? []))])
  const component = book.find(name)
  if (!component)
    throw new FiableError(
      'NOT_FOUND',
      `There is no component ${name}.`,
      `Name one of ${book.all.map((known) => known.name).join(', ')}, or give its module with --components.`,
    )
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  await runStep(component, parseExecutorInput(options.executorInput), stop.signal)
}
