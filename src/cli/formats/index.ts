import type { Verdict } from '../../data/verdict.ts'

export type Format = 'text' | 'json' | 'junit' | 'sarif' | 'md'

/** Verdicts in the wanted format, ending with a newline. */
export async function formatVerdicts(verdicts: readonly Verdict[], format: Format): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('./text.ts')).textOf(verdicts)
    case 'json':
      return `${JSON.stringify(verdicts, null, 2)}\n`
    case 'junit':
      return (await import('./junit.ts')).junitOf(verdicts)
    case 'sarif':
      return (await import('./sarif.ts')).sarifOf(verdicts)
    case 'md':
      return (await import('./markdown.ts')).markdownOf(verdicts)
  }
}
