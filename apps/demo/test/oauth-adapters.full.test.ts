import { expect, it } from 'vitest'
import { startDemo } from './demo-process.js'
import { driveOauth4webapi, driveOpenidClient } from './oauth-peers.js'
import { clientEnvironment, signedIn } from './oauth-scene.js'

// On Express: oauth.test.ts.
it.each(['fastify', 'koa', 'next'])(
  'AZ-11 IR-05 openid-client and oauth4webapi complete every flow on %s',
  async (adapter) => {
    const demo = await startDemo(clientEnvironment, ['--adapter', adapter])
    try {
      await driveOpenidClient(await signedIn(demo.url))
      await driveOauth4webapi(await signedIn(demo.url))
    } finally {
      expect(await demo.stop()).toBe(0)
    }
  },
)
