import { ada, answerDefects, endpointDefects, type ProviderEndpoint, tokenDefects } from '@auth/core/testing'
import { describe, expect, it } from 'vitest'
import { returnTarget } from '../src/oauth-client/index.js'
import { type Browser, counted, identitiesOf, link, openBrowser, type SocialApp, socialApp } from './support/social-app.js'
import { type Answer, issuer } from './support/test-app.js'

const nothing = { users: 0, sessions: 0, identities: 0 }

/** How often the provider was asked for tokens. */
function tokenCalls({ provider }: SocialApp): number {
  return provider.calls('/token') + provider.calls('/login/oauth/access_token')
}

function outcome({ status, body }: Answer): string {
  return `${status} ${String(body.code ?? '')}`
}

function changed(path: string, change: (parameters: URLSearchParams) => void): string {
  const url = new URL(path, issuer)
  change(url.searchParams)
  return url.pathname + url.search
}

describe('a callback that is not as its attempt began', () => {
  type Attack = (scene: SocialApp, browser: Browser, back: string) => Promise<Answer>
  const attacks: readonly (readonly [what: string, attack: Attack])[] = [
    [
      'without a state',
      (_, browser, back) =>
        browser.call(
          'GET',
          changed(back, (all) => all.delete('state')),
        ),
    ],
    [
      'with garbage for a state',
      (_, browser, back) =>
        browser.call(
          'GET',
          changed(back, (all) => all.set('state', 'x')),
        ),
    ],
    [
      'with two states',
      (_, browser, back) =>
        browser.call(
          'GET',
          changed(back, (all) => all.append('state', all.get('state') ?? '')),
        ),
    ],
    ['in another browser', (scene, _, back) => openBrowser(scene).call('GET', back)],
    [
      'with the cookie of another attempt',
      async (scene, browser, back) => {
        const other = openBrowser(scene)
        await other.begin()
        const [mine = ''] = [...browser.cookies.keys()]
        const [theirs = ''] = [...other.cookies.values()]
        browser.cookies.set(mine, theirs)
        return browser.call('GET', back)
      },
    ],
    ["at another provider's path", (_, browser, back) => browser.call('GET', back.replace('/google', '/github'))],
    [
      '11 minutes later',
      async ({ app }, browser, back) => {
        await app.clock.advance(11 * 60_000)
        return browser.call('GET', back)
      },
    ],
  ]

  it.each(attacks)(
    'A-77 OC-01 OC-02 is refused before the provider is asked, and ends the attempt: %s',
    async (_, attack) => {
      const scene = await socialApp()
      const browser = openBrowser(scene)
      const back = await browser.begin()
      const kept = new Map(browser.cookies)
      expect(outcome(await attack(scene, browser, back))).toBe('400 signin_state_invalid')
      // The right answer comes too late, in whichever browser.
      for (const [name, value] of kept) browser.cookies.set(name, value)
      expect(outcome(await browser.call('GET', back))).toBe('400 signin_state_invalid')
      expect([tokenCalls(scene), await counted(scene)]).toEqual([0, nothing])
    },
  )

  it('A-77 OC-01 is good once: of 20 at one moment one signs in, and a replay does not', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const back = await browser.begin()
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answers = await Promise.all(Array.from({ length: 20 }, () => scene.app.call('GET', back, { cookie })))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'signin_state_invalid')).toHaveLength(19)
    expect([tokenCalls(scene), await counted(scene)]).toEqual([1, { users: 1, sessions: 1, identities: 1 }])
  })

  it('garbage costs no store call', async () => {
    const scene = await socialApp()
    let calls = 0
    for (const name of ['tickets', 'identities', 'users', 'sessions', 'audit'] as const) {
      const store: object = scene.app.stores[name]
      for (const [key, member] of Object.entries(store))
        if (typeof member === 'function')
          Reflect.set(store, key, (...given: unknown[]) => {
            calls++
            return Reflect.apply(member, store, given)
          })
    }
    for (const state of ['', 'x', 'A'.repeat(91), '%00', 'x'.repeat(5000)])
      for (const cookie of ['', '__Host-signin-AAAAAAAAAAAAAAAA=AAAA', `__Host-signin-x=${'A'.repeat(4000)}`])
        await scene.app.call('GET', `/auth/callback/google?code=c&state=${state}`, { cookie })
    await scene.app.call('POST', '/auth/signin/exchange', { body: { ticket: 'A'.repeat(91) } })
    expect(calls).toBe(0)
  })

  it.each(answerDefects)('A-79 OC-02 mix-up: an answer with %s leads to no token request', async (defect) => {
    const scene = await socialApp()
    scene.provider.misbehave(defect)
    const browser = openBrowser(scene)
    expect(outcome(await browser.signIn())).toBe('400 signin_rejected')
    expect([tokenCalls(scene), await counted(scene)]).toEqual([0, nothing])
  })

  it('A-83 AL-04 a link that somebody else began is nobody’s: not in the browser of who is signed in, not with their session', async () => {
    const scene = await socialApp()
    const attacker = openBrowser(scene)
    scene.provider.person = { ...ada, sub: 'evil', id: 666, email: 'evil@example.com' }
    await attacker.signIn()
    const { body } = await attacker.call('POST', '/auth/identities/github')
    const back = await attacker.approve(String(body.url))
    scene.provider.person = ada
    const victim = openBrowser(scene)
    await victim.signIn()
    expect(outcome(await victim.call('GET', back))).toBe('400 signin_state_invalid')
    expect((await identitiesOf(victim)).map(({ provider }) => provider)).toEqual(['google'])

    // Also where the attempt's cookie was planted in the victim's browser.
    const again = await attacker.call('POST', '/auth/identities/github')
    const planted = await attacker.approve(String(again.body.url))
    for (const [name, value] of attacker.cookies) if (name.includes('signin')) victim.cookies.set(name, value)
    expect(outcome(await victim.call('GET', planted))).toBe('400 signin_state_invalid')
    expect(await counted(scene)).toMatchObject({ identities: 2 })
    const events = await scene.app.auth.audit.list({ type: 'identity.linked', limit: 10 })
    expect(events.map(({ outcome: came, code }) => `${came} ${code}`)).toContain('failure signin_state_invalid')
  })

  it('AL-04 a link ends with the session it was begun in', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn()
    const { body } = await browser.call('POST', '/auth/identities/github')
    const back = await browser.approve(String(body.url))
    await browser.call('POST', '/auth/logout')
    expect(outcome(await browser.call('GET', back))).toBe('400 signin_state_invalid')
    expect(await counted(scene)).toMatchObject({ identities: 1 })
  })
})

describe('a provider that is wrong', () => {
  it.each(tokenDefects)('A-80 OC-03 leaves nobody behind: an ID token with %s', async (defect) => {
    const scene = await socialApp()
    scene.provider.misbehave(defect)
    const answer = await openBrowser(scene).signIn()
    expect(outcome(answer)).toBe('400 signin_rejected')
    expect(answer.cookies.filter((line) => line.includes('session'))).toEqual([])
    expect(await counted(scene)).toEqual(nothing)
  })

  const places: readonly (readonly [ProviderEndpoint, string])[] = [
    ['token', 'google'],
    ['jwks', 'google'],
    ['token', 'github'],
    ['user', 'github'],
  ]
  const rows = places.flatMap(([at, name]) => endpointDefects.map((defect) => [defect, at, name] as const))
  it.each(rows)('A-85 OC-05 is a 502 and leaves nobody behind: %s at %s of %s', async (defect, at, name) => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const back = await browser.begin(name)
    scene.provider.misbehave(defect, at)
    const answering = browser.call('GET', back)
    if (defect === 'drips') await untilAsked(scene, at)
    expect(outcome(await answering)).toBe('502 provider_unavailable')
    expect(await counted(scene)).toEqual(nothing)
    expect(scene.provider.calls('/internal')).toBe(0)
  })

  it.each([...endpointDefects, 'discovery of another issuer'] as const)(
    'OC-04 OC-05 begins nothing where discovery %s',
    async (defect) => {
      const scene = await socialApp()
      scene.provider.misbehave(defect, 'discovery')
      const starting = scene.app.call('GET', '/auth/signin/google')
      if (defect === 'drips') await untilAsked(scene, 'discovery')
      expect(outcome(await starting)).toBe('502 provider_unavailable')
      // Left alone for a while, then asked again.
      scene.provider.misbehave(null)
      expect(outcome(await scene.app.call('GET', '/auth/signin/google'))).toBe('502 provider_unavailable')
      expect(scene.provider.calls('/.well-known/openid-configuration')).toBe(1)
      await scene.app.clock.advance(5001)
      expect((await openBrowser(scene).signIn()).status).toBe(303)
    },
  )

  it('OC-04 keeps the endpoints that it knows where a later discovery is another issuer’s', async () => {
    const scene = await socialApp()
    await openBrowser(scene).signIn()
    await scene.app.clock.advance(3_600_001)
    scene.provider.misbehave('discovery of another issuer')
    expect((await openBrowser(scene).signIn()).status).toBe(303)
    expect(scene.provider.calls('/.well-known/openid-configuration')).toBe(2)
  })

  it.each(['refuses the person', 'refuses the code'] as const)('tells the person that it %s', async (defect) => {
    const scene = await socialApp()
    scene.provider.misbehave(defect)
    const answer = await openBrowser(scene).signIn()
    expect([outcome(answer), await counted(scene)]).toEqual(['400 signin_rejected', nothing])
  })

  const unproved = [
    ['google', { emailVerified: false }],
    ['google', { emailVerified: 'true' }],
    ['google', { emailVerified: undefined }],
    ['github', { emailVerified: false }],
    ['github', { emailVerified: 1 }],
  ] as const
  it.each(unproved)('A-81 AL-02 counts no address as proved: %s with %o', async (name, fields) => {
    const scene = await socialApp()
    scene.provider.person = { ...ada, ...fields }
    const browser = openBrowser(scene)
    await browser.signIn(name)
    expect((await browser.call('GET', '/auth/me')).body.user).toMatchObject({ emailVerified: false })
  })

  it('A-81 takes no address from a public profile, nor any where the list of addresses fails', async () => {
    for (const [person, defect] of [
      [{ ...ada, email: null, publicEmail: 'victim@example.com' }, null],
      [ada, 'answers 500'],
    ] as const) {
      const scene = await socialApp()
      scene.provider.person = person
      scene.provider.misbehave(defect, 'emails')
      expect(outcome(await openBrowser(scene).signIn('github'))).toBe('400 signin_rejected')
      expect(await counted(scene)).toEqual(nothing)
    }
  })

  it('OC-06 none of its tokens, codes or secrets is told, logged, recorded or stored', async () => {
    const logged: unknown[] = []
    const logger = {
      warn: (...told: unknown[]) => void logged.push(told),
      error: (...told: unknown[]) => void logged.push(told),
    }
    const scene = await socialApp({ logger })
    const browser = openBrowser(scene)
    const answers = [await browser.signIn(), await link(browser, 'github')]
    scene.provider.misbehave('expired')
    answers.push(await openBrowser(scene).signIn())
    const [user] = await scene.app.stores.users.list({ after: null, limit: 1 })
    const told = JSON.stringify([
      answers.map(({ body, headers }) => [body, [...headers]]),
      logged.map((each) => String(JSON.stringify(each))),
      await scene.app.auth.audit.list({ limit: 100 }),
      await scene.app.stores.identities.list(user?.id ?? ''),
    ])
    expect(scene.provider.secrets.length).toBeGreaterThan(6)
    for (const secret of [...scene.provider.secrets, 'fake-client-secret']) expect(told).not.toContain(secret)
  })
})

describe('where a browser goes afterwards', () => {
  const app = new URL('https://app.example.com')
  const foreign = [
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '\n//evil.example',
    'https:evil.example',
    'http://app.example.com/',
    'https://app.example.com@evil.example/',
    'https://app.example.com.evil.example/',
    'https://user:pass@app.example.com/',
    'https://app.example.com:444/',
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://app.example.com/x',
    'file:///etc/passwd',
    'https://[::1',
    'https://%zz/',
    `/${'x'.repeat(600)}`,
  ]
  it.each(foreign)('A-52 WB-07 is the start for %j, and never a 5xx', async (target) => {
    expect(returnTarget(target, app, new Set())).toBe('https://app.example.com/')
    const scene = await socialApp()
    const query = `?returnTo=${encodeURIComponent(target)}`
    const answer = await openBrowser(scene).signIn('github', query)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${issuer}/`])
  })

  it('WB-07 is a page of the deployment, or of an origin that is allowed', () => {
    const origins = new Set(['https://spa.example.com'])
    for (const [target, expected] of [
      ['/orders?page=2#top', 'https://app.example.com/orders?page=2#top'],
      ['/orders#//evil.example', 'https://app.example.com/orders#//evil.example'],
      ['https://app.example.com/x', 'https://app.example.com/x'],
      ['https://spa.example.com/x', 'https://spa.example.com/x'],
      ['', 'https://app.example.com/'],
    ] as const)
      expect(returnTarget(target, app, origins)).toBe(expected)
  })
})

const paths: Readonly<Record<ProviderEndpoint, string>> = {
  discovery: '/.well-known/openid-configuration',
  token: '/token',
  jwks: '/jwks',
  userinfo: '/userinfo',
  user: '/user',
  emails: '/user/emails',
}

/** Lets the deadline pass once the provider has been asked. */
async function untilAsked({ app, provider }: SocialApp, at: ProviderEndpoint): Promise<void> {
  const asked = (): number => provider.calls(paths[at]) + (at === 'token' ? provider.calls('/login/oauth/access_token') : 0)
  while (asked() === 0) await new Promise((resolve) => setImmediate(resolve))
  await app.clock.advance(10_001)
}

describe('BF-06 answers that lead to nothing', () => {
  it('are taken a hundred times a minute from one address, and cost the provider no more requests', async () => {
    const scene = await socialApp()
    const { app, provider } = scene
    const statuses: number[] = []
    const forged = async (ip: string): Promise<number> => {
      const begun = await app.call('GET', '/auth/signin/google', { ip })
      const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state')
      const cookie = begun.cookies.map((line) => line.split(';')[0]).join('; ')
      const query = `code=made-up&iss=${encodeURIComponent(provider.url)}&state=${state}`
      return (await app.call('GET', `/auth/callback/google?${query}`, { ip, cookie })).status
    }
    for (let sent = 0; sent < 105; sent++) statuses.push(await forged('198.51.100.9'))
    expect(statuses.filter((status) => status === 400)).toHaveLength(100)
    expect(statuses.slice(100)).toEqual([429, 429, 429, 429, 429])
    expect(provider.calls('/token')).toBe(100)
    expect(await forged('198.51.100.10')).toBe(400)
    expect(await app.auth.audit.list({ type: 'login', limit: 1 })).toMatchObject([{ code: 'signin_rejected' }])
  })
})
