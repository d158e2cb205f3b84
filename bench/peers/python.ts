import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** The Python that has a module, or null: peers are optional, and said to be absent. */
export function pythonWith(module: string): string | null {
  const candidates = [process.env.PYTHON ?? '/usr/bin/python3', 'python3']
  return candidates.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0) ?? null
}

/** Runs one of the programs beside this file on one thread; what it prints, as JSON. */
export function runPeer<T>(python: string, program: string, args: readonly (string | number)[]): T {
  const single = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
  const { status, stdout, stderr } = spawnSync(
    python,
    [path.join(import.meta.dirname, program), ...args.map(String)],
    { encoding: 'utf8', env: { ...process.env, ...single } },
  )
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as T
}
