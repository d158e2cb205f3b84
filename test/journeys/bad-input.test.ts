import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openEngine, quoteText } from '../../src/engines/duckdb.ts'
import {
  type DatasetInput,
  type ErrorCode,
  FiableError,
  open,
  type Project,
  type Verdict,
} from '../../src/index.ts'
import { csvOf, orderFile, ordersOf } from '../orders.ts'
import { runFiable } from '../run-fiable.ts'
import { tempFolder } from '../temp-folder.ts'

const good = csvOf(ordersOf(1, 60))
const better = csvOf(ordersOf(2, 60))
const lines = good.split('\n')

interface Place {
  readonly folder: string
  readonly project: Project
}

async function place(t: TestContext): Promise<Place> {
  const folder = tempFolder(t)
  mkdirSync(path.join(folder, 'data'))
  const project = await open({ store: path.join(folder, 'store'), baseFolder: folder })
  t.after(() => project.close())
  return { folder, project }
}

const write = (folder: string, files: Readonly<Record<string, string | Uint8Array>>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, 'data', name)), { recursive: true })
    writeFileSync(path.join(folder, 'data', name), content)
  }
}

type Files = Readonly<Record<string, string | Uint8Array>>

/** Input that is refused: what it is, the code, and what the message must name. */
const refused: readonly (readonly [
  name: string,
  files: Files,
  declaration: Partial<DatasetInput>,
  code: ErrorCode,
  says: RegExp,
])[] = [
  ['a file of 0 bytes', { 'a.csv': '' }, {}, 'EMPTY_SOURCE', /a\.csv/],
  ['a Parquet file of 0 bytes', { 'a.parquet': '' }, {}, 'EMPTY_SOURCE', /a\.parquet/],
  ['a text called .parquet', { 'a.parquet': good }, {}, 'MALFORMED_FILE', /a\.parquet/],
  [
    'a PNG called .csv',
    { 'a.csv': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') },
    {},
    'UNSUPPORTED_FORMAT',
    /a\.csv/,
  ],
  [
    'Parquet magic around garbage',
    { 'a.parquet': Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(200, 7), Buffer.from('PAR1')]) },
    {},
    'MALFORMED_FILE',
    /a\.parquet/,
  ],
  [
    'a ragged line',
    { 'a.csv': `${lines.slice(0, 9).join('\n')}\n1,2,3\n` },
    {},
    'MALFORMED_FILE',
    /a\.csv.*line 10/s,
  ],
  [
    'a line with too many cells',
    { 'a.csv': `${lines.slice(0, 5).join('\n')}\n${lines[5]},more,more\n` },
    {},
    'MALFORMED_FILE',
    /line 6/,
  ],
  ['a quote never closed', { 'a.csv': `a,b\n1,"x\n2,y\n` }, {}, 'MALFORMED_FILE', /quote|line/i],
  [
    'mixed encodings',
    { 'a.csv': Buffer.concat([Buffer.from('name\ncafé\n', 'utf8'), Buffer.from('caf\xe9\n', 'latin1')]) },
    {},
    'MALFORMED_FILE',
    /line/,
  ],
  ['a damaged gzip', { 'a.csv.gz': gzipSync(good).subarray(0, 80) }, {}, 'MALFORMED_FILE', /a\.csv\.gz/],
  ['a text called .gz', { 'a.csv.gz': good }, {}, 'MALFORMED_FILE', /a\.csv\.gz/],
  ['NDJSON with a broken line', { 'a.ndjson': '{"a":1}\n{"a":2\n{"a":3}\n' }, {}, 'MALFORMED_FILE', /line 2/],
  ['JSON that is a number', { 'a.json': '42' }, {}, 'MALFORMED_FILE', /a\.json/],
  ['JSON cut short', { 'a.json': '[{"a":1},{"a":' }, {}, 'MALFORMED_FILE', /a\.json/],
  ['no files at all', {}, {}, 'NO_BATCHES', /data/],
  ['a glob that matches nothing', { 'a.csv': good }, { data: 'data/*.parquet' }, 'NO_BATCHES', /\*\.parquet/],
  ['a file that is not there', {}, { data: 'data/none.csv' }, 'NO_BATCHES', /none\.csv/],
  [
    'a column to cut by that is not there',
    { 'a.csv': good },
    { by: 'creatd_at' },
    'UNKNOWN_COLUMN',
    /created_at/,
  ],
  ['a column to cut by without dates', { 'a.csv': good }, { by: 'country' }, 'NO_DATE_COLUMN', /country/],
  ['a column to cut by of amounts', { 'a.csv': good }, { by: 'total' }, 'NO_DATE_COLUMN', /total/],
  [
    'an unknown time zone',
    { 'a.csv': good },
    { by: 'created_at', timeZone: 'Mars/Olympus' },
    'BAD_CONFIG',
    /Mars\/Olympus/,
  ],
  [
    'a database that does not answer',
    {},
    { data: 'postgresql://nobody:secret@127.0.0.1:9/none', table: 't', by: 'd' },
    'DATABASE_UNREACHABLE',
    /127\.0\.0\.1/,
  ],
  [
    'a database without a table',
    {},
    { data: 'postgresql://127.0.0.1:9/none', by: 'd' },
    'BAD_CONFIG',
    /table/,
  ],
  [
    'a database without a column to cut by',
    {},
    { data: 'postgresql://127.0.0.1:9/none', table: 't' },
    'BAD_CONFIG',
    /by/,
  ],
]

for (const [name, files, declaration, code, says] of refused)
  test(`${name} is refused with ${code}, and nothing is stored`, async (t) => {
    const { folder, project } = await place(t)
    write(folder, files)
    const dataset = await project.dataset('d', { data: 'data', ...declaration })
    await assert.rejects(dataset.check(), (error) => {
      assert.ok(error instanceof FiableError, String(error))
      assert.equal(error.code, code, error.message)
      assert.match(error.message, says)
      assert.ok(error.fix.length > 10 && !error.message.includes('secret') && !error.fix.includes('secret'))
      return true
    })
    assert.deepEqual(await dataset.verdicts(), [])
    assert.deepEqual(readdirSync(path.join(folder, 'store', 'artifacts')), ['tmp'])
  })

/** A declaration that is refused before anything is read. */
const misdeclared: readonly (readonly [name: string, input: unknown, says: RegExp])[] = [
  ['no data', {}, /data/],
  ['empty data', { data: '' }, /data/],
  ['an unknown field', { data: 'x', tabel: 'y' }, /tabel/],
  ['an unknown period', { data: 'x', every: 'fortnight' }, /every/],
  ['a budget without a period', { data: 'x', atMost: '2' }, /2\/week/],
  ['a budget of words', { data: 'x', atMost: 'few/week' }, /atMost/],
  ['a list of nothing', { data: [] }, /data/],
]

for (const [name, input, says] of misdeclared)
  test(`a declaration with ${name} is refused`, async (t) => {
    const { project } = await place(t)
    await assert.rejects(
      project.dataset('d', input as DatasetInput),
      (error) => error instanceof FiableError && error.code === 'BAD_CONFIG' && says.test(error.message),
    )
  })

/** Hostile input that must be judged all the same: what it is, the two batches, and a check of the last verdict. */
const judged: readonly (readonly [
  name: string,
  first: string | Uint8Array,
  second: string | Uint8Array,
  holds: (verdict: Verdict) => boolean,
])[] = [
  [
    'a header without rows',
    good,
    `${lines[0]}\n`,
    ({ status, findings }) => status === 'alert' && /no rows/.test(findings[0]!.message),
  ],
  [
    'a byte order mark',
    good,
    `\ufeff${better}`,
    ({ findings }) => findings.every(({ metric }) => metric !== 'columnMissing'),
  ],
  ['NUL within cells', good, better.replace('@example', '\0@example'), ({ rows }) => rows === 60],
  [
    'a cell of 100,000 characters',
    good,
    better.replace('@example', 'x'.repeat(100_000)),
    ({ rows }) => rows === 60,
  ],
  [
    'line ends of Windows',
    good,
    better.replaceAll('\n', '\r\n'),
    ({ findings }) => findings.every(({ metric }) => metric !== 'columnMissing'),
  ],
  ['repeated column names', 'a,a,b\n1,2,3\n', 'a,a,b\n1,2,3\n4,5,6\n', ({ rows }) => rows === 2],
  ['empty column names', 'a,,\n1,2,3\n', 'a,,\n4,5,6\n', ({ rows }) => rows === 1],
  [
    'names with quotes, line ends, SQL, emoji and __proto__',
    hostileNames(0),
    hostileNames(1),
    ({ rows }) => rows === 40,
  ],
  ['1,000 columns', wide(0), wide(1), ({ rows }) => rows === 5],
  ['NaN and infinities', 'x\n1.5\nNaN\n', 'x\nNaN\nInfinity\n-Infinity\n2.5\n', ({ rows }) => rows === 4],
  [
    'integers beyond 64 bits',
    'x\n123456789012345678901234567890\n',
    'x\n223456789012345678901234567890\n5\n',
    ({ rows }) => rows === 2,
  ],
  [
    'integers beyond 2^53',
    'x\n9007199254740993\n',
    'x\n9007199254740995\n9007199254740997\n',
    ({ rows }) => rows === 2,
  ],
  ['huge decimals', `x\n1.${'1'.repeat(60)}\n`, `x\n2.${'1'.repeat(60)}\n`, ({ rows }) => rows === 1],
  ['a column of nulls only', 'a,b\n1,\n2,\n', 'a,b\n3,\n4,\n', ({ rows }) => rows === 2],
  ['a constant column', 'a\n7\n7\n', 'a\n7\n7\n', ({ rows }) => rows === 2],
  ['one row', 'a,b\n1,x\n', 'a,b\n2,y\n', ({ rows }) => rows === 1],
  ['one column without a name that is text', 'value\nx\n', 'value\ny\n', ({ rows }) => rows === 1],
  [
    'a number column turned into text',
    good,
    better.replaceAll(/^(\d+),/gm, 'id-$1,'),
    ({ status, findings }) =>
      status === 'alert' && findings.some(({ columns }) => columns.includes('order_id')),
  ],
  [
    'a column gone and one come',
    good,
    better.replace('email', 'mail'),
    ({ status, findings }) =>
      status === 'alert' &&
      findings.some(({ metric }) => metric === 'columnMissing') &&
      findings.some(({ metric }) => metric === 'columnAdded'),
  ],
  ['semicolons instead of commas', good, better.replaceAll(',', ';'), ({ rows }) => rows === 60],
  ['codes with leading zeros', 'code\n00123\n00456\n', 'code\n00789\n01234\n', ({ rows }) => rows === 2],
  ['Latin-1', 'name\ncafe\n', Buffer.from('name\ncaf\xe9\n', 'latin1'), ({ rows }) => rows === 1],
  [
    'UTF-16',
    'name\ncafe\n',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('name\ncafé\n', 'utf16le')]),
    ({ rows }) => rows === 1,
  ],
  ['quotes within quotes', 'a\n"x ""y"" z"\n', 'a\n"line\nend"\n', ({ rows }) => rows === 1],
  [
    'dates before 1970 and after 9999',
    'd\n1899-12-31\n',
    'd\n0001-01-01\n9999-12-31\n',
    ({ rows }) => rows === 2,
  ],
]

function hostileNames(seed: number): string {
  const header = [
    '"a""b"',
    '"line\nend"',
    '"\'; drop table x; --"',
    '"😀"',
    '__proto__',
    'constructor',
    '"a,b"',
    '" "',
  ].join(',')
  return `${[header, ...Array.from({ length: 40 }, (_, i) => Array.from({ length: 8 }, (__, j) => i * 7 + j + seed).join(','))].join('\n')}\n`
}

function wide(seed: number): string {
  const row = (of: (i: number) => unknown): string => Array.from({ length: 1000 }, (_, i) => of(i)).join(',')
  return `${[row((i) => `c${i}`), ...Array.from({ length: 5 }, (_, r) => row((i) => i * r + seed))].join('\n')}\n`
}

for (const [name, first, second, holds] of judged)
  test(`${name}: judged, without a fault`, async (t) => {
    const { folder, project } = await place(t)
    write(folder, { 'b-1.csv': first, 'b-2.csv': second })
    const verdicts = await (await project.dataset('d', { data: 'data' })).check()
    assert.equal(verdicts.length, 2)
    assert.ok(holds(verdicts[1]!), JSON.stringify(verdicts[1], null, 1).slice(0, 2000))
  })

test('every type of DuckDB is judged, nested ones as text', async (t) => {
  const { folder, project } = await place(t)
  const engine = await openEngine()
  t.after(() => engine.close())
  const select = (day: number): string =>
    `select i::hugeint * 1e20::hugeint h, i::decimal(38, 10) / 3 d, date '2024-01-01' + i::int dt, time '10:00' + to_minutes(i) tm, timestamptz '2024-01-01 00:00:00+02' tz, interval (i) day iv, ('x' || i % 3)::enum('x0', 'x1', 'x2') en, uuid() u, 'ab'::blob bl, [i, null] li, {a: i, b: 'x'} st, map {'k': i} mp, '{"a":1}'::json js, -0.0::double z, ${day} k from range(100) r(i)`
  for (const day of [1, 2])
    await engine.run(`copy (${select(day)}) to ${quoteText(path.join(folder, 'data', `b-${day}.parquet`))}`)
  const verdicts = await (await project.dataset('d', { data: 'data' })).check()
  assert.equal(verdicts.length, 2)
})

test('a batch that is broken stops the check there; those before it stay judged, and the mended file is judged next', async (t) => {
  const { folder, project } = await place(t)
  write(folder, { [orderFile(1)]: good, [orderFile(2)]: 'a,b\n1,2,3\n', [orderFile(3)]: better })
  const dataset = await project.dataset('d', { data: 'data' })
  await assert.rejects(dataset.check(), { code: 'MALFORMED_FILE' })
  assert.equal((await dataset.verdicts()).length, 1)
  write(folder, { [orderFile(2)]: csvOf(ordersOf(2, 61)) })
  assert.equal((await dataset.check()).length, 3)
})

test('links that loop, and folders called like files, are passed over', async (t) => {
  const { folder, project } = await place(t)
  write(folder, { 'a.csv': good })
  symlinkSync(path.join(folder, 'data'), path.join(folder, 'data', 'loop'))
  mkdirSync(path.join(folder, 'data', 'x.csv'))
  assert.equal((await (await project.dataset('d', { data: 'data' })).check()).length, 1)
})

test('a FIFO is never opened', {
  skip: process.platform === 'win32' ? 'Windows has no FIFOs' : false,
  timeout: 20_000,
}, async (t) => {
  const { folder, project } = await place(t)
  assert.equal(spawnSync('mkfifo', [path.join(folder, 'data', 'pipe.csv')]).status, 0)
  await assert.rejects((await project.dataset('d', { data: 'data/pipe.csv' })).check(), FiableError)
})

test('a source that vanished since is an error that keeps the history', async (t) => {
  const { folder, project } = await place(t)
  write(folder, { 'a.csv': good })
  const dataset = await project.dataset('d', { data: 'data' })
  await dataset.check()
  rmSync(path.join(folder, 'data'), { recursive: true })
  await assert.rejects(dataset.check(), { code: 'NO_BATCHES' })
  assert.equal((await dataset.verdicts()).length, 1)
})

test('hours of days on which clocks change are each a batch', async (t) => {
  const { folder, project } = await place(t)
  const hours = Array.from({ length: 72 }, (_, hour) => new Date(Date.UTC(2024, 2, 30, hour)).toISOString())
  write(folder, {
    'a.csv': `${['at,n', ...hours.flatMap((hour) => [`${hour},1`, `${hour},2`])].join('\n')}\n`,
  })
  const verdicts = await (
    await project.dataset('d', { data: 'data', by: 'at', timeZone: 'Europe/Paris' })
  ).check()
  assert.deepEqual(
    verdicts.map(({ batch, rows }) => [batch, rows]),
    [
      ['2024-03-30', 46],
      ['2024-03-31', 46],
      ['2024-04-01', 48],
      ['2024-04-02', 4],
    ],
  )
})

/** On the command line all of it exits 2, with the next step on the error stream and nothing on standard output. */
const onCommandLine: readonly (readonly [name: string, args: readonly string[], says: RegExp])[] = [
  ['no data and no declaration', ['check'], /fiable init/],
  ['a missing file', ['check', 'none.csv'], /none\.csv/],
  ['an unknown option', ['check', '--frequently'], /unknown option/],
  ['an unknown command', ['judge'], /unknown command/],
  ['an unknown format', ['check', 'a.csv', '--format', 'pdf'], /pdf/],
  ['a declaration that is no YAML', ['check', 'broken.yaml'], /broken\.yaml/],
  ['a declaration with a wrong field', ['check', 'wrong.yaml'], /tabel/],
  ['a store that is a file', ['check', 'a.csv', '--store', 'a.csv'], /a\.csv/],
  ['a port out of range', ['console', '--port', '70000'], /70000/],
  ['an interval of zero', ['watch', 'a.csv', '--interval', '0'], /interval/],
]

for (const [name, args, says] of onCommandLine)
  test(`${name}: the command line exits 2 and says the next step`, async (t) => {
    const folder = tempFolder(t)
    writeFileSync(path.join(folder, 'a.csv'), good)
    writeFileSync(path.join(folder, 'broken.yaml'), 'datasets: [\n')
    writeFileSync(path.join(folder, 'wrong.yaml'), 'datasets:\n  d:\n    data: a.csv\n    tabel: x\n')
    const { code, stdout, stderr } = await runFiable(args, folder)
    assert.equal(code, 2, stderr)
    assert.match(stderr, says)
    assert.equal(stdout, '')
  })
