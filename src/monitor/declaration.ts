import { z } from 'zod'
import { dimensions } from '../data/dimension.ts'
import { FiableError } from '../data/errors.ts'

/** What a dataset is: where its batches come from, how they are cut, and how many alerts are wanted at most. */
export const datasetDeclaration = z.strictObject({
  data: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('Files, globs, folders, or a postgresql:// URL.'),
  by: z.string().min(1).optional().describe('Date or time column that cuts the data into batches.'),
  every: z
    .enum(['hour', 'day', 'week', 'month'])
    .optional()
    .describe('Length of a batch when cut; day by default.'),
  table: z.string().min(1).optional().describe('Table of the database.'),
  query: z.string().min(1).optional().describe('Query of the database.'),
  timeZone: z.string().min(1).optional().describe('IANA time zone of calendar days; UTC by default.'),
  atMost: z
    .string()
    .regex(/^\d+(\.\d+)?\/(day|week|month)$/, 'must look like 2/week')
    .default('2/week')
    .describe('Alert budget: the most alerts wanted, on average.'),
  strict: z
    .boolean()
    .optional()
    .describe('Keep to the budget in every day, week or month, and not only on average.'),
  dimensions: z
    .partialRecord(z.enum(dimensions), z.string().min(1))
    .optional()
    .describe('Budgets of single dimensions, out of atMost: 1/week, or a share such as 25 %.'),
  floors: z
    .partialRecord(z.enum(dimensions), z.string().min(1))
    .optional()
    .describe(
      'Shares of the rows that may change without an alert, per dimension: 1 %, or 0 % to hear everything.',
    ),
  fireDrill: z
    .enum(['daily', 'weekly', 'monthly'])
    .optional()
    .describe('How often `fiable watch` proves, on a shadow copy, that the alarm still rings.'),
})

export type DatasetDeclaration = z.infer<typeof datasetDeclaration>

/** A declaration as people write it: all but `data` may be left out. */
export type DatasetInput = z.input<typeof datasetDeclaration>

/** The file `fiable.yaml`. */
export const projectDeclaration = z.strictObject({
  datasets: z.record(
    z.string().regex(/^[\w.-]+$/, 'must be made of letters, digits, dot, dash and underscore'),
    datasetDeclaration,
  ),
})

export type ProjectDeclaration = z.infer<typeof projectDeclaration>

/**
 * Checks a value against a declaration's schema.
 *
 * @throws FiableError BAD_CONFIG naming each offending field and its rule.
 */
export function parseDeclaration<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`,
  )
  throw new FiableError(
    'BAD_CONFIG',
    `${where} is not valid: ${problems.join('; ')}.`,
    'Correct the fields named above; `fiable init` writes a valid example.',
  )
}
