import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/** Networks of their own for child processes, each joined to this machine by one cable. */
export interface NetworkNamespaces {
  /** Address of this machine that is reached from all of them; their own 127.0.0.1 is not. */
  readonly address: string
  /** What a command is started with to run in the network of that number. */
  within(number: number): readonly string[]
}

const HOST = '10.231.0.1'

/** Makes so many network namespaces; null where that is not permitted, which is told. */
export function networkNamespaces(t: TestContext, count: number): NetworkNamespaces | null {
  const nameOf = (number: number): string => `fiable-${process.pid}-${number}`
  const made: number[] = []
  t.after(() => {
    for (const number of made) run('ip', 'netns', 'del', nameOf(number))
    run('ip', 'addr', 'del', `${HOST}/32`, 'dev', 'lo')
  })
  let why = run('ip', 'addr', 'add', `${HOST}/32`, 'dev', 'lo')
  for (let number = 0; number < count && why === null; number++) {
    made.push(number)
    why = makeNamespace(nameOf(number), number)
  }
  if (why === null) return { address: HOST, within: (number) => ['ip', 'netns', 'exec', nameOf(number)] }
  t.diagnostic(`workers share one network: ${why}`)
  return null
}

function makeNamespace(name: string, number: number): string | null {
  const [here, there] = [`fh${process.pid}-${number}`, `fn${process.pid}-${number}`]
  const gateway = `10.231.${number + 1}.1`
  const inside = ['ip', 'netns', 'exec', name, 'ip']
  const steps = [
    ['ip', 'netns', 'add', name],
    ['ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there],
    ['ip', 'link', 'set', there, 'netns', name],
    ['ip', 'addr', 'add', `${gateway}/24`, 'dev', here],
    ['ip', 'link', 'set', here, 'up'],
    [...inside, 'addr', 'add', `10.231.${number + 1}.2/24`, 'dev', there],
    [...inside, 'link', 'set', there, 'up'],
    [...inside, 'link', 'set', 'lo', 'up'],
    [...inside, 'route', 'add', 'default', 'via', gateway],
  ]
  for (const [program, ...args] of steps) {
    const why = run(program!, ...args)
    if (why !== null) return why
  }
  return null
}

/** Null when it went well, else why not. */
function run(program: string, ...args: string[]): string | null {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return null
  return (error?.message ?? stderr.trim()) || `${program} ended with ${status}`
}
