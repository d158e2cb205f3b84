import type { TestContext } from 'node:test'
import S3rver from 's3rver'
import { tempFolder } from './temp-folder.ts'

/** Starts an S3-compatible server of the `s3rver` package; returns a place in a bucket of it, with keys in the environment. */
export async function s3Server(t: TestContext): Promise<string> {
  process.env.AWS_ACCESS_KEY_ID = 'S3RVER'
  process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER'
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: tempFolder(t),
    configureBuckets: [{ name: 'artifacts', configs: [] }],
  })
  const { port } = await server.run()
  t.after(() => server.close())
  return `s3://artifacts/fiable?endpoint=http://127.0.0.1:${port}`
}
