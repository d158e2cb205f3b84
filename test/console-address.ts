import type { ChildProcess } from 'node:child_process'

/** Reads what a process prints until the console tells its address. */
export async function addressOf(child: ChildProcess): Promise<URL> {
  let said = ''
  for await (const text of child.stdout!.setEncoding('utf8')) {
    said += text
    const [, address] = /Fiable is at (\S+)/.exec(said) ?? []
    if (address) return new URL(address)
  }
  throw new Error(`the console ended after ${said}`)
}
