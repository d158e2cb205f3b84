import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Column } from '../../src/data/column.ts'
import type { ColumnProfile, Profile, RowSample, SampleColumn } from '../../src/data/profile.ts'
import { type Engine, openEngine, quoteText } from '../../src/engines/duckdb.ts'
import { mergeProfiles } from '../../src/profile/merge.ts'
import { profileSample } from '../../src/profile/profile-sample.ts'
import { encodeSample, readSample } from '../../src/profile/sample-file.ts'
import { scan } from '../../src/profile/scan.ts'
import { tempFolder } from '../temp-folder.ts'
import { assertClose } from './close.ts'
import { checkAgainstSql } from './plain-sql.ts'

const root = path.join(import.meta.dirname, '../..')
const flights = path.join(root, 'node_modules/vega-datasets/data/flights-3m.parquet')
const retail = path.join(root, '../shared/data/online_retail.parquet')
const folder = tempFolder()
let engine: Engine

before(async () => {
  engine = await openEngine({ threads: 2 })
})
after(() => engine.close())

async function parquet(name: string, select: string): Promise<string> {
  const file = path.join(folder, `${name}.parquet`)
  await engine.run(`copy (${select}) to ${quoteText(file)} (format parquet)`)
  return file
}

const columnOf = (profile: Profile, name: string): ColumnProfile =>
  profile.columns.find(({ column }) => column.name === name)!

/** Every type a Parquet file can bring, with nulls, extremes and names that need quoting. */
const everyType = `
  select i % 7 = 0 as flag, i::tinyint as "tiny", (i * 3)::smallint as small, i::integer as "select", i::bigint * 1000003 as big,
    i::utinyint as utiny, (i * 2)::usmallint as usmall, i::uinteger as uint,
    9007199254740993 + i as "beyond 2^53", (18446744073709551615 - i)::ubigint as ubig,
    (170141183460469231731687303715884105727 - i)::hugeint as huge,
    (i / 8)::decimal(9, 3) as "dec", (i / 8)::decimal(38, 10) as wide_dec, (i / 10)::float as single,
    case i % 11 when 0 then 'nan'::double when 1 then 'inf'::double when 2 then '-inf'::double when 3 then -0.0 when 4 then 0.0
      else i / 100 end as "odd double",
    date '2020-01-01' + i::int as "a ""quoted"" day", time '00:00:00' + to_microseconds(i * 1001) as clock,
    timestamp '2020-01-01' + to_microseconds(i * 1001) as "at",
    (timestamp '2020-01-01' + to_milliseconds(i))::timestamp_ms as at_ms, (timestamp '2020-01-01' + to_seconds(i))::timestamp_s as at_s,
    (timestamp '1960-01-01' + to_seconds(i))::timestamp_ns as at_ns,
    timestamptz '2020-01-01 00:00:00+00' + to_seconds(i) as at_tz,
    to_days(i::int) as "span", (['red', 'green', 'blue'])[i % 3 + 1]::enum('red', 'green', 'blue') as "line\nbreak",
    ('00000000-0000-0000-0000-' || lpad(i::varchar, 12, '0'))::uuid as id, encode('b' || i) as bytes,
    [i, i + 1] as list, {'a': i, 'b': 'x' || i} as struct, map {'k' || (i % 5): i} as "map",
    case i % 5 when 0 then '' when 1 then 'Ünïcode 😀 ' || i when 2 then repeat('long ', 60 + i::int % 5) when 3 then 'N/A' end as "😀",
    'A-' || i as __proto__, null::varchar as constructor, null::bigint as nothing`

const types = (rows: number) =>
  `${everyType} from range(${rows}) t(i)`
    .replaceAll(/\bi::tinyint/g, '(i % 100)::tinyint')
    .replaceAll(/\bi::utinyint/g, '(i % 200)::utinyint')

test('every statistic of small and large batches of flights is what plain SQL says', async () => {
  const month = await parquet(
    'month',
    `select * from ${quoteText(flights)} where date < '2001-02-01' limit 150000`,
  )
  let checks = 0
  for (const sampleRows of [5000, 200_000]) {
    const { profile, sample } = await scan(engine, month, { sampleRows })
    assert.equal(sample.rows, Math.min(sampleRows, profile.rows))
    for (const column of profile.columns) checks += await checkAgainstSql(engine, month, column)
  }
  assert.ok(checks > 10_000, `${checks} checks`)
})

test('every statistic of Online Retail is what plain SQL says', { skip: skipWithout(retail) }, async () => {
  const { profile } = await scan(engine, retail)
  let checks = 0
  for (const column of profile.columns) checks += await checkAgainstSql(engine, retail, column)
  assert.ok(checks > 10_000, `${checks} checks`)
  assert.equal(profile.duplicateRows.value, 541_909 - (await distinctRows(retail)))
})

function skipWithout(file: string): string | false {
  if (existsSync(file)) return false
  assert.ok(!process.env.CI, `${file} is needed by continuous integration`)
  return `${file} is absent`
}

async function distinctRows(file: string): Promise<number> {
  const [row] = await engine.query(
    `select count(*)::double as n from (select distinct * from ${quoteText(file)})`,
  )
  return Number(row!.n)
}

test('duplicate rows are counted exactly, in memory and beyond', async () => {
  const file = await parquet('repeats', 'select i % 700 as a, (i % 700)::varchar as b from range(1000) t(i)')
  for (const sampleRows of [100, 1000]) {
    const { profile } = await scan(engine, file, { sampleRows })
    assert.deepEqual(profile.duplicateRows, { value: 300, standardError: 0 })
    assert.equal(profile.rowKeys.counts.length, 700)
  }
})

test('every type is profiled as plain SQL counts it, by every route', async () => {
  const file = await parquet('types', types(3000))
  const whole = await scan(engine, file)
  for (const route of ['group', 'stream'] as const) {
    const large = await scan(engine, file, { sampleRows: 50, route })
    assertClose(comparable(large.profile), comparable(whole.profile), route)
  }
  for (const column of whole.profile.columns) {
    assert.equal(column.rows, 3000)
    const [row] = await engine.query(
      `select count(distinct "${column.column.name.replaceAll('"', '""')}")::double as n from ${quoteText(file)}`,
    )
    const nonFinite = (column.number?.nonFinite ?? 0) > 0 ? 3 : 0
    assert.equal(column.distinct.value, Number(row!.n) - nonFinite, column.column.name)
  }
})

/** Doubles near 2^64 are 2048 apart: their spread is rounding, and left out. */
const comparable = (profile: Profile): Profile => ({
  ...profile,
  columns: profile.columns.map((column) =>
    column.column.name === 'ubig' ? { ...column, number: { ...column.number!, squares: 0 } } : column,
  ),
})

test('every route keeps the same values, patterns and bins when there are more than fit', async () => {
  const file = await parquet(
    'many',
    `select i, (i * 7919 % 40009) / 16 as fraction, timestamp '1999-12-31' + to_microseconds(i * i * 977) as at,
      substr('aB9é-_ 😀x.', 1 + (i % 9)::int, 1 + (i % 7)::int) || translate(md5(i::varchar), '0123456789abcdef', '.-_:;/+*=#ab12AB') || (['-', ' ', 'É', '😀', repeat('z', 300)])[1 + i % 5] as note
      from range(40000) t(i)`,
  )
  const profiles = [await scan(engine, file, { sampleRows: 40_000 })]
  for (const route of ['group', 'stream'] as const)
    profiles.push(await scan(engine, file, { sampleRows: 50, route }))
  const [whole, ...others] = profiles.map(({ profile }) => profile)
  assert.ok(columnOf(whole!, 'note').frequencies.level > 0)
  assert.ok(columnOf(whole!, 'note').text!.patterns.level > 0)
  assert.ok(columnOf(whole!, 'at').time!.widthLog2 > 0)
  for (const other of others) assertClose(other, whole)
})

test('integers beyond 2^53 are told apart although doubles cannot', async () => {
  const file = await parquet('types-wide', types(500))
  const { profile } = await scan(engine, file)
  for (const name of ['beyond 2^53', 'ubig']) {
    assert.equal(columnOf(profile, name).distinct.value, 500, name)
    assert.ok(columnOf(profile, name).frequencies.values.length <= 500)
  }
})

test('NaN and the infinities are counted apart, and −0 is 0', async () => {
  const file = await parquet('types-odd', types(1100))
  const { number, frequencies } = columnOf((await scan(engine, file)).profile, 'odd double')
  assert.equal(number?.nonFinite, 300)
  assert.equal(frequencies.values.filter((value) => value === 0).length, 1)
  assert.ok(frequencies.values.every((value) => Number.isFinite(value) && !Object.is(value, -0)))
})

test('texts are measured in UTF-16 code units, by class and by shape', async () => {
  const file = await parquet('texts', `select unnest(['Ab 12-é', '😀', '', null, 'ZZZ']) as t`)
  const { text } = columnOf((await scan(engine, file)).profile, 't')
  assert.deepEqual(text?.lengths, { length: [0, 2, 3, 7], count: [1, 1, 1, 1] })
  assert.deepEqual(text?.characters, { upper: 4, lower: 1, digit: 2, space: 1, other: 4 })
  assert.deepEqual(text?.patterns.values, ['', 'A', 'Aa 9-u', 'u'])
})

test('a column of another storage class is read as expected, and what does not fit is invalid', async () => {
  const file = await parquet(
    'drifted',
    `select unnest(['1', '2', 'x', null, '2.0', '']) as amount, unnest(['2020-01-01', 'soon', null, null, '', '2020-01-02']) as day`,
  )
  const expected: Column[] = [
    { name: 'amount', type: 'DOUBLE', storage: 'number' },
    { name: 'day', type: 'DATE', storage: 'time' },
    { name: 'gone', type: 'BIGINT', storage: 'number' },
  ]
  for (const sampleRows of [2, 100]) {
    const { profile } = await scan(engine, file, { expected, sampleRows })
    const [amount, day, ...more] = profile.columns
    assert.deepEqual(more, [])
    assert.deepEqual(amount!.column, expected[0])
    assert.deepEqual([amount!.rows, amount!.nulls, amount!.invalid], [6, 1, 2])
    assert.deepEqual(amount!.frequencies, { level: 0, values: [1, 2], counts: [1, 2] })
    assert.deepEqual([day!.nulls, day!.invalid, day!.distinct.value], [2, 2, 2])
  }
})

test('the sample is of the size asked, in file order, uniform, and the same each time', async () => {
  const file = await parquet('ordered', 'select i from range(100000) t(i)')
  const { sample } = await scan(engine, file, { sampleRows: 2000 })
  const numbers = sample.columns[0]!.values as number[]
  assert.equal(sample.rows, 2000)
  assert.equal(sample.of, 100_000)
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  )
  const mean = numbers.reduce((a, b) => a + b) / 2000
  assert.ok(Math.abs(mean - 50_000) < 4 * (28_868 / Math.sqrt(2000)), `mean ${mean}`)
  assert.deepEqual((await scan(engine, file, { sampleRows: 2000 })).sample, sample)
})

test('a column named as the engine names row numbers is profiled and sampled like any other', async () => {
  const select = 'select i * 2 as %, i % 5 as b from range(30000) t(i)'
  const file = await parquet('named as the engine', select.replace('%', '"File_Row_Number"'))
  const plain = await parquet('named plainly', select.replace('%', 'a'))
  const [found, expected] = await Promise.all([file, plain].map((each) => scan(engine, each)))
  assert.deepEqual(
    found!.sample.columns.map(({ codes }) => codes),
    expected!.sample.columns.map(({ codes }) => codes),
  )
  assert.equal(found!.profile.columns[0]!.fingerprint, expected!.profile.columns[0]!.fingerprint)
})

test('a sample that holds the whole batch gives the same profile as the scan, but for its row keys', async () => {
  const file = await parquet('whole', types(400))
  const { profile, sample } = await scan(engine, file)
  const { rowKeys, rowHash, ...rest } = profileSample(sample)
  const { rowKeys: scannedKeys, rowHash: scannedHash, ...scanned } = profile
  assert.deepEqual(rest, scanned)
  assert.notEqual(rowHash, scannedHash)
  assert.equal(rowKeys.counts.length, scannedKeys.counts.length)
})

test('profiles of two halves merge into the profile of the whole file', async () => {
  const whole = await scan(engine, await parquet('all', types(2000)))
  const [first, second] = await Promise.all(
    ['i < 800', 'i >= 800'].map(async (half, h) =>
      scan(engine, await parquet(`half-${h}`, `${types(2000)} where ${half}`)),
    ),
  )
  const merged = mergeProfiles(first!.profile, second!.profile)
  const inexact = new Set(['beyond 2^53', 'ubig'])
  merged.columns.forEach((column, i) => {
    const expected = whole.profile.columns[i]!
    // Doubles near 2^64 are 2048 apart: neither the values nor their spread survive.
    if (inexact.has(column.column.name)) assert.deepEqual(column.frequencies, expected.frequencies)
    else assertClose(column, expected)
  })
  assert.deepEqual(merged.rowKeys, whole.profile.rowKeys)
  assert.deepEqual(merged.duplicateRows, whole.profile.duplicateRows)
})

test('a sample comes back from its file exactly', async () => {
  const { sample } = await scan(engine, await parquet('round', types(600)), { sampleRows: 300 })
  const file = path.join(folder, 'round.sample')
  await writeFile(file, encodeSample(sample))
  assert.deepEqual(await readSample(engine, file), sample)
})

test('codes of any width come back, and so do texts and numbers that are no plain ones', async () => {
  const sampleWith = (name: string, values: SampleColumn['values']): RowSample => {
    const storage = typeof values[0] === 'string' ? 'string' : 'number'
    const column = { name, type: storage === 'string' ? 'VARCHAR' : 'DOUBLE', storage } as const
    const codes = Uint32Array.of(values.length, 0, 1, values.length)
    return { rows: 4, of: 9, columns: [{ column, codes, values }] }
  }
  const file = path.join(folder, 'widths.sample')
  for (const sample of [
    ...[1, 255, 256, 65_535, 65_536].map((size) => sampleWith(`${size} numbers`, [...Array(size).keys()])),
    sampleWith('odd numbers', [-0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324]),
    sampleWith('odd "texts" \n😀', ['', '\ud800', '😀', '\0']),
    { rows: 0, of: 0, columns: [] },
  ]) {
    await writeFile(file, encodeSample(sample))
    assert.deepEqual(await readSample(engine, file), sample)
  }
})

test('a sample stored as Parquet, as the first versions did, is still read', async () => {
  const file = await parquet(
    'layout-1',
    `select 1 as layout, 3 as rows, 7.0::double as of, * from (values
       ('"a"', 'DOUBLE', '\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x00\\x00'::blob, '\\x00\\x00\\x00\\x00\\x00\\x00\\xF8\\x3F'::blob, null),
       ('"b"', 'VARCHAR', '\\x02\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00'::blob, null, '["x","\\ud800"]')
     ) t(name, type, codes, numbers, texts)`,
  )
  assert.deepEqual(await readSample(engine, file), {
    rows: 3,
    of: 7,
    columns: [
      {
        column: { name: 'a', type: 'DOUBLE', storage: 'number' },
        codes: Uint32Array.of(1, 0, 1),
        values: [1.5],
      },
      {
        column: { name: 'b', type: 'VARCHAR', storage: 'string' },
        codes: Uint32Array.of(2, 1, 0),
        values: ['x', '\ud800'],
      },
    ],
  })
})

test('a file that holds no sample, or half of one, is refused as corrupt, and a newer one as newer', async () => {
  const file = await parquet('no-sample', 'select 1 as x')
  await assert.rejects(readSample(engine, file), { code: 'STORE_CORRUPT' })
  await assert.rejects(readSample(engine, path.join(folder, 'absent.sample')), { code: 'STORE_CORRUPT' })
  const { sample } = await scan(engine, await parquet('half', types(50)))
  const bytes = encodeSample(sample)
  const half = path.join(folder, 'half.sample')
  for (const [damaged, code] of [
    [bytes.subarray(0, bytes.length >> 1), 'STORE_CORRUPT'],
    [Buffer.from('FIAS'), 'STORE_CORRUPT'],
    [Buffer.concat([bytes.subarray(0, 4), Buffer.of(99), bytes.subarray(5)]), 'STORE_NEWER'],
  ] as const) {
    await writeFile(half, damaged)
    await assert.rejects(readSample(engine, half), { code })
  }
})

test('a batch without rows has a profile of nothing', async () => {
  const file = await parquet('empty', `${types(0)}`)
  const { profile, sample } = await scan(engine, file)
  assert.equal(profile.rows, 0)
  assert.equal(sample.rows, 0)
  for (const column of profile.columns) {
    assert.deepEqual(column.distinct, { value: 0, standardError: 0 })
    assert.deepEqual([column.number, column.time, column.text], [null, null, null])
  }
})

test('a file whose name holds glob characters is read as that file', async () => {
  const file = await parquet('orders [1] *', 'select 1 as x')
  assert.equal((await scan(engine, file)).profile.rows, 1)
})

test('a file that is not Parquet is refused with the statement', async () => {
  await assert.rejects(scan(engine, import.meta.filename), { code: 'ENGINE_FAILED' })
})
