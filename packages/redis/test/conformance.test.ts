import { storeConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { redisStores } from '../src/index.js'
import { connectors, serverUrl, uniquePrefix } from './support/clients.js'

vitest.describe.each(connectors)('%s', (_, { server, connect }) => {
  const prefix = uniquePrefix()

  storeConformance(
    vitest,
    async () => {
      const { client, close } = await connect(await serverUrl(server))
      return { stores: redisStores(client, { prefix, onWarning: () => undefined }), close }
    },
    { stores: ['sessions', 'tickets', 'attempts', 'revocations'] },
  )
})
