import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { failure, openWorkspace } from './workspace.ts'

const readOne = async (
  t: Parameters<typeof openWorkspace>[0],
  content: string | Uint8Array,
  name = 'x.csv',
) => {
  const workspace = await openWorkspace(t)
  workspace.write(name, content)
  const { source, batches } = await workspace.readAll({ data: name })
  const [batch] = batches
  return { source, batch: batch!, rows: await workspace.rows(batch!), types: await workspace.types(batch!) }
}
const fails = async (
  t: Parameters<typeof openWorkspace>[0],
  content: string | Uint8Array,
  check: ReturnType<typeof failure>,
  name = 'x.csv',
) => {
  const workspace = await openWorkspace(t)
  workspace.write(name, content)
  await assert.rejects(workspace.readAll({ data: name }), check)
}

test('a CSV is read with the narrowest types its values allow without loss', async (t) => {
  const { rows, types } = await readOne(
    t,
    'id,zip,phone,price,ok,day,at,instant,big,empty\n' +
      '1,00123,+33612345678,1.50,true,2024-03-01,2024-03-01 05:06:07,2024-03-01T05:06:07Z,12345678901234567890123,\n' +
      '2,00124,+33612345679,-2e3,false,2024-03-02,2024-03-01T05:06,2024-03-01 05:06:07+02:00,2,\n',
  )
  assert.deepEqual(types, {
    id: 'BIGINT',
    zip: 'VARCHAR',
    phone: 'VARCHAR',
    price: 'DOUBLE',
    ok: 'BOOLEAN',
    day: 'DATE',
    at: 'TIMESTAMP',
    instant: 'TIMESTAMP WITH TIME ZONE',
    big: 'DECIMAL(38,0)',
    empty: 'VARCHAR',
  })
  assert.equal(rows[0]!.zip, '00123')
  assert.equal(rows[1]!.price, -2000)
  assert.equal(String(rows[0]!.big), '12345678901234567890123')
  assert.equal(rows[0]!.empty, null)
})

test('NaN and infinities are numbers', async (t) => {
  const { rows, types } = await readOne(t, 'a\n1.5\nNaN\nInfinity\n-inf\n')
  assert.equal(types.a, 'DOUBLE')
  assert.deepEqual(
    rows.map((row) => row.a),
    [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
})

test('one late bad value turns its column into text, says so, and breaks nothing else', async (t) => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `${i},${i}.5`)
  const { source, rows, types } = await readOne(t, `a,b\n${lines.join('\n')}\noops,7\n`)
  assert.deepEqual(types, { a: 'VARCHAR', b: 'DOUBLE' })
  assert.equal(rows.length, 12_001)
  assert.match(
    source.notices.join('\n'),
    /x\.csv: column "a" is kept as text: 1 values such as "oops" cannot be read as BIGINT/,
  )
})

test('a late leading zero keeps a column of codes as text', async (t) => {
  const lines = Array.from({ length: 12_000 }, (_, i) => `${i + 10_000}`)
  const { rows, types } = await readOne(t, `zip\n${lines.join('\n')}\n00123\n`)
  assert.equal(types.zip, 'VARCHAR')
  assert.equal(rows.at(-1)!.zip, '00123')
})

test('types widen as the values ask for, early and late in a file', async (t) => {
  const lines = Array.from({ length: 12_000 }, (_, i) => {
    const early = i === 80 ? '1.5' : `${i}`
    const late = i === 11_000 ? '2e3' : ''
    return `${early},${late},${i === 11_000 ? '2024-03-01T05:06:07+02:00' : '2024-03-01 05:06:07Z'},2024-03-01`
  })
  const { types, rows } = await readOne(
    t,
    `early,late,instant,day\n${lines.join('\n')}\n,,,2024-03-01 01:02:03\n`,
  )
  assert.deepEqual(types, {
    early: 'DOUBLE',
    late: 'DOUBLE',
    instant: 'TIMESTAMP WITH TIME ZONE',
    day: 'TIMESTAMP',
  })
  assert.equal(rows[80]!.early, 1.5)
  assert.equal(rows[11_000]!.late, 2000)
})

test('semicolons, tabs and bars divide cells, and a decimal comma is a number between them', async (t) => {
  const { rows } = await readOne(t, 'a;b\n1,5;"x;y"\n2,25;z\n')
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { a: 1.5, b: 'x;y' },
      { a: 2.25, b: 'z' },
    ],
  )
  const tabs = await readOne(t, 'a\tb\n1\t2\n', 'x.tsv')
  assert.deepEqual(Object.keys(tabs.types), ['a', 'b'])
})

test('a header alone is a batch of 0 rows', async (t) => {
  const { batch, types } = await readOne(t, 'a,b\n')
  assert.equal(batch.rows, 0)
  assert.deepEqual(Object.keys(types), ['a', 'b'])
})

test('a CSV of 0 bytes is refused by name', (t) =>
  fails(t, '', failure('EMPTY_SOURCE', 'x.csv', '0 bytes', 'header')))

test('a ragged line is named with what was expected and seen', async (t) => {
  await fails(
    t,
    'a,b\n1,2\n3,4,5\n',
    failure('MALFORMED_FILE', 'x.csv, line 3', 'has 3 cells', 'header has 2', '3,4,5'),
  )
  await fails(t, 'a,b\n1,2\n3\n', failure('MALFORMED_FILE', 'x.csv, line 3', 'has 1 cells', 'header has 2'))
})

test('lines are counted as an editor does, also after line ends within quotes and empty lines', async (t) => {
  await fails(t, 'a,b\n1,"x\ny\nz"\n\n3,4,5\n', failure('MALFORMED_FILE', 'x.csv, line 6', '3,4,5'))
})

test('an unclosed quote is named with its line', (t) =>
  fails(t, 'a,b\n1,"2\n3,4\n', failure('MALFORMED_FILE', 'x.csv, line 2', 'quote', 'Close')))

test('a byte order mark is no part of the first name', async (t) => {
  const { types } = await readOne(t, '\uFEFFa,b\n1,2\n')
  assert.deepEqual(Object.keys(types), ['a', 'b'])
})

test('a NUL within a cell is kept', async (t) => {
  const { rows } = await readOne(t, `a,b\n${'text,more\n'.repeat(20)}x\0y,2\n`)
  assert.equal(rows.at(-1)!.a, 'x\0y')
})

test('a cell of 100,000 characters is kept whole', async (t) => {
  const { rows } = await readOne(t, `a,b\n1,${'x'.repeat(100_000)}\n`)
  assert.equal(String(rows[0]!.b).length, 100_000)
})

test('a record of 5 MB is read', async (t) => {
  const { rows } = await readOne(t, `a,b\n1,x\n2,${'x'.repeat(5 << 20)}\n`)
  assert.equal(String(rows[1]!.b).length, 5 << 20)
})

for (const [mark, encoding] of [
  [true, 'utf16le'],
  [false, 'utf16le'],
] as const)
  test(`UTF-16 ${mark ? 'with' : 'without'} a mark is read, and said`, async (t) => {
    const { rows, source } = await readOne(t, Buffer.from(`${mark ? '\uFEFF' : ''}name,b\nété,2\n`, encoding))
    assert.deepEqual({ ...rows[0] }, { name: 'été', b: 2n })
    assert.match(source.notices.join(), /read as UTF-16LE/)
  })

test('Latin-1 is read as windows-1252, and said with the line that shows it', async (t) => {
  const { rows, source } = await readOne(t, Buffer.from('name,b\nplain,1\ncaf\xe9 \x80,2\n', 'latin1'))
  assert.equal(rows[1]!.name, 'café €')
  assert.match(source.notices.join(), /x\.csv is no UTF-8 \(line 3: "café €,2"\).*windows-1252/)
})

test('a Latin-1 header is read', async (t) => {
  const { types } = await readOne(t, Buffer.from('ann\xe9e,b\n1,2\n', 'latin1'))
  assert.deepEqual(Object.keys(types), ['année', 'b'])
})

test('a file that mixes encodings is refused with both lines', (t) =>
  fails(
    t,
    Buffer.concat([Buffer.from('a,b\nété,1\n'), Buffer.from('caf\xe9,2\n', 'latin1')]),
    failure('MALFORMED_FILE', 'mixes encodings', 'line 2 has UTF-8', 'line 3', 'UTF-8'),
  ))

test('mixed line ends are read, and said', async (t) => {
  const { rows, source } = await readOne(t, 'a,b\r\n1,2\n3,4\r\n')
  assert.equal(rows.length, 2)
  assert.match(source.notices.join(), /mixes line ends/)
})

test('repeated and empty names get stable ones, and it is said', async (t) => {
  const { types, source } = await readOne(t, 'id,ID,,id,id_2\n1,2,3,4,5\n')
  assert.deepEqual(Object.keys(types), ['id', 'ID_3', 'column_3', 'id_4', 'id_2'])
  assert.match(source.notices.join('\n'), /column 2 repeats the name "ID"; it is called "ID_3"/)
  assert.match(source.notices.join('\n'), /column 3 has no name; it is called "column_3"/)
})

test('names with quotes, line ends, SQL, emoji and __proto__ are kept', async (t) => {
  const names = [`it's`, 'a "b"', 'two\nlines', `x'); DROP TABLE y; --`, '🙂', '__proto__', 'c1']
  const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',')
  const workspace = await openWorkspace(t)
  workspace.write('x.csv', `${header}\n1,2,3,4,5,6,7\n`)
  const { batches } = await workspace.readAll({ data: 'x.csv' })
  const described = await workspace.engine.query(`DESCRIBE FROM '${batches[0]!.path}'`)
  assert.deepEqual(
    described.map((row) => row.column_name),
    names,
  )
})

test('1,000 columns are read', async (t) => {
  const header = Array.from({ length: 1000 }, (_, i) => `column ${i}`).join(',')
  const line = Array.from({ length: 1000 }, (_, i) => i).join(',')
  const { types, rows } = await readOne(t, `${header}\n${`${line}\n`.repeat(50)}`)
  assert.equal(Object.keys(types).length, 1000)
  assert.equal(rows[0]!['column 999'], 999n)
})

test('a file whose first line is data is refused', (t) =>
  fails(t, '1,2\n3,4\n', failure('MALFORMED_FILE', 'line 1 holds data', 'column names')))

test('gzip is unpacked, and a damaged archive is refused', async (t) => {
  const packed = gzipSync(`a,b\n${'1,2\n'.repeat(1000)}`)
  const { batch } = await readOne(t, packed, 'x.csv.gz')
  assert.equal(batch.rows, 1000)
  await fails(
    t,
    packed.subarray(0, packed.length - 9),
    failure('MALFORMED_FILE', 'x.csv.gz', 'damaged gzip'),
    'x.csv.gz',
  )
  await fails(t, 'a,b\n1,2\n', failure('MALFORMED_FILE', 'x.csv.gz', '1f 8b'), 'x.csv.gz')
})

test('a PNG called .csv and a text called .parquet are told by their first bytes', async (t) => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
  await fails(t, png, failure('UNSUPPORTED_FORMAT', 'x.csv', 'PNG'))
  await fails(t, 'a,b\n1,2\n', failure('MALFORMED_FILE', 'x.parquet', "'PAR1'", '"a,b\\n'), 'x.parquet')
})
