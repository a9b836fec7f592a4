import { ada, type FakeProvider, fakeProvider, type ProviderPerson } from '@auth/core/testing'
import { as, type EventRow, type EventScene, foreignPage, post } from './event-scene.js'
import type { ConfiguredRow } from './other-event-rows.js'
import { type Browser, openBrowser } from './social-app.js'

/** One provider for all rows: each signs in as somebody of its own. */
let shared: Promise<FakeProvider> | undefined

/** Opens the provider that the rows sign in with. */
export function eventProvider(): Promise<FakeProvider> {
  shared ??= fakeProvider()
  return shared
}

const grace = { ...ada, id: 7, email: 'grace@example.com' }

/** A browser at the provider as somebody. */
async function visitor(
  { app }: EventScene,
  person: ProviderPerson = grace,
): Promise<{ browser: Browser; provider: FakeProvider }> {
  const provider = await eventProvider()
  provider.person = person
  provider.misbehave(null)
  return { provider, browser: openBrowser({ app, provider }) }
}

/** Signs Ada in, by a cookie, in a browser that the provider takes for somebody else. */
async function adaInBrowser(scene: EventScene): Promise<Browser> {
  const { browser } = await visitor(scene)
  const body = { email: 'ada@example.com', password: 'a long enough passphrase', transport: 'cookie' }
  await browser.call('POST', '/auth/login', { body })
  return browser
}

async function startedLink(scene: EventScene): Promise<{ browser: Browser; back: string }> {
  const browser = await adaInBrowser(scene)
  const { body } = await browser.call('POST', '/auth/identities/github')
  const back = await browser.approve(String(body.url))
  await scene.fresh()
  return { browser, back }
}

async function linked(scene: EventScene): Promise<{ browser: Browser; id: string }> {
  const { browser, back } = await startedLink(scene)
  await browser.call('GET', back)
  const { body } = await browser.call('GET', '/auth/identities')
  await scene.fresh()
  return { browser, id: (body.identities as { id: string }[])[0]?.id ?? '' }
}

async function exchangeTicket(scene: EventScene): Promise<string> {
  const { browser } = await visitor(scene)
  const answer = await browser.signIn('github', '?transport=bearer')
  await scene.fresh()
  return new URL(answer.headers.get('location') ?? '').hash.slice('#ticket='.length)
}

const byNobody = (method: string, path: string): EventRow => [
  'by nobody',
  ({ app }) => app.call(method, `/auth${path}`, { body: {} }),
  null,
]
const withKey = (method: string, path: string): EventRow => [
  'with a key',
  async ({ app, key }) => app.call(method, `/auth${path}`, { headers: { 'x-api-key': (await key()).key }, body: {} }),
  'access.refused failure credential_not_allowed',
]
const notRecently = (method: string, path: string): EventRow => [
  'long after the sign-in',
  async (scene) => {
    const browser = await adaInBrowser(scene)
    await scene.fresh()
    await scene.app.clock.advance(601_000)
    await browser.call(method, `/auth${path}`)
  },
  'access.refused failure recent_login_required',
]

/** The routes of social sign-in, with all that may come of them. */
export const socialEventRows: Readonly<Record<string, readonly EventRow[]>> = {
  'GET /auth/signin/:id': [
    ['done', ({ app }) => app.call('GET', '/auth/signin/github'), null],
    ['of nobody', ({ app }) => app.call('GET', '/auth/signin/nobody'), null],
    [
      'from a foreign page',
      ({ app }) => app.call('GET', '/auth/signin/github', { headers: foreignPage }),
      'access.refused failure csrf_rejected',
    ],
  ],
  'GET /auth/callback/:id': [
    ['of somebody new', async (scene) => (await visitor(scene)).browser.signIn('github'), 'registration success'],
    [
      'of somebody known',
      async (scene) => {
        const { browser } = await visitor(scene)
        await browser.signIn('github')
        await scene.fresh()
        await (await visitor(scene)).browser.signIn('github')
      },
      'login success',
    ],
    ['of garbage', ({ app }) => app.call('GET', '/auth/callback/github?state=x&code=y'), null],
    [
      'a second time',
      async (scene) => {
        const { browser } = await visitor(scene)
        const back = await browser.begin('github')
        await browser.call('GET', back)
        await scene.fresh()
        await browser.call('GET', back)
      },
      'login failure signin_state_invalid',
    ],
    [
      'of somebody whom the provider did not let in',
      async (scene) => {
        const { browser, provider } = await visitor(scene)
        provider.misbehave('refuses the person')
        await browser.signIn('github')
      },
      'login failure signin_rejected',
    ],
    [
      'of a provider that is down',
      async (scene) => {
        const { browser, provider } = await visitor(scene)
        const back = await browser.begin('github')
        provider.misbehave('answers 500', 'token')
        await browser.call('GET', back)
      },
      'login failure provider_unavailable',
    ],
    [
      'of a link',
      async (scene) => {
        const { browser, back } = await startedLink(scene)
        await browser.call('GET', back)
      },
      'identity.linked success',
    ],
    [
      'of a link to what is somebody else’s',
      async (scene) => {
        await (await visitor(scene)).browser.signIn('github')
        const { browser, back } = await startedLink(scene)
        await browser.call('GET', back)
      },
      'identity.linked failure identity_taken',
    ],
  ],
  'POST /auth/callback/:id': [
    [
      'done',
      ({ app }) =>
        app.call('POST', '/auth/callback/github', {
          body: 'state=x',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
      null,
    ],
  ],
  'POST /auth/signin/exchange': [
    ['done', async (scene) => post('/signin/exchange', { ticket: await exchangeTicket(scene) })(scene), 'login success'],
    [
      'a second time',
      async (scene) => {
        const ticket = await exchangeTicket(scene)
        await post('/signin/exchange', { ticket })(scene)
        await scene.fresh()
        await post('/signin/exchange', { ticket })(scene)
      },
      'login failure ticket_invalid',
    ],
    ['of garbage', post('/signin/exchange', { ticket: 'x' }), null],
    [
      'from a foreign page',
      post('/signin/exchange', { ticket: 'x' }, { headers: foreignPage }),
      'access.refused failure csrf_rejected',
    ],
  ],
  'GET /auth/identities': [
    ['done', as('GET', '/identities'), null],
    ['by nobody', ({ app }) => app.call('GET', '/auth/identities'), null],
    [
      'with a key',
      async ({ app, key }) => app.call('GET', '/auth/identities', { headers: { 'x-api-key': (await key()).key } }),
      'access.refused failure credential_not_allowed',
    ],
  ],
  'POST /auth/identities/:id': [
    ['done', as('POST', '/identities/github', { body: {} }), null],
    ['of nobody', as('POST', '/identities/nobody', { body: {} }), null],
    byNobody('POST', '/identities/github'),
    withKey('POST', '/identities/github'),
    notRecently('POST', '/identities/github'),
  ],
  'DELETE /auth/identities/:id': [
    [
      'done',
      async (scene) => {
        const { browser, id } = await linked(scene)
        await browser.call('DELETE', `/auth/identities/${id}`)
      },
      'identity.unlinked success',
    ],
    [
      'of the last credential',
      async (scene) => {
        const { browser } = await visitor(scene)
        await browser.signIn('github')
        const { body } = await browser.call('GET', '/auth/identities')
        await scene.fresh()
        await browser.call('DELETE', `/auth/identities/${(body.identities as { id: string }[])[0]?.id}`)
      },
      'identity.unlinked failure last_credential',
    ],
    ['of nothing', as('DELETE', '/identities/none', { body: {} }), 'identity.unlinked failure not_found'],
    byNobody('DELETE', '/identities/x'),
    withKey('DELETE', '/identities/x'),
    notRecently('DELETE', '/identities/x'),
  ],
}

/** What of social sign-in is more than one event. */
export const otherSocialEventRows: readonly ConfiguredRow[] = [
  [
    'a sign-in that proves an address which an account has unproved',
    async (scene) => (await visitor(scene, ada)).browser.signIn('github'),
    'account.claimed success, login success',
  ],
]
