import { as, asRoot, type EventRow, type EventScene, foreignPage, password, post } from './event-scene.js'
import { ownPage, refresh } from './test-app.js'

const email = 'ada@example.com'
const wrong = 'not the password'
const next = 'another fine passphrase'
const change = { currentPassword: password, newPassword: next }

const other = async ({ app, ada, cookie }: EventScene): Promise<string> => {
  await cookie()
  const sessions = await app.auth.sessions.list(ada.userId)
  return sessions.find(({ carrier }) => carrier === 'cookie')?.id ?? ''
}
const disable = ({ app, ada }: EventScene): Promise<void> => app.auth.accounts.disable(ada.userId)
const withKey =
  (method: string, path: string) =>
  async ({ app, key }: EventScene) =>
    app.call(method, `/auth${path}`, { headers: { 'x-api-key': (await key()).key }, body: {} })
const signedIn = (method: string, path: string): readonly EventRow[] => [
  ['with a key', withKey(method, path), 'access.refused failure credential_not_allowed'],
  ['by nobody', ({ app }) => app.call(method, `/auth${path}`, { body: {} }), null],
  [
    'with a broken token',
    ({ app, ada }) => app.call(method, `/auth${path}`, { bearer: `${ada.accessToken}x`, body: {} }),
    null,
  ],
]
const fromElsewhere = (path: string, body: object): EventRow => [
  'from a foreign page, by cookie',
  async ({ app, cookie }) => app.call('POST', `/auth${path}`, { cookie: await cookie(), headers: foreignPage, body }),
  'access.refused failure csrf_rejected',
]

/** Every route of the SDK, with all that may come of it. The event's route is the key. */
export const httpEventRows: Readonly<Record<string, readonly EventRow[]>> = {
  'POST /auth/register': [
    ['done', post('/register', { email: 'new@example.com', password }), 'registration success'],
    ['of a taken address', post('/register', { email, password }), 'registration failure email_taken'],
    [
      'with a bad password',
      post('/register', { email: 'n@example.com', password: 'short' }),
      'registration failure validation_failed',
    ],
    ['of no shape', post('/register', { email: 'n@example.com' }), null],
    [
      'from a foreign page',
      post('/register', { email, password }, { headers: foreignPage }),
      'access.refused failure csrf_rejected',
    ],
  ],
  'POST /auth/login': [
    ['done', post('/login', { email, password }), 'login success'],
    ['done by cookie', post('/login', { email, password, transport: 'cookie' }), 'login success'],
    ['with a wrong password', post('/login', { email, password: wrong }), 'login failure invalid_credentials'],
    ['of nobody', post('/login', { email: 'nobody@example.com', password }), 'login failure invalid_credentials'],
    [
      'from a foreign page',
      post('/login', { email, password }, { headers: foreignPage }),
      'access.refused failure csrf_rejected',
    ],
  ],
  'POST /auth/refresh': [
    ['done', ({ app, ada }) => refresh(app, ada.refreshToken), 'refresh success'],
    ['of garbage', ({ app }) => refresh(app, 'garbage'), null],
    [
      'of an ended session',
      async ({ app, ada }) => {
        await app.stores.sessions.revokeAll(ada.userId, null, 'revoked', app.clock.now())
        await refresh(app, ada.refreshToken)
      },
      'refresh failure refresh_revoked',
    ],
    [
      'of an expired session',
      async ({ app, ada }) => {
        await app.clock.advance(91 * 86_400_000)
        await refresh(app, ada.refreshToken)
      },
      'refresh failure refresh_expired',
    ],
    [
      'of a session that is gone',
      async ({ app, ada }) => {
        await app.clock.advance(100 * 86_400_000)
        await app.auth.maintain()
        await refresh(app, ada.refreshToken)
      },
      'refresh failure refresh_expired',
    ],
  ],
  'POST /auth/logout': [
    ['done', as('POST', '/logout'), 'logout success'],
    [
      'done by cookie',
      async ({ app, cookie }) => app.call('POST', '/auth/logout', { cookie: await cookie(), headers: ownPage }),
      'logout success',
    ],
    [
      'done by refresh token',
      ({ app, ada }) => app.call('POST', '/auth/logout', { body: { refreshToken: ada.refreshToken } }),
      'logout success',
    ],
    ['of nothing', post('/logout', {}), null],
    fromElsewhere('/logout', {}),
    ['from a foreign page', post('/logout', {}, { headers: foreignPage }), 'access.refused failure csrf_rejected'],
  ],
  'POST /auth/logout-all': [
    ['done', as('POST', '/logout-all'), 'logout_all success'],
    ...signedIn('POST', '/logout-all'),
    fromElsewhere('/logout-all', {}),
  ],
  'GET /auth/me': [['done', as('GET', '/me'), null]],
  'GET /auth/sessions': [['done', as('GET', '/sessions'), null]],
  'DELETE /auth/sessions/:id': [
    ['done', async (scene) => as('DELETE', `/sessions/${await other(scene)}`)(scene), 'session.revoked success'],
    ['of nobody', as('DELETE', '/sessions/unknown'), 'session.revoked failure not_found'],
    [
      'of somebody else',
      asRoot('DELETE', async (scene) => `/sessions/${await other(scene)}`),
      'session.revoked failure not_found',
    ],
    ...signedIn('DELETE', '/sessions/unknown').slice(1, 2),
  ],
  'POST /auth/password/change': [
    ['done', as('POST', '/password/change', { body: change }), 'password.changed success'],
    [
      'with a wrong one',
      as('POST', '/password/change', { body: { ...change, currentPassword: wrong } }),
      'password.changed failure invalid_credentials',
    ],
    [
      'to a bad one',
      as('POST', '/password/change', { body: { ...change, newPassword: 'short' } }),
      'password.changed failure validation_failed',
    ],
    fromElsewhere('/password/change', change),
  ],
  'POST /auth/me/delete': [
    ['done', as('POST', '/me/delete', { body: { password } }), 'account.deleted success'],
    [
      'with a wrong password',
      as('POST', '/me/delete', { body: { password: wrong } }),
      'account.deleted failure invalid_credentials',
    ],
    ['without a password', as('POST', '/me/delete', { body: {} }), 'account.deleted failure validation_failed'],
    fromElsewhere('/me/delete', { password }),
  ],
  'POST /auth/api-keys': [
    ['done', as('POST', '/api-keys', { body: { name: 'n', scopes: [] } }), 'api_key.issued success'],
    [
      'with a scope too many',
      as('POST', '/api-keys', { body: { name: 'n', scopes: ['users:manage'] } }),
      'api_key.issued failure insufficient_scope',
    ],
    [
      'with a bad name',
      as('POST', '/api-keys', { body: { name: '', scopes: [] } }),
      'api_key.issued failure validation_failed',
    ],
  ],
  'GET /auth/api-keys': [['done', as('GET', '/api-keys'), null]],
  'DELETE /auth/api-keys/:id': [
    ['done', async (scene) => as('DELETE', `/api-keys/${(await scene.key()).id}`)(scene), 'api_key.revoked success'],
    [
      'of somebody else',
      asRoot('DELETE', async ({ key }) => `/api-keys/${(await key()).id}`),
      'api_key.revoked failure not_found',
    ],
  ],
  'POST /auth/api-keys/:id/rotate': [
    ['done', async (scene) => as('POST', `/api-keys/${(await scene.key()).id}/rotate`)(scene), 'api_key.rotated success'],
    [
      'of somebody else',
      asRoot('POST', async ({ key }) => `/api-keys/${(await key()).id}/rotate`),
      'api_key.rotated failure not_found',
    ],
  ],
  'GET /auth/users': [
    ['done', asRoot('GET', '/users'), null],
    ['without the scope', as('GET', '/users'), 'access.refused failure insufficient_scope'],
  ],
  'PUT /auth/users/:id/roles': [
    [
      'done',
      asRoot('PUT', ({ ada }) => `/users/${ada.userId}/roles`, { body: { roles: ['support'] } }),
      'roles.changed success',
    ],
    ['as they are', asRoot('PUT', ({ ada }) => `/users/${ada.userId}/roles`, { body: { roles: ['user'] } }), null],
    ['of nobody', asRoot('PUT', '/users/nobody/roles', { body: { roles: [] } }), 'roles.changed failure not_found'],
    ['without the scope', as('PUT', '/users/x/roles', { body: { roles: [] } }), 'access.refused failure insufficient_scope'],
  ],
  'POST /auth/users/:id/disable': [
    ['done', asRoot('POST', ({ ada }) => `/users/${ada.userId}/disable`), 'account.disabled success'],
    ['of nobody', asRoot('POST', '/users/nobody/disable'), 'account.disabled failure not_found'],
    ['without the scope', as('POST', '/users/x/disable'), 'access.refused failure insufficient_scope'],
  ],
  'GET /auth/audit': [
    ['done', asRoot('GET', '/audit'), null],
    ['without the scope', as('GET', '/audit'), 'access.refused failure insufficient_scope'],
  ],
  'GET /auth/jwks.json': [['done', ({ app }) => app.call('GET', '/auth/jwks.json'), null]],
  'GET /.well-known/jwks.json': [['done', ({ app }) => app.call('GET', '/.well-known/jwks.json'), null]],
}

/** What the routes of a disabled user answer, to have it tried once. */
export const disabledUser: EventRow = [
  'a route, by somebody who was disabled',
  async (scene) => {
    await disable(scene)
    await scene.fresh()
    return as('GET', '/sessions')(scene)
  },
  null,
]
