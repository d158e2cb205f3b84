import { readFileSync } from 'node:fs'

/** Version of the code that runs steps, stored with every execution. */
export const CODE_VERSION: string = versionOfPackage()

function versionOfPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(text) as { readonly name: string; readonly version: string }
  return `${name}@${version}`
}
