import { memoryStores } from '@auth/core'
import { as, type EventRow, foreignPage, password, post } from './event-scene.js'
import { refresh, secret, type TestConfig, testApp } from './test-app.js'

/** A row with a configuration of its own. */
export type ConfiguredRow = readonly [...EventRow, config?: TestConfig]

const down = { range: () => Promise.reject(new Error('down')) }

/** What guards see, and what takes more than one call. */
export const otherEventRows: readonly ConfiguredRow[] = [
  [
    'a guard of a role',
    ({ app, ada }) => app.guard({ bearer: ada.accessToken }, { roles: ['admin'] }),
    'access.refused failure insufficient_role',
  ],
  [
    'a guard of a scope',
    ({ app, ada }) => app.guard({ bearer: ada.accessToken }, { scopes: ['users:read'] }),
    'access.refused failure insufficient_scope',
  ],
  [
    'a guard of credentials',
    ({ app, ada }) => app.guard({ bearer: ada.accessToken }, { allow: ['cookie'] }),
    'access.refused failure credential_not_allowed',
  ],
  [
    'a guard of recent sign-ins',
    async ({ app, ada }) => {
      await app.clock.advance(60_000)
      await app.guard({ bearer: ada.accessToken }, { recent: 10 })
    },
    'access.refused failure recent_login_required',
  ],
  [
    'a guard and a foreign page',
    async ({ app, cookie }) => app.guard({ method: 'POST', cookie: await cookie(), headers: foreignPage }),
    'access.refused failure csrf_rejected',
  ],
  ['a guard that lets somebody pass', ({ app, ada }) => app.guard({ bearer: ada.accessToken }), null],
  ['a guard and nobody', ({ app }) => app.guard({}), null],
  [
    'the failure that locks an account',
    async (scene) => {
      const guess = (i: number) => ({ body: { email: 'ada@example.com', password: 'wrong' }, ip: `198.51.100.${i}` })
      for (let i = 0; i < 9; i++) await scene.app.call('POST', '/auth/login', guess(i))
      await scene.fresh()
      await scene.app.call('POST', '/auth/login', guess(9))
    },
    'lockout success, login failure invalid_credentials',
  ],
  [
    'a key from another network',
    async ({ app, ada }) => {
      const { key } = await app.auth.apiKeys.create({
        userId: ada.userId,
        name: 'n',
        scopes: [],
        allowedIps: ['192.0.2.0/24'],
      })
      await app.guard({ bearer: key })
    },
    'api_key.issued success, api_key.refused failure credential_not_allowed',
  ],
  [
    'a key beyond its limit',
    async (scene) => {
      const { key } = await scene.key()
      for (let i = 0; i < 5; i++) await scene.app.guard({ bearer: key })
    },
    'api_key.refused failure too_many_attempts',
    { apiKeys: { limits: { rateLimit: { requests: 2, per: '1m' } } } },
  ],
  [
    'the reuse of a refresh token',
    async ({ app, ada }) => {
      await refresh(app, ada.refreshToken)
      for (let i = 0; i < 3; i++) await refresh(app, ada.refreshToken)
    },
    'refresh success, refresh.reused failure refresh_reused, refresh failure refresh_revoked, refresh failure refresh_revoked',
  ],
  [
    'a store that went back in time',
    async ({ app, ada }) => {
      const [before] = (await app.stores.sessions.listLive(ada.userId, app.clock.now())).filter(
        ({ carrier }) => carrier === 'refresh',
      )
      const { body } = await refresh(app, ada.refreshToken)
      if (!before) throw new Error('no session')
      const restored = memoryStores().sessions
      await restored.insert(before)
      Object.assign(app.stores.sessions, restored)
      await refresh(app, String(body.refreshToken))
    },
    'refresh success, refresh.store_rollback failure refresh_revoked',
  ],
  [
    'a registration where there is none',
    post('/register', { email: 'n@example.com', password }),
    'registration failure registration_closed',
    { registration: 'closed' },
  ],
  [
    'a password that could not be looked up',
    ({ app }) => app.auth.passwords.check('another fine passphrase'),
    'breach_check.unavailable failure',
    { passwords: { breached: down } },
  ],
  [
    'the last administrator',
    async ({ app, ...scene }) => {
      const root = await scene.root()
      const others = (await app.stores.users.list({ after: null, limit: 10 })).filter(
        ({ roles, id }) => roles.includes('admin') && id !== root.userId,
      )
      for (const { id } of others) await app.auth.accounts.delete(id)
      await app.auth.accounts.delete(root.userId).catch(() => undefined)
    },
    'account.deleted success, account.deleted failure last_administrator',
  ],
  [
    'signing keys under a new secret',
    async ({ app, sinks }) => {
      const node = testApp({ stores: app.stores, clock: app.clock, secret: [crypto.randomUUID(), secret], audit: { sinks } })
      await node.auth.signingKeys.reseal()
      await node.auth.signingKeys.reseal()
    },
    'signing_key.resealed success',
  ],
  ['a route that does not exist', as('GET', '/nowhere'), null],
  ['a method that does not exist', as('PATCH', '/me'), null],
  ['a body that is none', ({ app }) => app.call('POST', '/auth/login', { body: '{' }), null],
  [
    'more failures than are recorded',
    async ({ app, ada, fresh }) => {
      for (let i = 0; i < 100; i++) await app.guard({ bearer: ada.accessToken }, { roles: ['admin'] })
      await fresh()
      for (let i = 0; i < 100; i++) await app.guard({ bearer: ada.accessToken }, { roles: ['admin'] })
    },
    'audit.limited failure',
  ],
]
