import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names this process so that others on the machine can tell whether it is still the same one. */
export const ownerName = (): string => `${machine()}/${process.pid}/${startOf(process.pid)}`

/** Whether an owner is known to be dead: a process of this machine that is gone, or whose number another has now. */
export function isDead(owner: string): boolean {
  const [pid, start] = owner.split('/').slice(-2)
  if (!owner.startsWith(`${machine()}/`)) return false
  return !isRunning(Number(pid)) || startOf(Number(pid)) !== start
}

/** The host and, in a container, its own space of process numbers. */
function machine(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process began, in ticks since the start of the machine; empty where that is not told, and for one that has ended. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
