import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Jobs } from './jobs.ts'

const HEARTBEAT_MS = 15_000

/** Server-sent events: progress of checks, and each verdict as soon as it is stored. Ends with the server. */
export function addEventStream(server: FastifyInstance, jobs: Jobs): void {
  const listening = new Set<ServerResponse>()
  server.get(
    '/api/events',
    { schema: { summary: 'Server-sent events of the kinds job and verdict.' } },
    (request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      reply.raw.write(':\n\n')
      listening.add(reply.raw)
      const unsubscribe = jobs.subscribe((event) => reply.raw.write(`data: ${JSON.stringify(event)}\n\n`))
      const heartbeat = setInterval(() => reply.raw.write(':\n\n'), HEARTBEAT_MS)
      request.raw.on('close', () => {
        listening.delete(reply.raw)
        unsubscribe()
        clearInterval(heartbeat)
      })
    },
  )
  server.addHook('preClose', (done) => {
    for (const response of listening) response.end()
    done()
  })
}
