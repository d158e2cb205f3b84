import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, openWorkspace } from './workspace.ts'

const readOne = async (t: Parameters<typeof openWorkspace>[0], name: string, content: string) => {
  const workspace = await openWorkspace(t)
  workspace.write(name, content)
  const { source, batches } = await workspace.readAll({ data: name })
  return { source, rows: await workspace.rows(batches[0]!), types: await workspace.types(batches[0]!) }
}
const fails = async (
  t: Parameters<typeof openWorkspace>[0],
  name: string,
  content: string,
  check: ReturnType<typeof failure>,
) => {
  const workspace = await openWorkspace(t)
  workspace.write(name, content)
  await assert.rejects(workspace.readAll({ data: name }), check)
}

test('an array, one object per line and objects one after the other give the same rows', async (t) => {
  const objects = ['{"a":1,"b":"x"}', '{"a":2,"b":null}']
  const array = await readOne(t, 'x.json', `[${objects.join(',')}]`)
  const lines = await readOne(t, 'x.ndjson', `${objects.join('\n')}\n`)
  const loose = await readOne(t, 'x.json', objects.join('\n  '))
  assert.deepEqual(array.rows, lines.rows)
  assert.deepEqual(array.rows, loose.rows)
  assert.equal(array.rows.length, 2)
})

test('codes stay text, ISO times become times, other dates stay text, nested values stay nested', async (t) => {
  const { types, rows } = await readOne(
    t,
    'x.ndjson',
    '{"zip":"00123","at":"2024-03-01T05:06:07Z","us":"02-03-2024","big":12345678901234567890123,"list":[1,2],"deep":{"x":1}}\n',
  )
  assert.deepEqual(types, {
    zip: 'VARCHAR',
    at: 'TIMESTAMP WITH TIME ZONE',
    us: 'VARCHAR',
    big: 'DECIMAL(38,0)',
    list: 'BIGINT[]',
    deep: 'STRUCT(x BIGINT)',
  })
  assert.equal(String(rows[0]!.big), '12345678901234567890123')
})

test('a late value of another type widens its column, and it is said', async (t) => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `{"a":${i}}`)
  const { rows, source } = await readOne(t, 'x.ndjson', `${lines.join('\n')}\n{"a":"oops"}\n`)
  assert.equal(rows.length, 30_001)
  assert.match(source.notices.join(), /x\.ndjson: later records differ in type/)
})

test('a broken line of NDJSON is named by its number', async (t) => {
  await fails(
    t,
    'x.ndjson',
    '{"a":1}\n{"a":2\n{"a":3}\n',
    failure('MALFORMED_FILE', 'x.ndjson, line 2', '{\\"a\\":2'),
  )
})

test('broken and repeated keys in an array are refused', async (t) => {
  await fails(t, 'x.json', '[{"a":1},{"a":2]', failure('MALFORMED_FILE', 'x.json', 'JSON'))
  await fails(t, 'x.json', '[{"a":1,"a":2}]', failure('MALFORMED_FILE', 'x.json', 'duplicate key'))
})

test('values that are no objects, and no values at all, are refused', async (t) => {
  await fails(t, 'x.json', '[1,2]', failure('MALFORMED_FILE', 'x.json', 'objects'))
  await fails(t, 'x.json', '[]', failure('EMPTY_SOURCE', 'x.json', 'no record'))
  await fails(t, 'x.json', '', failure('EMPTY_SOURCE', 'x.json', '0 bytes'))
})
