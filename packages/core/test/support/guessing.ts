import { type AttemptSlot, type AuthStores, memoryStores, type SecurityAlert } from '@auth/core'
import { type Answer, ownPage, password, type TestApp, type TestConfig, testApp } from './test-app.js'

/** Whose account is guessed at. */
export const email = 'ada@example.com'
export const wrong = 'not the password'
/** Where its owner is. */
export const owner = '203.0.113.7'

let addresses = 0
/** An address that nobody has had before. */
export function stranger(): string {
  addresses++
  return `198.51.${addresses >> 8}.${addresses & 255}`
}

/** A login: by default the owner's, from a new address. */
export interface Login {
  readonly email?: string
  readonly password?: string
  readonly ip?: string
  readonly cookie?: string
  readonly deviceToken?: unknown
}

/** Signs in, whatever comes of it. */
export function logIn(app: TestApp, { ip = stranger(), cookie, ...given }: Login = {}): Promise<Answer> {
  return app.call('POST', '/auth/login', {
    ip,
    body: { email, password, ...given },
    ...(cookie === undefined ? {} : { cookie, headers: ownPage }),
  })
}

/** Guesses from a new address each time; answers the statuses. */
export async function guess(app: TestApp, times: number, given: Login = {}): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) statuses.push((await logIn(app, { password: wrong, ...given })).status)
  return statuses
}

/** All of an answer. */
export function told({ status, body, headers }: Answer): string {
  return JSON.stringify([status, body, [...headers]])
}

/** An app, and the alerts that it raises. */
export function setUp(config: TestConfig = {}): { readonly app: TestApp; readonly alerts: readonly SecurityAlert[] } {
  const alerts: SecurityAlert[] = []
  return { app: testApp({ onSecurityAlert: (alert) => void alerts.push(alert), ...config }), alerts }
}

/** Stores whose ledgers can be looked into, and whose calls are counted. */
export interface WatchedStores {
  readonly stores: AuthStores
  readonly calls: string[]
  /** The slots of all ledgers that were ever asked for. */
  slots(now: Date): Promise<readonly AttemptSlot[]>
}

/** Makes them, in memory. */
export function watchedStores(): WatchedStores {
  const stores = memoryStores()
  const keys = new Set<string>()
  const calls: string[] = []
  const attempts = new Proxy(stores.attempts, {
    get(store, name) {
      const member: unknown = Reflect.get(store, name)
      if (typeof member !== 'function') return member
      return (first: string | { key: string }, ...more: unknown[]) => {
        keys.add(typeof first === 'string' ? first : first.key)
        calls.push(String(name))
        return Reflect.apply(member, store, [first, ...more])
      }
    },
  })
  return {
    stores: { ...stores, attempts },
    calls,
    slots: async (now) => (await Promise.all([...keys].map((key) => stores.attempts.find(key, now)))).flat(),
  }
}
