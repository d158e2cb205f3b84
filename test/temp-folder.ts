import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, type TestContext } from 'node:test'

/** A temporary folder, removed after the test given, else after all tests of the file. */
export function tempFolder(t?: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fiable-test-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  if (t) t.after(remove)
  else after(remove)
  return folder
}
