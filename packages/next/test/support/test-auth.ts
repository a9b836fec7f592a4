import {
  type Auth,
  type AuthConfig,
  type AuthStores,
  createAuth,
  defineRoles,
  memoryStores,
  type OwnScope,
  type Roles,
  StoreError,
} from '@auth/core'
import type { NextAuth } from '@auth/next'

export const roles: Roles<'user' | 'admin', OwnScope | 'read:orders' | 'write:orders'> = defineRoles({
  user: { scopes: ['read:orders', 'write:orders'] },
  admin: { inherits: ['user'], scopes: ['*'] },
})

/** Makes an `Auth` that keeps everything in memory. */
export function testAuth(config: Partial<AuthConfig<typeof roles>> = {}): Auth<typeof roles> {
  return createAuth({
    issuer: 'https://app.example.com',
    secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
    stores: memoryStores(),
    roles,
    defaultRole: 'user',
    logger: { warn: () => undefined, error: () => undefined },
    tokens: { algorithm: 'ES256' },
    ...config,
  })
}

/** Stores whose look-ups of sessions fail. */
export function brokenStores(stores: AuthStores): AuthStores {
  const fail = async (): Promise<never> => {
    throw new StoreError('down')
  }
  const sessions = new Proxy(stores.sessions, {
    get: (target, key) => (typeof Reflect.get(target, key) === 'function' ? fail : Reflect.get(target, key)),
  })
  return { ...stores, sessions }
}

interface TokenAnswer {
  readonly accessToken: string
  readonly user: { readonly id: string }
}

/** Signs somebody up. */
export async function signUp(web: Pick<NextAuth, 'handlers'>): Promise<TokenAnswer> {
  return (await register(web, {})).json() as Promise<TokenAnswer>
}

/** Signs somebody up, and gives their cookie. */
export async function cookieOf(web: Pick<NextAuth, 'handlers'>): Promise<string> {
  const answer = await register(web, { transport: 'cookie' })
  return answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
}

let people = 0

function register(web: Pick<NextAuth, 'handlers'>, more: object): Promise<Response> {
  const body = JSON.stringify({ email: `p${++people}@example.com`, password: 'a long enough passphrase', ...more })
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
  return web.handlers.POST(new Request('http://localhost/auth/register', { method: 'POST', headers, body }))
}
