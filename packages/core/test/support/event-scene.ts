import type { AuditEvent, AuditSink } from '@auth/core'
import { virtualClock } from '@auth/core/testing'
import {
  type Answer,
  type Call,
  cookieLogin,
  login,
  type TestApp,
  type TestConfig,
  type TokenAnswer,
  testApp,
} from './test-app.js'

/** A deployment with somebody in it, whose events are watched. What a row does not ask for is not made. */
export interface EventScene {
  readonly app: TestApp
  readonly ada: TokenAnswer
  /** Ada in a browser. */
  cookie(): Promise<string>
  /** An administrator; there is another one. */
  root(): Promise<TokenAnswer>
  /** A key of Ada's. */
  key(): Promise<{ readonly id: string; readonly key: string }>
  readonly sinks: readonly AuditSink[]
  /** What the sinks and the store have been told since the last call. */
  fresh(): Promise<readonly AuditEvent[]>
}

/** One thing that may happen, and the event that it leaves: `type outcome code`, or `null` for none. */
export type EventRow = readonly [what: string, run: (scene: EventScene) => Promise<unknown>, event: string | null]

/** Makes a scene of its own for each row. */
export async function eventScene(config: TestConfig = {}): Promise<EventScene> {
  const told: AuditEvent[] = []
  let seen = 0
  const sinks = [{ write: (event: AuditEvent) => void told.push(event) }]
  const app = testApp({ clock: virtualClock(), ...config, audit: { sinks } })
  const emailVerified = config.registration === 'verified'
  const { id } = await app.auth.accounts.create({ email: 'ada@example.com', password, roles: ['user'], emailVerified })
  const ada = await login(app)

  async function fresh(): Promise<readonly AuditEvent[]> {
    // Events of a refresh are written beside its answer.
    await new Promise((resolve) => setImmediate(resolve))
    await app.auth.mailsSent()
    const events = told.slice(seen)
    seen = told.length
    const stored = await app.auth.audit.list({ limit: 1000 })
    if (stored.length !== told.length) throw new Error(`${told.length} events were told, ${stored.length} are stored`)
    return events
  }

  /** Makes something whose events are not what the row is about. */
  async function quietly<T>(make: () => Promise<T>): Promise<T> {
    const made = await make()
    await fresh()
    return made
  }

  async function administrators(): Promise<TokenAnswer> {
    const emails = ['root@example.com', 'second-root@example.com']
    for (const email of emails) await app.auth.accounts.create({ email, password, roles: ['admin'] })
    return login(app, 'root@example.com')
  }

  return {
    app,
    ada,
    cookie: () => quietly(() => cookieLogin(app)),
    root: () => quietly(administrators),
    key: () => quietly(() => app.auth.apiKeys.create({ userId: id, name: 'bot', scopes: ['read:orders'] })),
    sinks,
    fresh,
  }
}

/** The password of everybody in a scene. */
export const password = 'a long enough passphrase'
const wrong = 'not the password'

/** A request as Ada. */
export function as(method: string, path: string, call: Omit<Call, 'bearer'> = {}) {
  return ({ app, ada }: EventScene): Promise<Answer> =>
    app.call(method, `/auth${path}`, { ...call, bearer: ada.accessToken })
}

/** A request as the administrator. */
export function asRoot(
  method: string,
  path: string | ((scene: EventScene) => string | Promise<string>),
  call: Omit<Call, 'bearer'> = {},
) {
  return async (scene: EventScene): Promise<Answer> => {
    const target = typeof path === 'string' ? path : await path(scene)
    const { accessToken } = await scene.root()
    return scene.app.call(method, `/auth${target}`, { ...call, bearer: accessToken })
  }
}

/** A request without a credential. */
export function post(path: string, body: object, call: Omit<Call, 'body'> = {}) {
  return ({ app }: EventScene): Promise<Answer> => app.call('POST', `/auth${path}`, { ...call, body })
}

/** Headers of a page that is not ours. */
export const foreignPage = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

/** Fails so often that the address is blocked. */
export async function block({ app }: EventScene): Promise<void> {
  for (let i = 0; i < 5; i++) await app.call('POST', '/auth/login', { body: { email: 'x@example.com', password: wrong } })
}

/** Runs something whose refusal is what a row is about. */
export async function refused(work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'done',
    (error: Error) => error.name,
  )
  if (outcome === 'done') throw new Error('was not refused')
}
