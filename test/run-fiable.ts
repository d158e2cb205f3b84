import { spawn } from 'node:child_process'
import path from 'node:path'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const MAIN = path.join(import.meta.dirname, '..', 'bin', 'fiable.mjs')

/** Runs the command line in a child process, without colour. */
export function runFiable(args: readonly string[], cwd: string, main = MAIN): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}
