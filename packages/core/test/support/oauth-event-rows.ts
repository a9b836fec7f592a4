import type { IssuedClient } from '@auth/core'
import { type EventRow, type EventScene, foreignPage, refused } from './event-scene.js'
import { basic, redirectUri, requestOf, verifier } from './oauth-app.js'
import { issuer } from './test-app.js'

const settings = {
  name: 'Reports',
  grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: ['read:orders'],
  redirectUris: [redirectUri],
} as const

/** A client, and what it sends. */
interface ClientScene {
  readonly scene: EventScene
  readonly client: IssuedClient
  send(path: string, form: Readonly<Record<string, string>>, secret?: string): Promise<Answered>
  /** In Ada's browser. */
  browse(query: Readonly<Record<string, string>>): Promise<Answered>
  answer(form: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Answered>
  /** A code and what leads to it, whose events are not what a row is about. */
  code(): Promise<string>
  grant(): Promise<Readonly<Record<string, string>>>
}

interface Answered {
  readonly text: string
  readonly location: string
}

async function clientScene(scene: EventScene): Promise<ClientScene> {
  const { app } = scene
  const client = await app.auth.oauth.clients.create(settings)
  const cookie = await scene.cookie()
  async function ask(path: string, init: RequestInit): Promise<Answered> {
    const response = await app.auth.handler(new Request(`${issuer}/auth/oauth/${path}`, init), { ip: '203.0.113.7' })
    return { text: await response.text(), location: response.headers.get('location') ?? '' }
  }
  const self: ClientScene = {
    scene,
    client,
    send: (path, form, secret = client.secret ?? '') =>
      ask(path, {
        method: 'POST',
        headers: { authorization: basic([client.id, secret]) },
        body: new URLSearchParams(form),
      }),
    browse: (query) => ask(`authorize?${new URLSearchParams(query)}`, { headers: { cookie } }),
    answer: (form, headers = {}) =>
      ask('authorize', { method: 'POST', headers: { cookie, ...headers }, body: new URLSearchParams(form) }),
    async code() {
      const requestId = await question(self)
      const { location } = await self.answer({ request_id: requestId, decision: 'allow' })
      await scene.fresh()
      return new URL(location).searchParams.get('code') ?? ''
    },
    async grant() {
      const { text } = await self.send('token', exchangeOf(await self.code()))
      await scene.fresh()
      return JSON.parse(text) as Record<string, string>
    },
  }
  await scene.fresh()
  return self
}

async function question({ browse, client }: ClientScene): Promise<string> {
  const { text } = await browse(requestOf(client.id))
  return /name="request_id" value="([^"]+)"/.exec(text)?.[1] ?? ''
}

const exchangeOf = (code: string) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
})
const forItself = { grant_type: 'client_credentials' }
const withClient = (run: (client: ClientScene) => Promise<unknown>) => async (scene: EventScene) =>
  run(await clientScene(scene))
const decide = (decision: string, headers = {}) =>
  withClient(async (client) => client.answer({ request_id: await question(client), decision }, headers))

/** The routes of the OAuth server, with all that may come of each. */
export const oauthEventRows: Readonly<Record<string, readonly EventRow[]>> = {
  'POST /auth/oauth/token': [
    ['by a client for itself', withClient(({ send }) => send('token', forItself)), 'oauth.token_issued success'],
    [
      'of a scope that is not for it',
      withClient(({ send }) => send('token', { ...forItself, scope: 'admin' })),
      'oauth.token_issued failure invalid_scope',
    ],
    [
      'with a wrong secret',
      withClient(({ send }) => send('token', forItself, 'wrong')),
      'oauth.client_refused failure invalid_client',
    ],
    ['of no grant', withClient(({ send }) => send('token', {})), null],
    [
      'with a code',
      withClient(async ({ send, code }) => send('token', exchangeOf(await code()))),
      'oauth.token_issued success',
    ],
    [
      'with garbage for a code',
      withClient(({ send }) => send('token', exchangeOf('x'))),
      'oauth.token_issued failure invalid_grant',
    ],
    [
      'with a refresh token',
      withClient(async ({ send, grant }) =>
        send('token', { grant_type: 'refresh_token', refresh_token: (await grant()).refresh_token ?? '' }),
      ),
      'refresh success',
    ],
    [
      'with a refresh token for more than was granted',
      withClient(async ({ send, grant }) => {
        const { refresh_token = '' } = await grant()
        return send('token', { grant_type: 'refresh_token', refresh_token, scope: 'write:orders' })
      }),
      'oauth.token_issued failure invalid_scope',
    ],
    [
      'with a refresh token of a session that has ended',
      withClient(async ({ scene, send, grant }) => {
        const { refresh_token = '' } = await grant()
        await scene.app.auth.sessions.endAll(scene.ada.userId)
        await scene.fresh()
        return send('token', { grant_type: 'refresh_token', refresh_token })
      }),
      'refresh failure refresh_revoked',
    ],
  ],
  'GET /auth/oauth/authorize': [
    ['a question', withClient(question), null],
    ['of an unknown client', withClient(({ browse }) => browse(requestOf('nobody'))), null],
    [
      'without PKCE',
      withClient(({ browse, client }) => browse({ ...requestOf(client.id), code_challenge: '' })),
      'oauth.authorization failure invalid_request',
    ],
    [
      'of a trusted client',
      async (scene) => {
        const { browse } = await clientScene(scene)
        const { id } = await scene.app.auth.oauth.clients.create({ ...settings, consent: 'implicit' })
        await scene.fresh()
        return browse(requestOf(id))
      },
      'oauth.authorization success',
    ],
  ],
  'POST /auth/oauth/authorize': [
    ['allowed', decide('allow'), 'oauth.authorization success'],
    ['denied', decide('deny'), 'oauth.authorization failure access_denied'],
    ['from a foreign page', decide('allow', foreignPage), 'access.refused failure csrf_rejected'],
    ['without a decision', decide('maybe'), null],
  ],
  'POST /auth/oauth/introspect': [
    ['done', withClient(async ({ send, grant }) => send('introspect', { token: (await grant()).access_token ?? '' })), null],
    [
      'with a wrong secret',
      withClient(({ send }) => send('introspect', { token: 'x' }, 'wrong')),
      'oauth.client_refused failure invalid_client',
    ],
  ],
  'POST /auth/oauth/revoke': [
    [
      'of a refresh token',
      withClient(async ({ send, grant }) => send('revoke', { token: (await grant()).refresh_token ?? '' })),
      'session.revoked success',
    ],
    [
      'of an access token',
      withClient(async ({ send, grant }) => send('revoke', { token: (await grant()).access_token ?? '' })),
      'token.revoked success',
    ],
    ['of nothing', withClient(({ send }) => send('revoke', { token: 'x' })), null],
    [
      'with a wrong secret',
      withClient(({ send }) => send('revoke', { token: 'x' }, 'wrong')),
      'oauth.client_refused failure invalid_client',
    ],
  ],
  'GET /.well-known/oauth-authorization-server': [
    ['done', ({ app }) => app.call('GET', '/.well-known/oauth-authorization-server'), null],
  ],
  'GET /.well-known/oauth-protected-resource': [
    ['done', ({ app }) => app.call('GET', '/.well-known/oauth-protected-resource'), null],
  ],
}

/** A code that comes back leaves the event of the theft beside the refusal's. */
export const replayedCode: EventRow = [
  'a code that was used',
  withClient(async ({ scene, send, code }) => {
    const form = exchangeOf(await code())
    await send('token', form)
    await scene.fresh()
    return send('token', form)
  }),
  'oauth.code_replayed failure invalid_grant',
]

type ClientsOf = EventScene['app']['auth']['oauth']['clients']
const onClient = (run: (clients: ClientsOf, id: string) => Promise<unknown>) => async (scene: EventScene) => {
  const { client } = await clientScene(scene)
  return run(scene.app.auth.oauth.clients, client.id)
}

/** What the application does with clients. */
export const clientEventRows: Readonly<Record<string, readonly EventRow[]>> = {
  'oauth.clients.create': [
    ['done', ({ app }) => app.auth.oauth.clients.create(settings), 'oauth_client.created success'],
    [
      'of a bad one',
      ({ app }) => refused(app.auth.oauth.clients.create({ ...settings, redirectUris: ['javascript:x'] })),
      'oauth_client.created failure validation_failed',
    ],
  ],
  'oauth.clients.find': [['done', onClient((clients, id) => clients.find(id)), null]],
  'oauth.clients.list': [['done', onClient((clients) => clients.list()), null]],
  'oauth.clients.update': [
    ['done', onClient((clients, id) => clients.update(id, { name: 'Other' })), 'oauth_client.updated success'],
    [
      'of nothing',
      ({ app }) => refused(app.auth.oauth.clients.update('nobody', {})),
      'oauth_client.updated failure not_found',
    ],
  ],
  'oauth.clients.rotateSecret': [
    ['done', onClient((clients, id) => clients.rotateSecret(id)), 'oauth_client.secret_rotated success'],
    [
      'of nothing',
      ({ app }) => refused(app.auth.oauth.clients.rotateSecret('nobody')),
      'oauth_client.secret_rotated failure not_found',
    ],
  ],
  'oauth.clients.disable': [
    ['done', onClient((clients, id) => clients.disable(id)), 'oauth_client.disabled success'],
    [
      'of nothing',
      ({ app }) => refused(app.auth.oauth.clients.disable('nobody')),
      'oauth_client.disabled failure not_found',
    ],
  ],
  'oauth.clients.enable': [
    ['done', onClient((clients, id) => clients.enable(id)), 'oauth_client.enabled success'],
    ['of nothing', ({ app }) => refused(app.auth.oauth.clients.enable('nobody')), 'oauth_client.enabled failure not_found'],
  ],
  'oauth.clients.remove': [
    ['done', onClient((clients, id) => clients.remove(id)), 'oauth_client.removed success'],
    ['of nothing', ({ app }) => app.auth.oauth.clients.remove('nobody'), null],
  ],
}
