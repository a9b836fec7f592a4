import { type AuthStores, type Mail, memoryStores } from '@auth/core'
import { ada } from '@auth/core/testing'
import { describe, expect, it } from 'vitest'
import { links, ticketOf } from './support/mail-app.js'
import { identitiesOf, link, openBrowser, type SocialApp, socialApp } from './support/social-app.js'
import { password, type TestConfig } from './support/test-app.js'

const email = 'ada@example.com'
const attackersOwn = { ...ada, id: 666, email: 'evil@example.com' }

/** Stores in which something happens once, between two calls, or a call fails once. */
function watched() {
  const stores = memoryStores() as Required<AuthStores>
  const once: { afterFind?: (() => Promise<unknown>) | undefined; fails?: 'deleteAll' | 'revokeAll' | undefined } = {}
  const failOnce = (name: typeof once.fails): void => {
    if (once.fails !== name) return
    once.fails = undefined
    throw new Error('down')
  }
  const identities: typeof stores.identities = {
    ...stores.identities,
    async find(...asked) {
      const found = await stores.identities.find(...asked)
      const { afterFind } = once
      once.afterFind = undefined
      await afterFind?.()
      return found
    },
    async deleteAll(userId) {
      failOnce('deleteAll')
      return stores.identities.deleteAll(userId)
    },
  }
  const apiKeys: typeof stores.apiKeys = {
    ...stores.apiKeys,
    async revokeAll(...given) {
      failOnce('revokeAll')
      return stores.apiKeys.revokeAll(...given)
    },
  }
  return { once, stores: { ...stores, identities, apiKeys } }
}

async function mailedApp(config: TestConfig): Promise<{ scene: SocialApp; newest(kind: Mail['kind']): Promise<string> }> {
  const mails: Mail[] = []
  const scene = await socialApp({ mailer: { send: (mail) => void mails.push(mail) }, links, ...config })
  return {
    scene,
    async newest(kind) {
      await scene.app.auth.mailsSent()
      return ticketOf(mails.filter((mail) => mail.kind === kind).at(-1)?.link ?? '')
    },
  }
}

/** An account with a proved address whose password somebody else has too, and their linked account and API key. */
async function robbed(config: TestConfig) {
  const { scene, newest } = await mailedApp(config)
  const { id: userId } = await scene.app.auth.accounts.create({ email, password, emailVerified: true, roles: ['user'] })
  const attacker = openBrowser(scene)
  await attacker.call('POST', '/auth/login', { body: { email, password, transport: 'cookie' } })
  scene.provider.person = attackersOwn
  await link(attacker, 'github')
  const { key } = await scene.app.auth.apiKeys.create({ userId, name: 'stays', scopes: ['read:orders'] })
  const ticket = await newest('security_alert')
  return { scene, key, newest, notMe: () => scene.app.call('POST', '/auth/security/not-me', { body: { ticket } }) }
}

describe('AL-03 A-82 whoever is being shut out', () => {
  it('has no session of a sign-in that a claim overtakes', async () => {
    const { once, stores } = watched()
    const scene = await socialApp({ stores })
    scene.provider.person = { ...ada, id: 666, emailVerified: false }
    await openBrowser(scene).signIn('github')
    const late = openBrowser(scene)
    const back = await late.begin('github')
    scene.provider.person = ada
    const owner = openBrowser(scene)
    const ownersBack = await owner.begin('google')
    once.afterFind = () => owner.call('GET', ownersBack)
    expect((await late.call('GET', back)).status).not.toBe(303)
    expect(await owner.userId()).not.toBeNull()
    expect(await late.userId()).toBeNull()
    expect((await identitiesOf(owner)).length).toBe(1)
  })

  it('has no session of a sign-in that "this was not me" overtakes, and links nothing', async () => {
    const { once, stores } = watched()
    const { scene, notMe } = await robbed({ stores })
    const late = openBrowser(scene)
    const back = await late.begin('github')
    const statuses: number[] = []
    once.afterFind = async () => statuses.push((await notMe()).status)
    await late.call('GET', back)
    expect(statuses).toEqual([204])
    const id = await late.userId()
    // Nothing of the account: they are somebody new.
    const who = id === null ? null : await scene.app.stores.users.find(id)
    expect(who?.emailKey).toBe('evil@example.com')
  })

  it.each(['deleteAll', 'revokeAll'] as const)(
    'keeps nothing where a reset fails at %s before the address counts as proved',
    async (fails) => {
      const { once, stores } = watched()
      const { scene, newest } = await mailedApp({ stores })
      scene.provider.person = { ...attackersOwn, email, emailVerified: false }
      const attacker = openBrowser(scene)
      await attacker.signIn('github')
      const userId = (await attacker.userId()) ?? ''
      const { key } = await scene.app.auth.apiKeys.create({ userId, name: 'stays', scopes: ['read:orders'] })
      const reset = async (): Promise<number> => {
        await scene.app.call('POST', '/auth/password/forgot', { body: { email } })
        const ticket = await newest('password_reset')
        return (
          await scene.app.call('POST', '/auth/password/reset', { body: { ticket, newPassword: `the owner's ${password}` } })
        ).status
      }
      once.fails = fails
      expect(await reset()).toBeGreaterThanOrEqual(500)
      expect(await reset()).toBe(204)
      expect(await scene.app.guard({ bearer: key })).not.toBe('ok')
      expect(await stores.identities.list(userId)).toEqual([])
      expect((await openBrowser(scene).signIn('github')).body.code).toBe('signin_rejected')
    },
  )

  it('leaves the owner their link where their keys cannot be taken back, until they are', async () => {
    const { once, stores } = watched()
    const { scene, key, notMe } = await robbed({ stores })
    once.fails = 'revokeAll'
    expect((await notMe()).status).toBeGreaterThanOrEqual(500)
    expect((await notMe()).status).toBe(204)
    expect(await scene.app.guard({ bearer: key })).not.toBe('ok')
  })

  it('does not have their password blessed by who links a provider that has proved the address', async () => {
    const scene = await socialApp()
    const { app } = scene
    const { id } = await app.auth.accounts.create({ email, password, roles: ['user'] })
    const browser = openBrowser(scene)
    await browser.call('POST', '/auth/login', { body: { email, password, transport: 'cookie' } })
    await link(browser, 'google')
    expect((await openBrowser(scene).signIn('google')).status).toBe(303)
    expect((await app.auth.accounts.find(id))?.emailVerified).toBe(false)
  })

  it('A-38 proves no address by one that only looks like it', async () => {
    const scene = await socialApp({ social: { linkByEmail: 'verified' } })
    await scene.app.auth.accounts.create({ email: 'fiona@example.com', password, emailVerified: true, roles: ['user'] })
    scene.provider.person = { ...ada, email: '\ufb01ona@example.com' }
    expect((await openBrowser(scene).signIn('google')).body.code).toBe('signin_rejected')
  })
})

describe('what strangers learn and lose', () => {
  it('LG-01 is nothing about accounts where registration is closed to them', async () => {
    const scene = await socialApp({ registration: 'closed' })
    await scene.app.auth.accounts.create({ email, password, emailVerified: true, roles: ['user'] })
    const answers = []
    for (const address of [email, 'nobody@example.com']) {
      scene.provider.person = { ...attackersOwn, email: address, emailVerified: false }
      const { status, body } = await openBrowser(scene).signIn('github')
      answers.push({ status, body })
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.body.code).toBe('registration_closed')
  })

  it('is no account for a mail that was lost: the next sign-in sends another', async () => {
    const { scene, newest } = await mailedApp({ registration: 'verified' })
    scene.provider.person = { ...attackersOwn, emailVerified: false }
    const first = [(await openBrowser(scene).signIn('github')).body.code, await newest('email_verification')]
    const second = [(await openBrowser(scene).signIn('github')).body.code, await newest('email_verification')]
    expect([first[0], second[0]]).toEqual(['email_unverified', 'email_unverified'])
    expect(second[1]).not.toBe(first[1])
    const confirmed = await scene.app.call('POST', '/auth/email/verify', { body: { ticket: second[1] } })
    expect(confirmed.status).toBe(204)
    expect((await openBrowser(scene).signIn('github')).status).toBe(303)
  })

  it('WB-07 is no sign-in for a long way back in letters beyond ASCII', async () => {
    const scene = await socialApp()
    const answer = await openBrowser(scene).signIn('google', `?returnTo=${encodeURIComponent(`/${'я'.repeat(400)}`)}`)
    expect([answer.status, new URL(answer.headers.get('location') ?? '').pathname]).toEqual([303, '/'])
  })
})

describe('LG-12 who a provider lets through without asking', () => {
  const nowSeconds = ({ app }: SocialApp): number => Math.floor(app.clock.now().getTime() / 1000)

  it.each([
    ['an hour ago', -3600, 403],
    ['a minute ago', -60, 200],
    ['in an hour, as its clock has it', 3600, 200],
  ])('has proved who they are when the provider says, %s', async (_, ago, expected) => {
    const scene = await socialApp()
    scene.provider.person = { ...ada, authTime: nowSeconds(scene) + ago }
    const browser = openBrowser(scene)
    expect((await browser.signIn('google')).status).toBe(303)
    const { status, body } = await browser.call('POST', '/auth/identities/github')
    expect([status, body.code]).toEqual([expected, expected === 403 ? 'recent_login_required' : undefined])
  })

  it.each([
    ['recent', 200],
    ['not-recent', 403],
  ] as const)('counts as %s where it says nothing, as configured', async (withoutAuthTime, expected) => {
    const scene = await socialApp({ social: { withoutAuthTime } })
    const first = openBrowser(scene)
    await first.signIn('google')
    // What is in an account that they have just made is theirs alone.
    expect((await first.call('POST', '/auth/identities/github')).status).toBe(200)
    const again = openBrowser(scene)
    expect((await again.signIn('google')).status).toBe(303)
    expect((await again.call('POST', '/auth/identities/github')).status).toBe(expected)
    scene.provider.person = { ...ada, authTime: nowSeconds(scene) - 60 }
    expect((await again.signIn('google', '?prompt=login')).status).toBe(303)
    expect((await again.call('POST', '/auth/identities/github')).status).toBe(200)
  })

  it('has a ticket for tokens that say the same', async () => {
    const scene = await socialApp()
    scene.provider.person = { ...ada, authTime: nowSeconds(scene) - 3600 }
    const answer = await openBrowser(scene).signIn('google', '?transport=bearer')
    const ticket = new URLSearchParams(new URL(answer.headers.get('location') ?? '').hash.slice(1)).get('ticket')
    const { body } = await scene.app.call('POST', '/auth/signin/exchange', { body: { ticket } })
    const claims = await scene.app.auth.tokens.verify(String(body.accessToken))
    expect(claims.auth_time).toBe(nowSeconds(scene) - 3600)
  })

  it('is asked once more where the page wants it, and asks for nothing else', async () => {
    const { app } = await socialApp()
    const begun = await app.call('GET', '/auth/signin/google?prompt=login')
    const asked = new URL(begun.headers.get('location') ?? '').searchParams
    expect([asked.get('prompt'), asked.get('max_age')]).toEqual(['login', '0'])
    const plain = await app.call('GET', '/auth/signin/google')
    expect(new URL(plain.headers.get('location') ?? '').searchParams.has('prompt')).toBe(false)
    expect((await app.call('GET', '/auth/signin/google?prompt=none')).body.code).toBe('invalid_request')
  })
})
