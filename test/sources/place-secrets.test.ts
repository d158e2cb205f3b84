// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are what users write
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandReferences, withoutPassword } from '../../src/sources/place-secrets.ts'

const places: readonly (readonly [given: string, kept: string])[] = [
  ['data/*.csv', 'data/*.csv'],
  ['postgresql://u:s3cret@h:5432/d', 'postgresql://u@h:5432/d'],
  ['postgresql://u@h/d?password=s3cret&sslmode=require', 'postgresql://u@h/d?sslmode=require'],
  ['postgresql://u:s3cret${X}@h/d', 'postgresql://u@h/d'],
  ['postgresql://u:${PW}@h/d', 'postgresql://u:${PW}@h/d'],
  ['postgresql://u:${PW}@h/d?sslpassword=s3cret', 'postgresql://u:${PW}@h/d'],
  ['postgresql://u:s3cret@h:notaport/d?password=s3cret', 'postgresql://h:notaport/d'],
  ['${DATABASE_URL}', '${DATABASE_URL}'],
]
for (const [given, kept] of places)
  test(`of ${given} is kept ${kept}`, () => {
    assert.equal(withoutPassword(given), kept)
  })

test('a variable is encoded within a URL, and taken as it is elsewhere', () => {
  const environment = { PW: 'p@ss/word', FOLDER: 'my data', URL: 'postgresql://u:p@h/d' }
  assert.equal(expandReferences('postgresql://u:${PW}@h/d', environment), 'postgresql://u:p%40ss%2Fword@h/d')
  assert.equal(expandReferences('${FOLDER}/*.csv', environment), 'my data/*.csv')
  assert.equal(expandReferences('${URL}', environment), 'postgresql://u:p@h/d')
})

test('a variable that is not set is named with the next step', () => {
  assert.throws(() => expandReferences('${NO_SUCH}/x.csv', {}), {
    code: 'BAD_CONFIG',
    fix: /export NO_SUCH=/,
  })
})
