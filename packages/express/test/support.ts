import {
  type Auth,
  type AuthConfig,
  type AuthStores,
  createAuth,
  defineRoles,
  memoryStores,
  type OwnScope,
  type Roles,
} from '@auth/core'
import { type ExpressAuth, expressAuth } from '@auth/express'
import express, { type Express } from 'express'
import { listen } from '../../core/src/testing/real-port.js'

type TestScope = OwnScope | 'read:orders' | 'write:orders' | 'read:invoices'

export const roles: Roles<'user' | 'admin', TestScope> = defineRoles(
  {
    user: { scopes: ['read:orders', 'write:orders'] },
    admin: { inherits: ['user'], scopes: ['*'] },
  },
  { scopes: ['read:invoices'] },
)

export type TestRoles = typeof roles
export const issuer = 'https://app.example.com'
export const password = 'a long enough passphrase'

/** An app on a real port. */
export interface RunningApp {
  readonly auth: Auth<TestRoles>
  readonly url: string
  readonly port: number
  /** What was reported as a fault. */
  readonly faults: readonly unknown[]
  /** Sends JSON, or a body as it is. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Signs somebody up; answers the access token. */
  register(email?: string): Promise<string>
}

/** What a test configures. */
export type TestConfig = Partial<AuthConfig<TestRoles>> & { readonly stores?: AuthStores }

/** Builds an app and runs it until the test ends. */
export async function runApp(
  build: (app: Express, web: ExpressAuth<TestRoles>, auth: Auth<TestRoles>) => void,
  config: TestConfig = {},
): Promise<RunningApp> {
  const faults: unknown[] = []
  const logger = { warn: () => undefined, error: (details: object) => void faults.push(details) }
  const secret = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'
  const auth = createAuth({ issuer, secret, stores: memoryStores(), roles, defaultRole: 'user', logger, ...config })
  const app = express()
  build(app, expressAuth(auth), auth)
  const { url, port } = await listen(app)
  const post: RunningApp['post'] = (path, body, headers = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const type = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers: { ...type, ...headers }, body: raw ? body : JSON.stringify(body) }
    return fetch(`${url}${path}`, init as RequestInit)
  }
  return {
    auth,
    url,
    port,
    faults,
    post,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers, redirect: 'manual' }),
    async register(email = 'ada@example.com') {
      const answer = await post(`${auth.basePath}/register`, { email, password })
      return ((await answer.json()) as { accessToken: string }).accessToken
    },
  }
}

/** Status and code of an answer. */
export async function outcome(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer
  const text = await response.text()
  const code = text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined
  return code === undefined ? String(response.status) : `${response.status} ${code}`
}

/** The `Authorization` header of a token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

/** The `Cookie` header that follows from an answer. */
export function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
}
