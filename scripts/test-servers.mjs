// Vitest's global set-up: the servers that tests need, each started when the first test asks for it, one for the whole run.
import { createServer } from 'node:http'
import { redisProgram, startRedis, startRedisCluster } from './lib/redis-servers.mjs'
import { describePostgres, startPostgres } from './lib/servers.mjs'

/** @type {Record<string, () => Promise<import('./lib/servers.mjs').Server>>} */
const starters = {
  postgres: startPostgres,
  redis: startRedis,
  'redis-cluster': startRedisCluster,
  // No servers, but what tests start servers of their own with, which they stop, pause and fail.
  'postgres-programs': async () => ({ url: await describePostgres(), stop: async () => {} }),
  'redis-program': async () => ({ url: await redisProgram(), stop: async () => {} }),
}

/** @returns {Promise<(() => Promise<void>) | undefined>} How to stop them. */
export default async function setup() {
  // Each of vitest's projects sets up; they share the first one's servers.
  if (process.env.AUTH_TEST_SERVERS !== undefined) return undefined
  /** @type {Map<string, Promise<import('./lib/servers.mjs').Server>>} */
  const started = new Map()
  const desk = createServer(async (request, response) => {
    const name = (request.url ?? '').slice(1)
    try {
      const starter = starters[name]
      if (!starter) throw new Error(`There is no server named ${name}.`)
      const server = started.get(name) ?? starter()
      started.set(name, server)
      response.end((await server).url)
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : 'failed')
    }
  })
  await new Promise((resolve) => desk.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = desk.address()
  process.env.AUTH_TEST_SERVERS = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return async () => {
    delete process.env.AUTH_TEST_SERVERS
    desk.closeAllConnections()
    desk.close()
    await Promise.allSettled([...started.values()].map(async (server) => (await server).stop()))
  }
}
