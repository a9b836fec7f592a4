import { type Auth, type AuthConfig, createAuth, defineRoles, memoryStores, type OwnScope, type Roles } from '@auth/core'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { onTestFinished } from 'vitest'

export const roles: Roles<'user' | 'admin', OwnScope | 'read:orders' | 'write:orders'> = defineRoles({
  user: { scopes: ['read:orders', 'write:orders'] },
  admin: { inherits: ['user'], scopes: ['*'] },
})

/** The roles and scopes of the tests. */
export type TestRoles = typeof roles

/** Makes an `Auth` that keeps everything in memory. */
export function testAuth(config: Partial<AuthConfig<TestRoles>> = {}): Auth<TestRoles> {
  const secret = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'
  const logger = { warn: () => undefined, error: () => undefined }
  const tokens = { algorithm: 'ES256' } as const
  return createAuth({
    issuer: 'https://app.example.com',
    secret,
    stores: memoryStores(),
    roles,
    defaultRole: 'user',
    logger,
    tokens,
    ...config,
  })
}

/** An app that ends with its test. */
export function testApp(options: FastifyServerOptions = {}): FastifyInstance {
  const app = fastify(options) as FastifyInstance // Of any server, as plugins take them.
  onTestFinished(() => app.close())
  return app
}

/** Signs somebody up and gives their access token. */
export async function registerAt(app: FastifyInstance, basePath = '/auth'): Promise<string> {
  const payload = { email: 'ada@example.com', password: 'a long enough passphrase' }
  const answer = await app.inject({ method: 'POST', url: `${basePath}/register`, payload })
  return (answer.json() as { accessToken: string }).accessToken
}
