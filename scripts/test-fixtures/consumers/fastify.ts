import { createAuthClient } from '@auth/client'
import { createAuth, defineRoles, memoryStores } from '@auth/core'
import { fastifyAuth, getAuth } from '@auth/fastify'
import fastify from 'fastify'

export const client = createAuthClient({ baseUrl: 'http://localhost:3000' })
export const roles = defineRoles({ user: { scopes: ['read:orders'] }, admin: { inherits: ['user'], scopes: ['*'] } })
const secret = crypto.randomUUID()
export const auth = createAuth({
  issuer: 'http://localhost:3000',
  secret,
  stores: memoryStores(),
  roles,
  defaultRole: 'user',
})

async function start() {
  const app = fastify()
  await app.register(fastifyAuth, { auth })
  app.setErrorHandler(app.authErrors())
  app.get('/orders', { onRequest: app.authGuard({ scopes: ['read:orders'] }) }, async (request) => ({
    owner: getAuth(request).subject,
  }))
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  console.log(`port ${new URL(address).port}`)
}
void start()
