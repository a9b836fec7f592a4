import type { AuditEvent, Auth } from '@auth/core'
import { afterAll, describe, expect, it } from 'vitest'
import { auditProblem, auditRules } from '../src/audit/index.js'
import { block, type EventRow, type EventScene, eventScene } from './support/event-scene.js'
import { disabledUser, httpEventRows } from './support/http-event-rows.js'
import { mailEventRows, mailing, otherMailEventRows } from './support/mail-event-rows.js'
import { clientEventRows, oauthEventRows, replayedCode } from './support/oauth-event-rows.js'
import { type ConfiguredRow, otherEventRows } from './support/other-event-rows.js'
import { serviceEventRows } from './support/service-event-rows.js'
import { eventProvider, otherSocialEventRows, socialEventRows } from './support/social-event-rows.js'
import { type TestConfig, testApp } from './support/test-app.js'

const provider = await eventProvider()
afterAll(() => provider.close())
const config: TestConfig = {
  ...mailing,
  apiKeys: { imported: [{ prefix: 'old_', length: 36 }] },
  providers: [provider.oauth2()],
  oauth: {},
}
const routeRows = { ...httpEventRows, ...mailEventRows, ...socialEventRows, ...oauthEventRows }
const inProcessRows = { ...serviceEventRows, ...clientEventRows }
const seen = new Set<string>()

/** Runs a row on a scene of its own and gives its events, each of which is as the types say. */
async function eventsOf([, run]: EventRow | ConfiguredRow, settings: TestConfig = config): Promise<readonly AuditEvent[]> {
  const scene = await eventScene(settings)
  await scene.app.clock.advance(1000)
  await scene.fresh()
  await run(scene)
  const events = await scene.fresh()
  for (const event of events) {
    expect(auditProblem(event), JSON.stringify(event)).toBe(null)
    seen.add(`${event.type} ${event.outcome}`)
  }
  return events
}

function told(events: readonly AuditEvent[]): string | null {
  const texts = events.map(({ type, outcome, code }) => [type, outcome, code].filter(Boolean).join(' '))
  return texts.length === 0 ? null : texts.join(', ')
}

const rowsOf = (table: Readonly<Record<string, readonly EventRow[]>>) =>
  Object.entries(table).flatMap(([operation, rows]) => rows.map((row) => [operation, row[0], row] as const))

/** The groups within `auth.oauth`, by their whole names. */
const oauthServices = ({ oauth }: Auth): Readonly<Record<string, object>> =>
  Object.fromEntries(Object.entries(oauth).map(([name, group]) => [`oauth.${name}`, group as object]))

describe('every operation of the product', () => {
  it('ER-04 has rows: each route and each function of the services', () => {
    const { auth } = testApp(config)
    const routes = auth.matrix([{ method: 'ALL', path: '/auth', marks: [{ kind: 'routes' }] }])
    expect(Object.keys(routeRows).sort()).toEqual(routes.routes.map(({ method, path }) => `${method} ${path}`).sort())
    const { accounts, sessions, tokens, apiKeys, identities, passwords, signingKeys, rbac, audit } = auth
    const own = { accounts, sessions, tokens, apiKeys, identities, passwords, signingKeys, rbac, audit }
    const services = { ...own, ...oauthServices(auth) }
    const functions = Object.entries(services).flatMap(([name, service]) =>
      Object.keys(service).map((key) => `${name}.${key}`),
    )
    expect(Object.keys(inProcessRows).sort()).toEqual(functions.sort())
    // What else there is on `auth` makes nothing happen, but for these, which the other rows call.
    const rest = Object.entries(auth).filter(([name, value]) => typeof value === 'object' && !(name in services))
    expect(rest.map(([name]) => name)).toEqual(['oauth', 'rootPaths'])
  })

  it.each(rowsOf(routeRows))('ER-04 leaves one event or none over HTTP: %s %s', async (operation, _, row) => {
    const events = await eventsOf(row)
    expect(told(events)).toBe(row[2])
    for (const { ip, route } of events) expect([ip, route]).toEqual(['203.0.113.7', operation])
    expect(events.length).toBeLessThan(2)
  })

  it.each(rowsOf(inProcessRows))('ER-04 leaves its events in process: %s %s', async (_operation, _, row) => {
    const events = await eventsOf(row)
    expect(told(events)).toBe(row[2])
    for (const { ip, route } of events) expect([ip, route]).toEqual([undefined, undefined])
  })

  it.each(
    [disabledUser, replayedCode, ...otherEventRows, ...otherMailEventRows, ...otherSocialEventRows].map(
      (row): [string, ConfiguredRow] => [row[0], row],
    ),
  )('ER-04 leaves one event: %s', async (_, row) => {
    expect(told(await eventsOf(row, { ...config, ...row[3] }))).toBe(row[2])
  })

  it.each(['/login', '/register', '/password/change', '/me/delete'])(
    'ER-04 leaves one event of a blocked %s',
    async (path) => {
      const types = {
        '/login': 'login',
        '/register': 'registration',
        '/password/change': 'password.changed',
        '/me/delete': 'account.deleted',
      }
      const bodies: Record<string, object> = {
        '/login': { email: 'ada@example.com', password: 'a long enough passphrase' },
        '/register': { email: 'new@example.com', password: 'a long enough passphrase' },
        '/password/change': { currentPassword: 'a long enough passphrase', newPassword: 'another fine passphrase' },
        '/me/delete': { password: 'a long enough passphrase' },
      }
      const run = async (scene: EventScene): Promise<void> => {
        await block(scene)
        await scene.fresh()
        const bearer = scene.ada.accessToken
        await scene.app.call('POST', `/auth${path}`, { bearer, body: bodies[path] })
      }
      const type = types[path as keyof typeof types]
      expect(told(await eventsOf(['', run, null]))).toBe(`${type} failure too_many_attempts`)
    },
  )

  // Last: what the rows above have shown.
  it('ER-04 leaves every event that is documented', () => {
    const documented = Object.entries(auditRules).flatMap(([type, outcomes]) =>
      Object.keys(outcomes).map((o) => `${type} ${o}`),
    )
    expect([...seen].sort()).toEqual(documented.sort())
  })
})
