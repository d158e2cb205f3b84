#!/usr/bin/env node
// Runs the sources on Node 24 of this package when the system's Node is older.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const main = existsSync(path.join(root, 'dist', 'cli', 'main.js'))
  ? path.join(root, 'dist', 'cli', 'main.js')
  : path.join(root, 'src', 'cli', 'main.ts')
const bundled = path.join(root, 'node_modules', 'node', 'bin', 'node')

if (Number(process.versions.node.split('.')[0]) >= 24) await import(main)
else {
  const node = existsSync(bundled) ? bundled : process.execPath
  const { status, signal } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exit(status ?? (signal ? 1 : 0))
}
