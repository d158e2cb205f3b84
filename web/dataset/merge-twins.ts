import type { FindingDetail } from '../../src/api/schemas.ts'

/**
 * A rule and a statistic may find the same metric unusual. They are shown once: the rule's words, with the limits and the
 * surprise of the statistic.
 */
export function mergeTwins(findings: readonly FindingDetail[]): readonly FindingDetail[] {
  const byKey = new Map<string, FindingDetail>()
  for (const finding of findings) {
    const rule = byKey.get(finding.key)
    byKey.set(
      finding.key,
      rule
        ? { ...finding, absolute: true, message: rule.message, evidence: rule.evidence ?? finding.evidence }
        : finding,
    )
  }
  return [...byKey.values()]
}
