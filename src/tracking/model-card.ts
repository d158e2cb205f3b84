import type { RegisteredVersion } from './registry.ts'

/** A model card in Markdown: what the version is, how it was made, and how well it does. After Mitchell et al. (2019), Model Cards for Model Reporting. */
export function modelCard(version: RegisteredVersion): string {
  const { name, description, owner, modelType, trainingFramework: framework } = version
  return [
    `# ${name}, version ${version.version}`,
    '',
    description || '_No description._',
    '',
    ...table([
      ['Owner', owner || '–'],
      ['Type', modelType],
      ['Trained with', `${framework.name} ${framework.version}`],
      ['Made', new Date(version.createdMs).toISOString()],
      ['Stands for', version.aliases.join(', ') || '–'],
      ['File', version.uri],
    ]),
    ...section(
      'How well it does',
      Object.entries(version.metrics).map(([key, value]) => [key, String(Number(value.toPrecision(4)))]),
    ),
    ...section('Hyper-parameters', entriesOf(version.hyperparameters)),
    ...section('In and out', entriesOf(version.signature)),
    ...section('Labels', entriesOf(version.labels)),
    '',
  ].join('\n')
}

const entriesOf = (value: unknown): readonly (readonly [string, string])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([key, inner]) => [
        key,
        typeof inner === 'string' ? inner : JSON.stringify(inner),
      ])
    : []

const section = (title: string, rows: readonly (readonly [string, string])[]): readonly string[] =>
  rows.length === 0 ? [] : ['', `## ${title}`, '', ...table(rows)]

const table = (rows: readonly (readonly [string, string])[]): readonly string[] => [
  '| | |',
  '|---|---|',
  ...rows.map(([key, value]) => `| ${cell(key)} | ${cell(value)} |`),
]

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')

/** The same card as a page of its own. */
export function modelCardPage(version: RegisteredVersion): string {
  const body = modelCard(version)
    .split('\n')
    .map(lineOf)
    .join('\n')
    .replaceAll(/(?:<tr>.*<\/tr>\n?)+/g, (rows) => `<table>\n${rows}</table>\n`)
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${escaped(version.name)}</title>\n<style>body{font:16px/1.5 system-ui;max-width:48rem;margin:2rem auto;padding:0 1rem}td{padding:.2rem 1rem .2rem 0;vertical-align:top}td:first-child{opacity:.7}</style>\n${body}</html>\n`
}

function lineOf(line: string): string {
  const heading = /^(#+) (.*)$/.exec(line)
  if (heading) return `<h${heading[1]!.length}>${escaped(heading[2]!)}</h${heading[1]!.length}>`
  if (line === '| | |' || line === '|---|---|' || line === '') return ''
  const row = /^\| (.*?) \| (.*) \|$/.exec(line)
  if (row) return `<tr><td>${escaped(row[1]!)}</td><td>${escaped(row[2]!.replaceAll('\\|', '|'))}</td></tr>`
  return `<p>${escaped(line.replaceAll(/^_|_$/g, ''))}</p>`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
