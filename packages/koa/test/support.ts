import { type Auth, type AuthConfig, createAuth, defineRoles, memoryStores, type OwnScope, type Roles } from '@auth/core'
import Koa from 'koa'
import { onTestFinished } from 'vitest'
import { startListener } from '../../core/test/support/conformance-server.js'

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

/** An app that runs until the test ends. */
export async function runApp(build: (app: Koa) => void): Promise<{ url: string; errors: readonly unknown[] }> {
  const app = new Koa()
  const errors: unknown[] = []
  app.on('error', (error) => errors.push(error))
  build(app)
  const { url, close } = await startListener((req, res) => void app.callback()(req, res), '127.0.0.1')
  onTestFinished(close)
  return { url, errors }
}

/** Signs somebody up and gives their access token. */
export async function registerAt(url: string): Promise<string> {
  const body = JSON.stringify({ email: 'ada@example.com', password: 'a long enough passphrase' })
  const answer = await fetch(`${url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return ((await answer.json()) as { accessToken: string }).accessToken
}
