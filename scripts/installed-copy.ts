// Lays the package out as npm does when a user installs it: what `npm pack` packs, beside the dependencies of this checkout.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')

/**
 * Builds and packs the package, and installs it in a folder without the network.
 *
 * @param folder - Exists, and holds no node_modules.
 * @returns The path of the installed command.
 */
export function installedCopy(folder: string): string {
  execFileSync(process.execPath, [path.join(root, 'scripts', 'run.mjs'), 'build'], { stdio: 'pipe' })
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'pipe',
    shell: process.platform === 'win32',
  })
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['-xzf', archive!], { cwd: folder })
  const modules = path.join(folder, 'node_modules')
  mkdirSync(modules)
  renameSync(path.join(folder, 'package'), path.join(modules, 'fiable'))
  const dependencies = path.join(root, 'node_modules')
  for (const name of readdirSync(dependencies).filter((name) => !name.startsWith('.')))
    symlinkSync(path.join(dependencies, name), path.join(modules, name), 'junction')
  return path.join(modules, 'fiable', 'bin', 'fiable.mjs')
}
