import { z } from 'zod'
import { FiableError } from '../data/errors.ts'
import type { Json } from '../data/json.ts'

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>

/** A file as the step contract writes it (`RuntimeArtifact`). */
const runtimeArtifact = z.object({
  name: z.string().default(''),
  type: z.object({ schemaTitle: z.string().optional() }).loose().optional(),
  uri: z.string(),
  metadata: z.record(z.string(), json).default({}),
})

const artifactLists = z.record(z.string(), z.object({ artifacts: z.array(runtimeArtifact) })).default({})

const executorInput = z.object({
  inputs: z
    .object({ parameterValues: z.record(z.string(), json).default({}), artifacts: artifactLists })
    .prefault({}),
  outputs: z.object({
    parameters: z.record(z.string(), z.object({ outputFile: z.string() })).default({}),
    artifacts: artifactLists,
    outputFile: z.string(),
  }),
})

const executorOutput = z.strictObject({
  parameterValues: z.record(z.string(), json).default({}),
  artifacts: artifactLists,
})

/** What a step is given: `ExecutorInput` of Kubeflow Pipelines 2, as JSON. */
export type ExecutorInput = z.infer<typeof executorInput>

/** What a step writes to `outputs.outputFile`: `ExecutorOutput` of Kubeflow Pipelines 2, as JSON. */
export type ExecutorOutput = z.infer<typeof executorOutput>

export type RuntimeArtifact = z.infer<typeof runtimeArtifact>

/**
 * Reads an ExecutorInput.
 *
 * @throws FiableError BAD_ARGUMENT naming what is wrong.
 */
export const parseExecutorInput = (text: string): ExecutorInput =>
  parse(executorInput, text, {
    what: 'The executor input',
    fix: 'Give the ExecutorInput JSON of Kubeflow Pipelines.',
  })

/**
 * Reads what a step wrote.
 *
 * @throws FiableError BAD_ARGUMENT when it is no ExecutorOutput.
 */
export const parseExecutorOutput = (text: string, step: string): ExecutorOutput =>
  parse(executorOutput, text, {
    what: `What the step ${step} wrote as its output`,
    fix: 'Make the step write an ExecutorOutput JSON to outputs.outputFile, and nothing else.',
  })

function parse<T>(
  schema: z.ZodType<T>,
  text: string,
  { what, fix }: { readonly what: string; readonly fix: string },
): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const seen = text.length > 80 ? `${text.slice(0, 80)}…` : text
    throw new FiableError('BAD_ARGUMENT', `${what} is not JSON: ${JSON.stringify(seen)}.`, fix, { cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`,
  )
  throw new FiableError('BAD_ARGUMENT', `${what} is not valid: ${problems.join('; ')}.`, fix)
}
