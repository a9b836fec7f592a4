import type { Mail } from '@auth/core'
import { ada } from '@auth/core/testing'
import { describe, expect, it } from 'vitest'
import { links, ticketOf } from './support/mail-app.js'
import { type Browser, counted, identitiesOf, link, openBrowser, type SocialApp, socialApp } from './support/social-app.js'
import { login, password, register, type TestConfig } from './support/test-app.js'

const email = 'ada@example.com'

async function userOf({ app }: SocialApp) {
  return app.stores.users.findByEmailKey(email)
}

describe('AL-02 an address that has an account already', () => {
  const matrix = [true, false].flatMap((atProvider) =>
    [true, false].flatMap((here) => (['never', 'verified'] as const).map((policy) => [atProvider, here, policy] as const)),
  )
  it.each(matrix)('provider proved %s, proved here %s, policy %s', async (atProvider, here, policy) => {
    const scene = await socialApp(policy === 'never' ? {} : { social: { linkByEmail: policy } })
    const { id } = await scene.app.auth.accounts.create({ email, password, emailVerified: here, roles: ['user'] })
    scene.provider.person = { ...ada, emailVerified: atProvider }
    const browser = openBrowser(scene)
    const { status, body } = await browser.signIn()
    const isLinked = atProvider && here && policy === 'verified'
    const isClaimed = atProvider && !here
    expect([status, body.code]).toEqual(isLinked || isClaimed ? [303, undefined] : [400, 'signin_rejected'])
    expect((await scene.app.stores.identities.list(id)).length).toBe(isLinked || isClaimed ? 1 : 0)
    // Merged is only what both sides have proved: whoever made an account with an unproved address has nothing of it.
    expect((await userOf(scene))?.passwordHash === null).toBe(isClaimed)
    expect((await scene.app.stores.users.list({ after: null, limit: 5 })).length).toBe(1)
  })

  it('is nobody’s to take where the application gave the account more than a sign-up gives', async () => {
    const scene = await socialApp()
    await scene.app.auth.accounts.create({ email, password, roles: ['admin'] })
    expect((await openBrowser(scene).signIn()).body.code).toBe('signin_rejected')
    expect((await userOf(scene))?.passwordHash).not.toBeNull()
  })

  it('tells nobody where registration tells nobody', async () => {
    const mails: Mail[] = []
    const config: TestConfig = { registration: 'verified', mailer: { send: (mail) => void mails.push(mail) }, links }
    const scene = await socialApp(config)
    await scene.app.auth.accounts.create({ email, password, emailVerified: true })
    const answers = []
    for (const address of [email, 'nobody@example.com']) {
      scene.provider.person = { ...ada, email: address, id: answers.length + 1, emailVerified: false }
      const { status, body } = await openBrowser(scene).signIn('github')
      answers.push({ status, body })
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.body.code).toBe('email_unverified')
    await scene.app.auth.mailsSent()
    expect(mails.map(({ kind, to }) => [kind, to])).toEqual([
      ['already_registered', email],
      ['email_verification', 'nobody@example.com'],
    ])
  })
})

describe('AL-03 A-82 who registered with the address of somebody else', () => {
  it('has nothing of the account once its owner signs in: no password, session, token, key, ticket or linked provider', async () => {
    const mails: Mail[] = []
    const scene = await socialApp({ mailer: { send: (mail) => void mails.push(mail) }, links })
    const { app, provider } = scene
    const attacker = openBrowser(scene)
    const tokens = await register(app)
    const body = { email, password, transport: 'cookie' }
    await attacker.call('POST', '/auth/login', { body })
    provider.person = { ...ada, id: 666, email: 'evil@example.com' }
    await link(attacker, 'github')
    const { key } = await app.auth.apiKeys.create({ userId: tokens.userId, name: 'stays', scopes: ['read:orders'] })
    await attacker.call('POST', '/auth/email/change', { body: { newEmail: 'evil@example.com' } })
    await attacker.call('POST', '/auth/password/forgot', { body: { email } })
    await app.auth.mailsSent()
    const tickets = mails.map(({ link: at }) => (at === null ? '' : ticketOf(at))).filter((ticket) => ticket !== '')
    expect(tickets.length).toBeGreaterThan(2)

    provider.person = ada
    const owner = openBrowser(scene)
    expect((await owner.signIn()).status).toBe(303)
    expect((await owner.call('GET', '/auth/me')).body.user).toMatchObject({ email, emailVerified: true, roles: ['user'] })
    expect((await identitiesOf(owner)).map((each) => each.provider)).toEqual(['google'])

    expect((await app.call('POST', '/auth/login', { body: { email, password } })).status).toBe(401)
    expect((await attacker.call('GET', '/auth/me')).status).toBe(401)
    expect((await app.call('POST', '/auth/refresh', { body: { refreshToken: tokens.refreshToken } })).status).toBe(401)
    await app.clock.advance(5001)
    expect(await app.guard({ bearer: tokens.accessToken })).toBe('401 token_revoked')
    expect(await app.guard({ bearer: key })).toMatch(/^401 /)
    provider.person = { ...ada, id: 666, email: 'evil@example.com' }
    const again = openBrowser(scene)
    await again.signIn('github')
    expect(await again.userId()).not.toBe(tokens.userId)
    for (const ticket of tickets) {
      const newPassword = 'the attackers new passphrase'
      for (const [path, fields] of [
        ['/password/reset', { newPassword }],
        ['/email/verify', {}],
        ['/security/not-me', {}],
      ] as const)
        expect((await app.call('POST', `/auth${path}`, { body: { ticket, ...fields } })).body.code).toBe('ticket_invalid')
    }
    expect((await owner.call('GET', '/auth/me')).status).toBe(200)
  })

  it('loses what was linked and issued also where the owner comes by a mail', async () => {
    const mails: Mail[] = []
    const scene = await socialApp({ mailer: { send: (mail) => void mails.push(mail) }, links })
    const { app } = scene
    scene.provider.person = { ...ada, id: 666, emailVerified: false }
    const attacker = openBrowser(scene)
    await attacker.signIn('github')
    const userId = (await attacker.userId()) ?? ''
    const { key } = await app.auth.apiKeys.create({ userId, name: 'stays', scopes: ['read:orders'] })
    const body = { ticket: await resetTicket(scene, mails), newPassword: 'the owner has a passphrase' }
    expect((await app.call('POST', '/auth/password/reset', { body })).status).toBe(204)
    expect(await app.stores.identities.list(userId)).toEqual([])
    expect(await app.guard({ bearer: key })).toMatch(/^401 /)
    expect((await openBrowser(scene).signIn('github')).body.code).toBe('signin_rejected')
  })

  it('of owners who come at one moment each gets the one account', async () => {
    const scene = await socialApp()
    await register(scene.app)
    const browsers = Array.from({ length: 8 }, () => openBrowser(scene))
    const answers = await Promise.all(browsers.map((browser) => browser.signIn()))
    expect(answers.map(({ status }) => status)).toEqual(browsers.map(() => 303))
    const ids = await Promise.all(browsers.map((browser) => browser.userId()))
    expect(new Set(ids).size).toBe(1)
    expect(await counted(scene)).toMatchObject({ users: 1, identities: 1 })
  })
})

describe('recovery', () => {
  it('not-me takes every linked provider, so that whoever linked one is out', async () => {
    const mails: Mail[] = []
    const scene = await socialApp({ mailer: { send: (mail) => void mails.push(mail) }, links })
    const { app } = scene
    await app.auth.accounts.create({ email, password, emailVerified: true })
    const thief = openBrowser(scene)
    await thief.call('POST', '/auth/login', { body: { email, password, transport: 'cookie' } })
    scene.provider.person = { ...ada, id: 666, email: 'evil@example.com' }
    await link(thief, 'github')
    await app.auth.mailsSent()
    const warning = mails.find(({ kind, text }) => kind === 'security_alert' && text.includes('connected'))
    const ticket = ticketOf(warning?.link ?? '')
    expect((await app.call('POST', '/auth/security/not-me', { body: { ticket } })).status).toBe(204)
    expect((await thief.call('GET', '/auth/me')).status).toBe(401)
    const again = openBrowser(scene)
    await again.signIn('github')
    expect(await again.userId()).not.toBe((await userOf(scene))?.id)
  })

  it('lets somebody without a password set one by a mail, and keeps what they have linked', async () => {
    const mails: Mail[] = []
    const scene = await socialApp({ mailer: { send: (mail) => void mails.push(mail) }, links })
    const browser = openBrowser(scene)
    await browser.signIn()
    const body = { ticket: await resetTicket(scene, mails), newPassword: password }
    expect((await scene.app.call('POST', '/auth/password/reset', { body })).status).toBe(204)
    await login(scene.app)
    await browser.signIn()
    expect((await identitiesOf(browser)).map(({ provider }) => provider)).toEqual(['google'])
  })
})

describe('at one moment', () => {
  it('AL-01 of first sign-ins of one person one makes the account, and all are in', async () => {
    const scene = await socialApp()
    const browsers = Array.from({ length: 8 }, () => openBrowser(scene))
    const answers = await Promise.all(browsers.map((browser) => browser.signIn()))
    expect(answers.map(({ status }) => status)).toEqual(browsers.map(() => 303))
    expect(await counted(scene)).toMatchObject({ users: 1, identities: 1, sessions: 8 })
  })

  it('AL-04 of two who link one account at the provider one gets it', async () => {
    const scene = await socialApp()
    const people = ['one@example.com', 'two@example.com']
    const browsers: Browser[] = []
    for (const address of people) {
      scene.provider.person = { ...ada, sub: address, email: address }
      const browser = openBrowser(scene)
      await browser.signIn('google')
      browsers.push(browser)
    }
    scene.provider.person = ada
    const answers = await Promise.all(browsers.map((browser) => link(browser, 'github')))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('identity_taken')
    expect(await counted(scene)).toMatchObject({ identities: 3 })
  })

  it('AL-05 of two who take the last two credentials one does', async () => {
    const scene = await socialApp()
    const browser = openBrowser(scene)
    await browser.signIn('google')
    await link(browser, 'github')
    const linked = await identitiesOf(browser)
    const answers = await Promise.all(linked.map(({ id }) => browser.call('DELETE', `/auth/identities/${id}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(await identitiesOf(browser)).toHaveLength(1)
  })
})

async function resetTicket({ app }: SocialApp, mails: readonly Mail[]): Promise<string> {
  await app.call('POST', '/auth/password/forgot', { body: { email } })
  await app.auth.mailsSent()
  return ticketOf(mails.findLast(({ kind }) => kind === 'password_reset')?.link ?? '')
}
