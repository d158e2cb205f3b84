import { FiableError } from '../data/errors.ts'
import type { Notices } from './notices.ts'

/** How the cells of a CSV file are divided, and its columns. */
export interface CsvHeader {
  readonly delimiter: string
  /** Distinct also when case is ignored, none empty. */
  readonly columns: readonly string[]
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * Reads the first record of a CSV text: delimiter (the one of `,` `;` tab `|` most frequent outside quotes) and names.
 *
 * Found here rather than by DuckDB's sniffer, which drops lines (even the header) until the rest looks regular.
 *
 * @param head - Start of the text, without a byte order mark.
 * @throws FiableError MALFORMED_FILE when the first line is empty, unclosed, or holds data rather than names.
 */
export function readHeader(file: string, head: string, notices: Notices): CsvHeader {
  const record = firstRecord(file, head)
  const delimiter = delimiterOf(file, record)
  const cells = splitRecord(record, delimiter)
  if (cells.every((cell) => cell.trim() === '')) throw badHeader(file, 'is empty')
  if (cells.every((cell) => /^\s*[-+]?\d[\d.,:\sTZ/-]*$/.test(cell)))
    throw badHeader(file, `holds data, ${JSON.stringify(record.slice(0, 80))}`)
  return { delimiter, columns: distinctNames(file, cells, notices) }
}

const badHeader = (file: string, what: string): FiableError =>
  new FiableError(
    'MALFORMED_FILE',
    `${file}, line 1 ${what}, but must hold the column names.`,
    'Put one line with the column names before the data.',
  )

/** Text outside quotes, each quoted part as one `"`. */
const outsideQuotes = (record: string): string => record.replace(/"(?:[^"]|"")*"/g, '"')

function firstRecord(file: string, head: string): string {
  let quoted = false
  for (let i = 0; i < head.length; i++) {
    if (head[i] === '"') quoted = !quoted
    else if (!quoted && (head[i] === '\n' || head[i] === '\r')) return head.slice(0, i)
  }
  if (quoted) throw badHeader(file, `opens a quote that does not close within ${head.length} characters`)
  return head
}

function delimiterOf(file: string, record: string): string {
  const bare = outsideQuotes(record)
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length - 1)
  const most = Math.max(...counts)
  if (most === 0) return /\.(tsv|tab)(\.gz)?$/i.test(file) ? '\t' : ','
  return DELIMITERS[counts.indexOf(most)]!
}

function splitRecord(record: string, delimiter: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (const character of record) {
    if (character === '"') quoted = !quoted
    if (character === delimiter && !quoted) {
      cells.push(cell)
      cell = ''
    } else cell += character
  }
  return [...cells, cell].map(unquote)
}

const unquote = (cell: string): string =>
  /^"[\s\S]*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell

/**
 * Names as given where they can be: an empty one becomes `column_3` (its place, from 1), one that repeats an earlier one,
 * case ignored as in SQL, `total_2`. Said in a notice: a monitor shall see the batch, and report its odd columns.
 */
function distinctNames(file: string, cells: readonly string[], notices: Notices): string[] {
  const given = new Set(cells.map((cell) => cell.toLowerCase()))
  const taken = new Set<string>()
  return cells.map((cell, i) => {
    const wanted = cell.trim() === '' ? `column_${i + 1}` : cell
    const name =
      taken.has(wanted.toLowerCase()) || wanted !== cell ? freeName(wanted, cell, given, taken) : cell
    taken.add(name.toLowerCase())
    if (name !== cell) notices.add(renamed(file, i, cell, name))
    return name
  })
}

function freeName(wanted: string, cell: string, given: Set<string>, taken: Set<string>): string {
  const free = (name: string): boolean => !given.has(name.toLowerCase()) && !taken.has(name.toLowerCase())
  if (wanted !== cell && free(wanted)) return wanted
  let count = 2
  while (!free(`${wanted}_${count}`)) count++
  return `${wanted}_${count}`
}

function renamed(file: string, i: number, cell: string, name: string): string {
  const why = cell.trim() === '' ? 'has no name' : `repeats the name ${JSON.stringify(cell)}`
  return `${file}: column ${i + 1} ${why}; it is called ${JSON.stringify(name)}.`
}
