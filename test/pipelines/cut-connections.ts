import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut: connections break, and new ones are refused until it is mended. */
export interface CuttableWay {
  readonly url: string
  cut(): void
  mend(): void
  close(): void
}

/** Listens before the server of a URL, on an address of this machine, and passes everything on. */
export async function cuttableWay(target: string, address = '127.0.0.1'): Promise<CuttableWay> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const onward = connect(Number(port), hostname)
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const) {
      open.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const url = new URL(target)
  url.hostname = address
  url.port = String((server.address() as AddressInfo).port)
  const breakAll = (): void => {
    for (const socket of open) socket.destroy()
    open.clear()
  }
  return {
    url: url.href,
    cut() {
      isCut = true
      breakAll()
    },
    mend() {
      isCut = false
    },
    close() {
      breakAll()
      server.close()
    },
  }
}
