import { userInfo } from 'node:os'
import pc from 'picocolors'
import type { Feedback } from '../data/feedback.ts'
import {
  type DoneAction,
  type HandledIncident,
  type IncidentAction,
  type IncidentStatus,
  isActive,
} from '../monitor/incident-actions.ts'
import { type Dataset, datasetNamed, datasetWithIncident, open, type Project } from '../monitor/project.ts'
import { printFeedback } from './feedback.ts'
import { parseUntil } from './until.ts'

export interface IncidentFlags {
  readonly all?: boolean
  readonly format: 'text' | 'json'
  readonly store: string
}

/** `fiable incidents`: what goes on, newest first; with `--all` also what is settled or over. */
export async function listIncidents(name: string | undefined, flags: IncidentFlags): Promise<void> {
  await inProject(flags, async (project) => {
    const datasets = name === undefined ? await project.datasets() : [await datasetNamed(project, name)]
    const found = (await Promise.all(datasets.map((dataset) => dataset.incidents()))).flat()
    const shown = flags.all ? found : found.filter(isActive)
    if (flags.format === 'json') return json(shown)
    const hidden = found.length - shown.length
    process.stdout.write(`${shown.length === 0 ? 'no incident is open' : shown.map(lineOf).join('\n')}\n`)
    if (hidden > 0) process.stdout.write(pc.dim(`${hidden} more are settled or over: --all lists them\n`))
  })
}

/** `fiable incidents show`: one incident with what was done about it. */
export async function showIncident(id: string, flags: IncidentFlags): Promise<void> {
  await onIncident(id, flags, async (_, incident) => incident)
}

/** `fiable incidents resolve`, `reopen`, `snooze`, `assign`, `comment`: does it, and shows the incident as it stands then. */
export async function actOnIncident(id: string, action: IncidentAction, flags: IncidentFlags): Promise<void> {
  await onIncident(id, flags, (dataset, incident) => dataset.act(incident.id, action, userInfo().username))
}

/** `fiable incidents snooze`. */
export async function snoozeIncident(id: string, until: string, flags: IncidentFlags): Promise<void> {
  await actOnIncident(id, { kind: 'snooze', untilMs: parseUntil(until, Date.now()) }, flags)
}

/** `fiable incidents feedback`: the same word on all its batches. */
export async function feedbackOnIncident(
  id: string,
  feedback: Feedback | null,
  flags: IncidentFlags,
): Promise<void> {
  await inProject(flags, async (project) => {
    const { dataset, incident } = await datasetWithIncident(project, id)
    const given = await dataset.giveIncidentFeedback(incident.id, feedback, userInfo().username)
    printFeedback(dataset.name, given, flags.format)
  })
}

async function onIncident(
  id: string,
  flags: IncidentFlags,
  work: (dataset: Dataset, incident: HandledIncident) => Promise<HandledIncident>,
): Promise<void> {
  await inProject(flags, async (project) => {
    const { dataset, incident: found } = await datasetWithIncident(project, id)
    const incident = await work(dataset, found)
    if (flags.format === 'json') json(incident)
    else process.stdout.write(`${wholeOf(incident)}\n`)
  })
}

async function inProject(
  { store }: Pick<IncidentFlags, 'store'>,
  work: (project: Project) => Promise<void>,
): Promise<void> {
  const project = await open({ store })
  try {
    await work(project)
  } finally {
    await project.close()
  }
}

const json = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)

const marks: Readonly<Record<IncidentStatus, (text: string) => string>> = {
  open: (text) => pc.red(pc.bold(`◆ ${text}`)),
  reopened: (text) => pc.red(pc.bold(`◆ ${text}`)),
  continued: (text) => pc.red(`◇ ${text}`),
  snoozed: (text) => pc.yellow(`○ ${text}`),
  resolved: (text) => pc.green(`● ${text}`),
  closed: (text) => pc.dim(`● ${text}`),
}

/** Columns wide: the longest status. */
const STATUS_WIDTH = 'continued'.length

function lineOf(incident: HandledIncident): string {
  const { id, dataset, status, title, assignee, batches } = incident
  const who = assignee === null ? '' : pc.dim(` → ${plain(assignee)}`)
  const span = batches.length === 1 ? plain(batches[0]!) : `${plain(batches[0]!)} +${batches.length - 1}`
  return `${marks[status](status.padEnd(STATUS_WIDTH))}  ${id}  ${pc.bold(dataset)} ${pc.dim(span)}  ${plain(title)}${who}`
}

function wholeOf(incident: HandledIncident): string {
  const { columns, dimensions, batches, worsened, level, peak, snoozedUntilMs, feedback } = incident
  const field = (name: string, text: string | null): readonly string[] =>
    text === null ? [] : [`  ${pc.dim(name.padEnd(11))} ${plain(text)}`]
  return [
    lineOf(incident),
    '',
    ...field('columns', columns.map((column) => column || 'the table').join(', ')),
    ...field('dimensions', dimensions.join(', ')),
    ...field('batches', batches.join(', ')),
    ...field('got worse', worsened.length > 0 ? worsened.join(', ') : null),
    ...field('level', level === 'page' ? 'somebody was called' : 'digest only'),
    ...field('peak', `${peak.toFixed(1)} nats`),
    ...field('asleep till', snoozedUntilMs === null ? null : minuteOf(snoozedUntilMs)),
    ...field('feedback', feedback),
    ...(incident.actions.length > 0 ? ['', ...incident.actions.map(actionLine)] : []),
    '',
    pc.dim(`  why: fiable explain ${incident.dataset} ${batches[0]}`),
  ].join('\n')
}

const minuteOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

const actionLine = ({ kind, author, createdMs, text, untilMs }: DoneAction): string =>
  `  ${pc.dim(minuteOf(createdMs))}  ${plain(author)}  ${kind}${text === null ? '' : `: ${plain(text)}`}${untilMs === null ? '' : ` until ${minuteOf(untilMs)}`}`

/** What people and data wrote must not move the cursor or ring the bell. */
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')
