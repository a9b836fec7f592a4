import { ada } from '@auth/core/testing'
import { describe, expect, it } from 'vitest'
import { identitiesOf, link, openBrowser, socialApp } from './support/social-app.js'
import { issuer, password } from './support/test-app.js'

describe('signing in with a provider', () => {
  it.each(['google', 'github'])('makes an account at first, and finds it again: %s', async (name) => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const first = await browser.signIn(name, '?returnTo=/orders?page=2')
    expect([first.status, first.headers.get('location')]).toEqual([303, `${issuer}/orders?page=2`])
    const id = await browser.userId()
    expect(id).not.toBeNull()
    const { body } = await browser.call('GET', '/auth/me')
    expect(body.user).toMatchObject({ email: 'ada@example.com', emailVerified: true, name: 'Ada Lovelace', roles: ['user'] })
    expect([...browser.cookies.keys()].sort()).toEqual(['__Host-device', '__Host-session'])

    const another = openBrowser(scene)
    await another.signIn(name)
    expect(await another.userId()).toBe(id)
    expect((await identitiesOf(another)).map(({ provider }) => provider)).toEqual([name])
  })

  it('AL-01 knows people by their subject alone: a changed address is the same person, a login name that changed hands another', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn('github')
    const id = await browser.userId()
    scene.provider.person = { ...ada, email: 'countess@example.com', login: 'countess' }
    const renamed = openBrowser(scene)
    await renamed.signIn('github')
    expect(await renamed.userId()).toBe(id)
    scene.provider.person = { ...ada, id: 777, email: 'other@example.com' }
    const heir = openBrowser(scene)
    await heir.signIn('github')
    expect(await heir.userId()).not.toBe(id)
  })

  it('gives a token client a ticket that works once, for a minute, and for no other session than its own', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const back = await browser.signIn('google', '?transport=bearer&returnTo=/app')
    const target = new URL(back.headers.get('location') ?? '')
    expect(target.href.startsWith(`${issuer}/app#ticket=`)).toBe(true)
    const body = { ticket: target.hash.slice('#ticket='.length) }
    const uses = await Promise.all(
      Array.from({ length: 5 }, () => scene.app.call('POST', '/auth/signin/exchange', { body })),
    )
    expect(uses.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
    const tokens = uses.find(({ status }) => status === 200)?.body ?? {}
    expect(tokens).toMatchObject({ tokenType: 'Bearer', user: { email: 'ada@example.com' } })
    expect((await scene.app.call('GET', '/auth/me', { bearer: tokens.accessToken })).status).toBe(200)

    const late = await browser.signIn('google', '?transport=bearer')
    await scene.app.clock.advance(61_000)
    const ticket = new URL(late.headers.get('location') ?? '').hash.slice('#ticket='.length)
    expect((await scene.app.call('POST', '/auth/signin/exchange', { body: { ticket } })).body.code).toBe('ticket_invalid')
  })

  it('voids a ticket with everything that ends all sessions', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const back = await browser.signIn('google', '?transport=bearer')
    const ticket = new URL(back.headers.get('location') ?? '').hash.slice('#ticket='.length)
    const [user] = await scene.app.stores.users.list({ after: null, limit: 1 })
    await scene.app.auth.sessions.endAll(user?.id ?? '')
    expect((await scene.app.call('POST', '/auth/signin/exchange', { body: { ticket } })).body.code).toBe('ticket_invalid')
  })

  it('takes a form as an answer too: it leads to the same request with the cookies', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const [path = '', query = ''] = (await browser.begin()).split('?')
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' }
    const form = await scene.app.call('POST', path, { body: `${query}&user=%3Cscript%3E`, headers })
    expect([form.status, form.cookies]).toEqual([303, []])
    const location = form.headers.get('location') ?? ''
    expect(location.startsWith(`${path}?`)).toBe(true)
    expect(location).not.toContain('user')
    expect((await browser.call('GET', location)).status).toBe(303)
    expect(await browser.userId()).not.toBeNull()
  })

  it('lets two tabs sign in at once', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    const one = await browser.begin('google')
    scene.provider.person = { ...ada, email: 'second@example.com' }
    const two = await browser.begin('github')
    expect((await browser.call('GET', one)).status).toBe(303)
    expect((await browser.call('GET', two)).status).toBe(303)
    expect([...browser.cookies.keys()].filter((name) => name.includes('signin'))).toEqual([])
  })

  it('keeps the number of attempts in one browser small', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    for (let i = 0; i < 12; i++) await browser.begin()
    expect([...browser.cookies.keys()].filter((name) => name.includes('signin')).length).toBeLessThan(7)
    expect((await browser.signIn()).status).toBe(303)
  })

  it('makes no account where registration is closed, and tells apart who is disabled', async () => {
    const closed = await socialApp({ registration: 'closed' })
    expect((await openBrowser(closed).signIn()).body.code).toBe('registration_closed')
    expect(await closed.app.stores.users.list({ after: null, limit: 5 })).toEqual([])

    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn()
    await scene.app.auth.accounts.disable((await browser.userId()) ?? '')
    expect((await browser.signIn()).body.code).toBe('account_disabled')
  })

  it('answers a browser with a page and a program with JSON', async () => {
    const scene = await socialApp()
    const request = new Request(`${issuer}/auth/callback/google`, { headers: { accept: 'text/html,*/*;q=0.8' } })
    const page = await scene.app.auth.handler(request)
    expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('signin_state_invalid')
    const { body, status } = await scene.app.call('GET', '/auth/callback/google')
    expect([status, body.code]).toEqual([400, 'signin_state_invalid'])
    expect((await scene.app.call('GET', '/auth/signin/nobody')).status).toBe(404)
    expect((await scene.app.call('GET', '/auth/signin/google?transport=pigeon')).status).toBe(400)
  })

  it('refuses a start that a foreign page caused, not one that was typed in', async () => {
    const scene = await socialApp()
    const start = async (headers: Record<string, string>): Promise<number> =>
      (await scene.app.call('GET', '/auth/signin/google', { headers })).status
    expect(await start({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await start({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await start({ 'sec-fetch-site': 'none' })).toBe(303)
    expect(await start({})).toBe(303)
  })
})

describe('what is linked to an account', () => {
  it('a second provider is linked, signs in to the same account, and is unlinked', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn('google')
    const id = await browser.userId()
    await scene.app.clock.advance(1000)
    expect((await link(browser, 'github')).status).toBe(303)
    const linked = await identitiesOf(browser)
    expect(linked).toMatchObject([
      { provider: 'google', name: 'Google', email: 'ada@example.com' },
      { provider: 'github', name: 'GitHub' },
    ])
    const other = openBrowser(scene)
    await other.signIn('github')
    expect(await other.userId()).toBe(id)
    const github = linked.find(({ provider }) => provider === 'github')?.id
    expect((await browser.call('DELETE', `/auth/identities/${github}`)).status).toBe(204)
    expect((await browser.call('DELETE', `/auth/identities/${github}`)).status).toBe(404)
    const [google] = await identitiesOf(browser)
    const last = await browser.call('DELETE', `/auth/identities/${google?.id}`)
    expect([last.status, last.body.code]).toEqual([409, 'last_credential'])
  })

  it('AL-05 a password is a credential too; its owner may unlink everything', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await scene.app.auth.accounts.create({ email: 'pat@example.com', password, emailVerified: true })
    const body = { email: 'pat@example.com', password, transport: 'cookie' }
    await browser.call('POST', '/auth/login', { body })
    await link(browser, 'google')
    const [google] = await identitiesOf(browser)
    expect((await browser.call('DELETE', `/auth/identities/${google?.id}`)).status).toBe(204)
    expect(await identitiesOf(browser)).toEqual([])
  })

  it('AL-04 linking and unlinking need a recent sign-in and their own page', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn('google')
    const [google] = await identitiesOf(browser)
    const foreign = { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }
    expect((await browser.call('POST', '/auth/identities/github', foreign)).body.code).toBe('csrf_rejected')
    await scene.app.clock.advance(601_000)
    for (const [method, name] of [
      ['POST', 'github'],
      ['DELETE', google?.id],
    ] as const)
      expect((await browser.call(method, `/auth/identities/${name}`)).body.code).toBe('recent_login_required')
  })

  it('AL-04 LG-12 or the right password in the same request; a wrong one is refused and recorded', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await scene.app.auth.accounts.create({ email: 'pat@example.com', password, emailVerified: true })
    await browser.call('POST', '/auth/login', { body: { email: 'pat@example.com', password, transport: 'cookie' } })
    await link(browser, 'google')
    const [google] = await identitiesOf(browser)
    await scene.app.clock.advance(601_000)
    const commands = [
      ['POST', '/auth/identities/github', 'identity.linked', 200],
      ['DELETE', `/auth/identities/${google?.id}`, 'identity.unlinked', 204],
    ] as const
    for (const [method, path, type, status] of commands) {
      expect((await browser.call(method, path)).body.code).toBe('recent_login_required')
      expect((await browser.call(method, path, { body: { password: 'a wrong passphrase' } })).body.code).toBe(
        'invalid_credentials',
      )
      const failures = await scene.app.auth.audit.list({ limit: 10, type })
      expect(failures.filter(({ outcome }) => outcome === 'failure')).toContainEqual(
        expect.objectContaining({ code: 'invalid_credentials' }),
      )
      expect((await browser.call(method, path, { body: { password } })).status).toBe(status)
    }
    expect(await identitiesOf(browser)).toEqual([])
  })

  it('somebody without a password deletes their account, and the provider makes a new one', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn('google')
    const id = await browser.userId()
    expect((await browser.call('POST', '/auth/me/delete', { body: {} })).status).toBe(204)
    await browser.signIn('google')
    expect(await browser.userId()).not.toBe(id)
  })
})

describe('OC-06 tokens of a provider', () => {
  it('are not kept', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn('google')
    const userId = (await browser.userId()) ?? ''
    expect((await scene.app.stores.identities.list(userId))[0]?.sealedTokens).toBeNull()
    await expect(scene.app.auth.identities.accessToken(userId, 'google')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are kept encrypted where that is asked for, and renewed; the refresh token stays where no new one comes', async () => {
    const scene = await socialApp({ social: { keepTokens: true } })
    const { app, provider } = scene
    const browser = openBrowser(scene)
    await browser.signIn('google')
    const userId = (await browser.userId()) ?? ''
    const first = await app.auth.identities.accessToken(userId, 'google')
    expect(provider.secrets).toContain(first)
    const [kept] = await app.stores.identities.list(userId)
    for (const secret of provider.secrets) expect(kept?.sealedTokens).not.toContain(secret)
    // Google's answer to a refresh has no refresh token: the next renewal needs the one from before.
    const seen = new Set([first])
    for (let renewal = 0; renewal < 3; renewal++) {
      await app.clock.advance(3_600_000)
      seen.add(await app.auth.identities.accessToken(userId, 'google'))
    }
    expect(seen.size).toBe(4)
    expect(await app.auth.identities.accessToken(userId, 'google')).toBe([...seen].at(-1))
  })

  it('are renewed once for all who ask at one moment', async () => {
    const scene = await socialApp({ social: { keepTokens: true } })
    const { app, provider } = scene
    const browser = openBrowser(scene)
    await browser.signIn('google')
    const userId = (await browser.userId()) ?? ''
    await app.clock.advance(3_600_000)
    const before = provider.calls('/token')
    const tokens = await Promise.all(Array.from({ length: 5 }, () => app.auth.identities.accessToken(userId, 'google')))
    expect([new Set(tokens).size, provider.calls('/token') - before]).toEqual([1, 1])
  })

  it('open for their own user and provider alone', async () => {
    const scene = await socialApp({ social: { keepTokens: true } })
    const { app, provider } = scene
    const ids: string[] = []
    for (const address of ['one@example.com', 'two@example.com']) {
      provider.person = { ...ada, sub: address, email: address }
      const browser = openBrowser(scene)
      await browser.signIn('google')
      ids.push((await browser.userId()) ?? '')
    }
    const [[mine], [theirs]] = await Promise.all([
      app.stores.identities.list(ids[0] ?? ''),
      app.stores.identities.list(ids[1] ?? ''),
    ])
    await app.stores.identities.swapTokens(theirs?.id ?? '', theirs?.sealedTokens ?? null, mine?.sealedTokens ?? null)
    await expect(app.auth.identities.accessToken(ids[1] ?? '', 'google')).rejects.toMatchObject({ code: 'not_found' })
  })
})
