import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const root = path.join(import.meta.dirname, '..')
const src = path.join(root, 'src')

/** Rows of the import table in ARCHITECTURE.md: folder, folders it may import, and its extra rules. */
function importTable(): Map<string, { mayImport: readonly string[]; pure: boolean; native: boolean }> {
  const text = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8')
  const section = text.split('## Who may import whom')[1]?.split('\n## ')[0] ?? ''
  const rows = [...section.matchAll(/^\| `([\w-]+)` \|([^|]*)\|([^|]*)\|$/gm)]
  return new Map(
    rows.map(([, folder, list, rules]) => [
      folder!,
      {
        mayImport: [...list!.matchAll(/`([\w-]+)`/g)].map((m) => m[1]!),
        pure: rules!.includes('pure'),
        native: rules!.includes('native'),
      },
    ]),
  )
}

const IMPORT = /\b(?:import|export)\b(?:[\s\w{},*$]*?\bfrom)?\s*\(?\s*['"]([^'"]+)['"]/g
/** Specifiers of every import: static, type-only, multi-line, side-effect, dynamic, and `export … from`. */
function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((m) => m[1]!)
}

const AMBIENT = /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bfetch\(|\bprocess\./
const NATIVE = /^(@duckdb\/|onnxruntime-node|onnxruntime-web)/

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const table = importTable()

test('the import table names every folder, and files were seen', () => {
  assert.ok(files.length > 10, `only ${files.length} source files were seen`)
  const folders = new Set(
    files.filter((file) => file.includes(path.sep)).map((file) => file.split(path.sep)[0]!),
  )
  assert.deepEqual(
    [...folders].filter((folder) => !table.has(folder)),
    [],
  )
  assert.deepEqual(
    [...table.keys()].filter((folder) => !folders.has(folder)),
    [],
  )
})

test('the reader of imports sees every form of import', () => {
  const text = `import type { A } from './a.ts'\nimport {\n  b,\n} from './b.ts'\nimport './c.ts'\nconst d = await import('./d.ts')\nexport * from './e.ts'\nexport { f } from './f.ts'\nimport * as g from './g.ts'`
  assert.deepEqual(importsOf(text), ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts'])
})

for (const file of files.filter((name) => name.includes(path.sep))) {
  const folder = file.split(path.sep)[0]!
  const text = readFileSync(path.join(src, file), 'utf8')
  const rule = table.get(folder)
  test(`${file} keeps to the import table`, () => {
    for (const specifier of importsOf(text)) checkImport(file, folder, specifier)
    if (rule?.pure) {
      const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      assert.doesNotMatch(
        code,
        AMBIENT,
        `src/${file} must stay pure: take the clock, the generator or the data as an argument.`,
      )
    }
  })
}

function checkImport(file: string, folder: string, specifier: string): void {
  const rule = table.get(folder)
  if (!specifier.startsWith('.')) {
    assert.ok(
      !NATIVE.test(specifier) || rule?.native,
      `src/${file} imports ${specifier}: only engines/ may import a native engine.`,
    )
    assert.ok(
      !rule?.pure || !specifier.startsWith('node:'),
      `src/${file} imports ${specifier}, but ${folder}/ is pure.`,
    )
    return
  }
  const target = path.relative(src, path.resolve(src, path.dirname(file), specifier)).split(path.sep)[0]!
  const allowed = target === folder || rule?.mayImport.includes(target)
  assert.ok(
    allowed,
    `src/${file} imports ${specifier}, but ${folder}/ may import only: ${rule?.mayImport.join(', ') || 'nothing'}.`,
  )
}
