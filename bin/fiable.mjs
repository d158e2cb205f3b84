#!/usr/bin/env node
// Installed, it runs what was compiled; in a checkout, the sources, on the Node 24 that the package brings.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
// Node 20 has no compile cache, and must come far enough to start the Node 24 beside it: nothing is imported by name.
import nodeModule from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Resolves `./x.js` by its URL alone when the file that imports it is a module of the same ending: half the time of loading
 * hundreds of them went into asking the disk for what is known.
 */
function resolveRelativeImports() {
  const modules = new Map()
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const parent = specifier.startsWith('.') ? modules.get(context.parentURL) : undefined
      if (parent && specifier.endsWith(parent.ending)) {
        const { href: url } = new URL(specifier, context.parentURL)
        modules.set(url, parent)
        return { url, format: parent.format, shortCircuit: true }
      }
      const found = next(specifier, context)
      if (/^module/.test(found.format ?? ''))
        modules.set(found.url, { format: found.format, ending: path.extname(found.url) })
      return found
    },
  })
}

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const isInstalled = root.split(path.sep).includes('node_modules')
const main = path.join(root, ...(isInstalled ? ['dist', 'cli', 'main.js'] : ['src', 'cli', 'main.ts']))
const bundled = path.join(root, 'node_modules', 'node', 'bin', 'node')

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Before the first TypeScript file: what strips its types takes 80 ms and 40 MB to load, and what it made is cached.
  nodeModule.enableCompileCache()
  const cache = nodeModule.getCompileCacheDir()
  if (cache) process.env.NODE_COMPILE_CACHE ??= path.dirname(cache)
  resolveRelativeImports()
  await import(main)
} else {
  const node = existsSync(bundled) ? bundled : process.execPath
  const { status, signal } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exit(status ?? (signal ? 1 : 0))
}
