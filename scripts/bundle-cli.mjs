// Bundles the command line into dist/cli: a command loads some twenty files instead of 650, in half the time.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const target = path.join(root, 'dist', 'cli')

/** What runs as a process, named as those who start it look for it: beside the file of their own. */
const entries = {
  main: 'src/cli/main.ts',
  'check-worker': 'src/cli/check-worker.ts',
  'explain-worker': 'src/cli/explain-worker.ts',
  'trial-worker': 'src/evaluation/trial-worker.ts',
  'step-child': 'src/pipelines/step-child.ts',
}

/** Dependencies that nearly every command loads, of plain JavaScript in many files; all others are loaded as installed. */
const inlined = ['commander', 'kysely', 'picocolors', 'zod']

await build({
  configFile: false,
  root,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: inlined },
  build: {
    ssr: true,
    outDir: target,
    emptyOutDir: true,
    target: 'node24',
    rolldownOptions: {
      input: entries,
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})

const licenceOf = (name) => readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8')
writeFileSync(
  path.join(target, 'LICENSES.txt'),
  inlined.map((name) => `These files contain ${name}.\n\n${licenceOf(name)}`).join('\n\n'),
)
