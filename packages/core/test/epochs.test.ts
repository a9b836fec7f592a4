import { memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { otherAdmin, password, refresh, register, sentBack, type TestApp, testApp } from './support/test-app.js'

/** A node whose next session waits at the door of the store until it is let in. */
function heldAtInsert(app: TestApp): { node: TestApp; reached: Promise<void>; letIn: () => void } {
  let letIn = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    letIn = resolve
  })
  let arrive = (): void => undefined
  const reached = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const { stores, clock } = app
  const sessions: typeof stores.sessions = {
    ...stores.sessions,
    insert: async (session) => {
      arrive()
      await opened
      return stores.sessions.insert(session)
    },
  }
  return { node: testApp({ clock, stores: { ...stores, sessions } }), reached, letIn }
}

const enders: Record<string, (app: TestApp, userId: string, bearer: string) => Promise<unknown>> = {
  'a reset': (app, userId) => app.auth.accounts.resetPassword(userId, 'another fine passphrase'),
  'logout-all': (app, _, bearer) => app.call('POST', '/auth/logout-all', { bearer }),
  'ending all sessions in process': (app, userId) => app.auth.sessions.endAll(userId),
  disabling: (app, userId) => app.auth.accounts.disable(userId),
  deletion: (app, userId) => app.auth.accounts.delete(userId),
}

describe.each(Object.entries(enders))(
  'a login whose password was read before %s and whose session is inserted after',
  (_, end) => {
    it.each(['bearer', 'cookie'])('LG-07 is refused, by %s', async (transport) => {
      const app = testApp({ stores: memoryStores() })
      const { userId, accessToken } = await register(app)
      const { node, reached, letIn } = heldAtInsert(app)
      const login = node.call('POST', '/auth/login', { body: { email: 'ada@example.com', password, transport } })
      await reached
      await end(app, userId, accessToken)
      letIn()
      const answer = await login
      await app.clock.advance(5001)
      for (const any of [app, node]) {
        if (transport === 'cookie') {
          expect(await any.guard({ cookie: sentBack(answer.cookies) })).toBe('401 session_invalid')
        } else {
          expect(await any.guard({ bearer: answer.body.accessToken })).toBe('401 token_revoked')
          expect((await refresh(any, String(answer.body.refreshToken))).body.code).toBe('refresh_revoked')
        }
      }
    })
  },
)

it('RB-05 a role taken while a token was being issued is not in force for longer than maxStaleness on any node', async () => {
  const app = testApp()
  const { userId } = await register(app)
  await otherAdmin(app)
  await app.auth.accounts.setRoles(userId, ['admin'])
  const other = testApp({ clock: app.clock, stores: app.stores })
  const { body } = await app.call('POST', '/auth/login', { body: { email: 'ada@example.com', password } })
  expect(await other.guard({ bearer: body.accessToken }, { roles: ['admin'] })).toBe('ok')
  await app.auth.accounts.setRoles(userId, ['user'])
  expect(await app.guard({ bearer: body.accessToken }, { roles: ['admin'] })).toBe('401 token_revoked')
  await app.clock.advance(5001)
  expect(await other.guard({ bearer: body.accessToken }, { roles: ['admin'] })).toBe('401 token_revoked')
})
