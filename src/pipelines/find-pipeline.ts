import { readFile } from 'node:fs/promises'
import { FiableError, messageOf } from '../data/errors.ts'
import { builtInPipelines } from './built-in-pipelines.ts'
import type { ComponentBook } from './component-book.ts'
import type { Graph } from './graph.ts'
import { readPipeline } from './read-pipeline.ts'

/**
 * The pipeline of that name among those that come with Fiable, or in that YAML file.
 *
 * @throws FiableError NOT_FOUND, NOT_READABLE or BAD_CONFIG.
 */
export async function findPipeline(name: string, book: ComponentBook): Promise<Graph> {
  const pipelines = new Map<string, Graph>(builtInPipelines.map(({ graph }) => [graph.name, graph]))
  const found = pipelines.get(name)
  if (found) return found
  if (/\.ya?ml$/.test(name)) return readPipeline(await read(name), { book, pipelines, where: name })
  throw new FiableError(
    'NOT_FOUND',
    `There is no pipeline ${name}.`,
    `Name one of ${[...pipelines.keys()].join(', ')}, or a YAML file.`,
  )
}

const read = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FiableError('NOT_READABLE', `${file} cannot be read: ${messageOf(cause)}.`, 'Check the path.', {
      cause,
    })
  })
