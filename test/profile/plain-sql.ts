import assert from 'node:assert/strict'
import type { ColumnProfile } from '../../src/data/profile.ts'
import { type Engine, quoteName, quoteText } from '../../src/engines/duckdb.ts'
import { bucketMiddle } from '../../src/profile/number-shape.ts'
import { assertClose } from './close.ts'

const numberSql = (type: string, name: string): string => {
  if (type === 'BOOLEAN') return `${name}::int::double`
  return /^(DATE|TIME)/.test(type) ? `epoch_us(${name}) / 1e3` : `${name}::double`
}

/** Checks a column profile against one plain SQL query per statistic; returns how many numbers were compared. */
export async function checkAgainstSql(engine: Engine, file: string, profile: ColumnProfile): Promise<number> {
  const name = quoteName(profile.column.name)
  const from = `read_parquet(${quoteText(file)})`
  const one = async (sql: string) =>
    Object.values((await engine.query(`select ${sql} from ${from}`))[0]!).map((cell) =>
      typeof cell === 'bigint' ? Number(cell) : cell,
    )
  let checks = 0
  const same = (actual: unknown, expected: unknown, what: string) => {
    assertClose(actual, expected, `${profile.column.name} ${what}`)
    checks++
  }
  const [rows, nulls] = await one(`count(*), count(*) - count(${name})`)
  same(profile.rows, rows, 'rows')
  same(profile.nulls, nulls, 'nulls')
  same(profile.invalid, 0, 'invalid')
  const isText = profile.text !== null
  const value = isText ? `${name}::varchar` : numberSql(profile.column.type, name)
  const kept = isText ? 'true' : `isfinite(${value})`
  same(profile.distinct.value, (await one(`count(distinct ${name}) filter (${kept})`))[0], 'distinct')
  const groups = await engine.query(
    `select ${value} as v, count(*)::double as n from ${from} where ${name} is not null and ${kept} group by 1`,
  )
  const expected = new Map(groups.map((group) => [group.v, group.n]))
  if (profile.frequencies.level === 0) same(profile.frequencies.values.length, expected.size, 'values')
  profile.frequencies.values.forEach((v, i) => {
    same(profile.frequencies.counts[i], expected.get(v), `count of ${v}`)
  })
  if (profile.number) {
    const { number } = profile
    const [min, max, mean, squares, others] = await one(
      `min(v), max(v), avg(v), var_pop(v) * count(v), (select count(*) from ${from} where not isfinite(${value})) from (select ${value} as v from ${from} where ${kept}) --`,
    ).catch(() => [])
    if (min !== null && min !== undefined) {
      same(number.min, min, 'min')
      same(number.max, max, 'max')
      assert.ok(
        Math.abs(number.mean - (mean as number)) <=
          1e-9 * Math.max(Math.abs(number.min), Math.abs(number.max)),
      )
      assert.ok(
        Math.abs(number.squares - (squares as number)) <=
          1e-7 * (squares as number) + 1e-9 * (mean as number) ** 2,
      )
      same(number.nonFinite, others, 'nonFinite')
      checks += 2
    }
    const total = number.buckets.count.reduce((a, b) => a + b, 0)
    same(
      total,
      number.decimals.reduce((a, b) => a + b),
      'values in buckets',
    )
    number.buckets.index.forEach((bucket, i) => {
      const middle = bucketMiddle(bucket)
      const near = [...expected].filter(
        ([v]) => Math.abs((v as number) - middle) <= 0.0079 * Math.abs(middle),
      )
      const most = near.reduce((sum, [, n]) => sum + (n as number), 0)
      if (i % 50 === 0)
        assert.ok(number.buckets.count[i]! <= most, `bucket ${bucket} of ${profile.column.name}`)
    })
  }
  if (profile.time)
    same(
      profile.time.bins.count.reduce((a, b) => a + b, 0),
      Number(rows) - Number(nulls),
      'instants',
    )
  if (profile.text) checks += await checkTexts(profile, one, value)
  return checks
}

async function checkTexts(
  profile: ColumnProfile,
  one: (sql: string) => Promise<unknown[]>,
  value: string,
): Promise<number> {
  const text = profile.text!
  const classes = ['[^A-Z]', '[^a-z]', '[^0-9]', '[^ \\t-\\r]']
  const sums = await one(
    classes.map((c) => `sum(length(regexp_replace(${value}, '${c}', '', 'g')))`).join(', '),
  )
  const { upper, lower, digit, space } = text.characters
  assertClose([upper, lower, digit, space], sums, `${profile.column.name} characters`)
  assertClose([text.empty], await one(`count(*) filter (${value} = '')`), `${profile.column.name} empty`)
  const patterns = text.patterns.counts.reduce((a, b) => a + b, 0)
  if (text.patterns.level === 0) assert.equal(patterns, profile.rows - profile.nulls)
  const lengths = text.lengths.count.reduce((a, b) => a + b, 0)
  assert.equal(lengths, profile.rows - profile.nulls)
  return 7
}
