import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Dataset } from '../monitor/project.ts'
import type { Drill } from './drill.ts'
import type { FireDrill } from './fire-drill.ts'
import type { Scorecard } from './scorecard.ts'
import { scorecardPage } from './scorecard-page.ts'

/** A stored scorecard: what was tried when, and what would have been caught. */
export interface StoredScorecard {
  readonly dataset: string
  readonly atMs: number
  readonly scorecard: Scorecard
}

type Place = Pick<Dataset, 'store' | 'name'>

/** Fire drills remembered per dataset: a year of weekly ones. */
const REMEMBERED = 52

/** Where the scorecard of a dataset is stored: a page, its JSON beside it, and the fire drills. */
export function scorecardFiles({ store, name }: Place): {
  readonly page: string
  readonly json: string
  readonly trials: string
  readonly fire: string
} {
  const stem = path.join(store, 'scorecards', encodeURIComponent(name))
  return {
    page: `${stem}.html`,
    json: `${stem}.json`,
    trials: `${stem}.trials.json`,
    fire: `${stem}.fire.json`,
  }
}

/** Stores a drill: the page, the scorecard, and its trials. */
export async function storeDrill(dataset: Place, { scorecard, results }: Drill, atMs: number): Promise<void> {
  const files = scorecardFiles(dataset)
  const stored: StoredScorecard = { dataset: dataset.name, atMs, scorecard }
  const fire = (await readFireDrills(dataset)).at(-1) ?? null
  await writeWhole(files.trials, JSON.stringify(results))
  await writeWhole(files.json, `${JSON.stringify(stored, null, 2)}\n`)
  await writeWhole(files.page, scorecardPage(dataset.name, scorecard, fire))
}

/** The scorecard of the last drill; null before the first. */
export const readScorecard = (dataset: Place): Promise<StoredScorecard | null> =>
  readStored<StoredScorecard>(scorecardFiles(dataset).json)

/** Adds a fire drill to those remembered. */
export async function storeFireDrill(dataset: Place, fire: FireDrill): Promise<void> {
  const all = [...(await readFireDrills(dataset)), fire].slice(-REMEMBERED)
  await writeWhole(scorecardFiles(dataset).fire, `${JSON.stringify(all)}\n`)
}

/** Fire drills, oldest first. */
export const readFireDrills = async (dataset: Place): Promise<readonly FireDrill[]> =>
  (await readStored<readonly FireDrill[]>(scorecardFiles(dataset).fire)) ?? []

/** Replaces a file at once: readers see the old one or the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(part, text)
    await rename(part, file)
  } catch (cause) {
    throw new FiableError(
      'NOT_READABLE',
      `${file} cannot be written: ${messageOf(cause)}.`,
      'Check that its folder may be written to, then run again.',
      { cause },
    )
  }
}

/** NaN was stored as null, and is read as that. */
async function readStored<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new FiableError(
      'STORE_CORRUPT',
      `${file} cannot be read: ${messageOf(cause)}.`,
      'Remove it and run the drill again.',
      { cause },
    )
  }
}
