import type { Adapter } from '../settings.js'
import type { DemoServer, ServerParts } from './server.js'

export type { DemoServer } from './server.js'

/** Makes the demo's server on the framework of an adapter. No other one is loaded. */
export async function createDemoServer(adapter: Adapter, parts: ServerParts): Promise<DemoServer> {
  switch (adapter) {
    case 'express':
      return (await import('./express.js')).createExpressServer(parts)
    case 'fastify':
      return (await import('./fastify.js')).createFastifyServer(parts)
    case 'koa':
      return (await import('./koa.js')).createKoaServer(parts)
  }
}
