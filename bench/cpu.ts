/** CPU time of this process and its engine's threads since it began, in ms. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The middle of some numbers. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

/** Rounds before the measured ones: a worker that has profiled before has its code compiled. */
const WARM_UP = 4

/** Median CPU time of each case over some rounds, warm, the cases taking turns so that none has the quieter machine. */
export async function interleaved<Name extends string>(
  cases: Readonly<Record<Name, () => Promise<unknown>>>,
  rounds: number,
): Promise<Record<Name, number>> {
  const names = Object.keys(cases) as Name[]
  const times = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = -WARM_UP; round < rounds; round++)
    for (const name of names) {
      const before = cpuMs()
      await cases[name]()
      if (round >= 0) times.get(name)!.push(cpuMs() - before)
    }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)!)])) as Record<Name, number>
}
