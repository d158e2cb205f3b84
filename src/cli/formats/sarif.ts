import { wordsOf } from '../../data/metric-words.ts'
import type { Finding, Verdict } from '../../data/verdict.ts'

/** Findings of alerts as SARIF 2.1.0: a result each, the metric as the rule. */
export function sarifOf(verdicts: readonly Verdict[]): string {
  const alerts = verdicts.filter((verdict) => verdict.status === 'alert')
  const results = alerts.flatMap((verdict) => verdict.findings.map((finding) => resultOf(verdict, finding)))
  const rules = [
    ...new Set(alerts.flatMap((verdict) => verdict.findings.map((finding) => finding.metric))),
  ].map((id) => ({ id, shortDescription: { text: wordsOf(id).label } }))
  const notifications = verdicts.filter((verdict) => verdict.status === 'cannot-judge').map(notificationOf)
  const run = {
    tool: { driver: { name: 'Fiable', informationUri: 'https://github.com/fiable/fiable', rules } },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications }],
    results,
  }
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`
}

const notificationOf = (verdict: Verdict) => ({
  level: 'warning',
  message: { text: `${verdict.dataset} ${verdict.batch} cannot be judged: ${verdict.reason}` },
})

function resultOf(verdict: Verdict, finding: Finding) {
  return {
    ruleId: finding.metric,
    level: 'error',
    message: { text: finding.message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(verdict.batch) } },
        logicalLocations: [
          {
            name: finding.instance || verdict.dataset,
            kind: finding.entity === 'column' ? 'member' : 'resource',
          },
        ],
      },
    ],
    properties: {
      dimension: finding.dimension,
      dataset: verdict.dataset,
      surprise: finite(finding.surprise),
      value: finite(finding.value),
    },
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
