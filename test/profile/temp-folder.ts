import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'

/** A temporary folder of this test file, removed after its tests. */
export function tempFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-profile-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
