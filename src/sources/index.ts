import { FiableError } from '../data/errors.ts'
import { cutSource } from './cut-source.ts'
import { fileSource } from './file-source.ts'
import { expandReferences } from './place-secrets.ts'
import { postgresSource } from './postgres-source.ts'
import { dataOf, type Source, type SourceContext, type SourceDeclaration, type SourceKind } from './source.ts'

/** Every kind of source; the first that accepts a declaration opens it. */
export const sourceKinds: readonly SourceKind[] = [postgresSource, cutSource, fileSource]

/**
 * Opens where the batches of a dataset come from; nothing is read before `list`.
 *
 * `${NAME}` in a place stands for that variable of the environment.
 *
 * @throws FiableError BAD_CONFIG when the declaration names no data, an unknown period or time zone, or a
 * variable that is not set.
 */
export async function openSource(declaration: SourceDeclaration, context: SourceContext): Promise<Source> {
  const data = dataOf(declaration).map((place) => expandReferences(place, process.env))
  const expanded = { ...declaration, data }
  const kind = sourceKinds.find((each) => each.accepts(expanded))
  if (kind && data.length > 0 && data.every((each) => each.trim() !== '')) return kind.open(expanded, context)
  throw new FiableError(
    'BAD_CONFIG',
    `data is ${JSON.stringify(declaration.data)}, but must name files, globs, folders or one postgresql:// URL.`,
    'Set data, for example to "data/orders-*.csv".',
  )
}
