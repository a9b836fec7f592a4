import type { Mail } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../src/errors.js'
import { ada } from '../src/testing/index.js'
import { addressOf, bearerOf, links, type MailApp, mailApp, moveTo, notMe, ticketOf } from './support/mail-app.js'
import { link, openBrowser, socialApp } from './support/social-app.js'
import { password } from './support/test-app.js'

const own = 'ada@example.com'
const thiefs = 'thief@thief.example'
const next = 'a passphrase of her own'
const day = 86_400_000

/** Ada's account, and a session of hers that a thief has copied. */
async function robbed(app: MailApp): Promise<{ readonly id: string; readonly stolen: string }> {
  const { id } = await app.auth.accounts.create({ email: own, password, emailVerified: true, roles: ['user'] })
  const stolen = await bearerOf(app, own)
  await app.clock.advance(1000)
  return { id, stolen }
}

describe('an address that its owner took back by hand', () => {
  it.each([0, 2.9])('LG-12 stays, whatever the thief says whom a warning has reached, %d days later', async (days) => {
    const app = mailApp({ registration: 'verified' })
    const { id, stolen } = await robbed(app)
    await moveTo(app, stolen, thiefs)
    await app.clock.advance(3_600_000)
    const hers = await bearerOf(app, thiefs)
    await app.call('POST', '/auth/logout-all', { bearer: hers })
    await moveTo(app, await bearerOf(app, thiefs), own)
    await app.clock.advance(days * day)
    expect((await notMe(app, await app.ticket('email_change_notice', thiefs))).status).toBe(204)
    expect(await addressOf(app, id)).toBe(own)
    expect(await app.mails('password_reset', thiefs)).toEqual([])
    expect(await app.mails('password_reset', own)).toHaveLength(1)
  })

  it('LG-12 can be taken back again where the thief has it a second time', async () => {
    const app = mailApp({ registration: 'verified' })
    const { id, stolen } = await robbed(app)
    await moveTo(app, stolen, thiefs)
    await moveTo(app, await bearerOf(app, thiefs), own)
    await app.clock.advance(2.9 * day)
    await moveTo(app, await bearerOf(app, own), thiefs)
    await app.clock.advance(2.9 * day)
    expect((await notMe(app, await app.ticket('email_change_notice', own))).status).toBe(204)
    expect(await addressOf(app, id)).toBe(own)
  })

  it('LG-12 tells the address that loses it, without a way back', async () => {
    const app = mailApp({ registration: 'verified' })
    const { stolen } = await robbed(app)
    await moveTo(app, stolen, thiefs)
    await notMe(app, await app.ticket('email_change_notice', own))
    const [told] = await app.mails('email_change_notice', thiefs)
    expect(told?.link).toBeNull()
    expect(told?.text).toContain(own)
  })
})

describe('an address that somebody else has by now', () => {
  async function lost(app: MailApp) {
    const { id, stolen } = await robbed(app)
    await moveTo(app, stolen, thiefs)
    const warning = await app.ticket('email_change_notice', own)
    const squat = { email: own, password: 'thieves have passphrases' }
    expect((await app.call('POST', '/auth/register', { body: squat })).status).toBe(202)
    return { id, warning }
  }

  it('LG-12 leaves the account at none that the thief reads, also once it is enabled', async () => {
    const app = mailApp({ registration: 'verified' })
    const { id, warning } = await lost(app)
    expect((await notMe(app, warning)).status).toBe(204)
    await app.auth.accounts.enable(id)
    await app.call('POST', '/auth/password/forgot', { body: { email: thiefs } })
    expect(await app.mails('password_reset')).toEqual([])
    expect(await app.auth.accounts.findByEmail(thiefs)).toBeNull()

    await expect(app.auth.accounts.setEmail(id, own)).rejects.toMatchObject({ code: 'email_taken' })
    await expect(app.auth.accounts.setEmail(id, 'nobody')).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(app.auth.accounts.setEmail(crypto.randomUUID(), 'a@example.com')).rejects.toMatchObject({
      code: 'not_found',
    })
    await app.auth.accounts.setEmail(id, 'Ada@elsewhere.example')
    expect(await app.auth.accounts.find(id)).toMatchObject({ email: 'Ada@elsewhere.example', emailVerified: true })
    await app.call('POST', '/auth/password/forgot', { body: { email: 'ada@elsewhere.example' } })
    const ticket = await app.ticket('password_reset', 'Ada@elsewhere.example')
    expect((await app.call('POST', '/auth/password/reset', { body: { ticket, newPassword: next } })).status).toBe(204)
    await bearerOf(app, 'ada@elsewhere.example', next)
  })

  it('ST-03 is seen to the end by the same link where the store failed on the way', async () => {
    const app = mailApp({ registration: 'verified' })
    const { id, warning } = await lost(app)
    const { revokeAll } = app.stores.apiKeys
    Object.assign(app.stores.apiKeys, { revokeAll: () => Promise.reject(new StoreError('down')) })
    expect((await notMe(app, warning)).status).toBe(503)
    Object.assign(app.stores.apiKeys, { revokeAll })
    expect((await notMe(app, warning)).status).toBe(204)
    expect((await app.stores.users.find(id))?.disabledAt).not.toBeNull()
    expect((await notMe(app, warning)).body.code).toBe('ticket_invalid')
  })
})

/** A deployment with providers that sends mails, and the ticket in the newest mail of a kind. */
async function mailingSocialApp(registration: 'open' | 'verified') {
  const mails: Mail[] = []
  const scene = await socialApp({ mailer: { send: (mail: Mail) => void mails.push(mail) }, links, registration })
  const of = async (kind: Mail['kind']): Promise<readonly Mail[]> => {
    await scene.app.auth.mailsSent()
    return mails.filter((mail) => mail.kind === kind)
  }
  const ticket = async (kind: Mail['kind']): Promise<string> => ticketOf((await of(kind)).at(-1)?.link ?? '')
  const post = (path: string, body: object) => scene.app.call('POST', path, { body })
  return { scene, of, ticket, post }
}

it('LG-14 nothing is remembered of the addresses of an account that is deleted', async () => {
  const app = mailApp({ registration: 'open' })
  const { id, stolen } = await robbed(app)
  await moveTo(app, stolen, thiefs)
  await app.auth.accounts.delete(id)
  const { revokeAll } = app.stores.tickets
  for (const purpose of ['former-address', 'contested-address']) expect(await revokeAll(purpose, id)).toBe(0)
})

describe('an account that somebody else has made', () => {
  it('AL-03 A-82 is confirmed by no mail any more once its owner has signed up too', async () => {
    const { scene, of, ticket, post } = await mailingSocialApp('verified')
    scene.provider.person = { ...ada, id: 666, email: own, emailVerified: false }
    const squat = async (): Promise<unknown> => (await openBrowser(scene).signIn('github')).body.code
    expect(await squat()).toBe('email_unverified')
    const early = await ticket('email_verification')
    await post('/auth/register', { email: own, password })
    await of('already_registered')
    expect(await squat()).toBe('email_unverified')
    expect([(await of('email_verification')).length, (await of('already_registered')).length]).toEqual([1, 2])
    expect((await post('/auth/email/verify', { ticket: early })).body.code).toBe('ticket_invalid')
    const reset = { ticket: await ticket('already_registered'), newPassword: next }
    expect((await post('/auth/password/reset', reset)).status).toBe(204)
    expect(await squat()).not.toBeUndefined()
    const user = await scene.app.stores.users.findByEmailKey(own)
    expect(await scene.app.stores.identities.list(user?.id ?? '')).toEqual([])
  })

  it('AL-03 A-82 is confirmed by no mail either that was on its way when its owner signed up', async () => {
    const app = mailApp({ registration: 'verified' })
    const { insert } = app.stores.tickets
    Object.assign(app.stores.tickets, {
      async insert(ticket: Parameters<typeof insert>[0]) {
        if (ticket.purpose === 'email-verification') {
          await app.call('POST', '/auth/register', { body: { email: own, password: next } })
          await expect.poll(() => app.sent.map(({ kind }) => kind)).toContain('already_registered')
        }
        return insert(ticket)
      },
    })
    await app.call('POST', '/auth/register', { body: { email: own, password: 'of the first maker' } })
    const ticket = await app.ticket('email_verification')
    expect((await app.call('POST', '/auth/email/verify', { body: { ticket } })).body.code).toBe('ticket_invalid')
    expect((await app.auth.accounts.findByEmail(own))?.emailVerified).toBe(false)
  })

  it('AL-03 A-82 is confirmed by no change to the address that it has either', async () => {
    const app = mailApp({ registration: 'open' })
    const made = await app.call('POST', '/auth/register', { body: { email: own, password } })
    const squatter = String(made.body.accessToken)
    await app.auth.accounts.create({ email: 'eve@example.com', password, emailVerified: true })
    const hers = await bearerOf(app, 'eve@example.com')
    await app.call('POST', '/auth/email/change', { bearer: hers, body: { newEmail: own } })
    expect(await app.mails('already_registered', own)).toHaveLength(1)
    await app.call('POST', '/auth/email/change', { bearer: squatter, body: { newEmail: own } })
    for (const { link } of await app.mails('email_change', own)) {
      const { body } = await app.call('POST', '/auth/email/verify', { body: { ticket: ticketOf(link ?? '') } })
      expect(body.code).toBe('ticket_invalid')
    }
    expect(await app.auth.accounts.findByEmail(own)).toMatchObject({ emailVerified: false })
  })

  it('AL-03 hears of at most five wishes an hour of one account that wants the addresses of others', async () => {
    const app = mailApp({ registration: 'open' })
    const { stolen: eves } = await robbed(app)
    const others = Array.from({ length: 7 }, (_, index) => `other${index}@example.com`)
    for (const email of others) await app.auth.accounts.create({ email, password })
    for (const newEmail of others) await app.call('POST', '/auth/email/change', { bearer: eves, body: { newEmail } })
    expect(await app.mails('already_registered')).toHaveLength(5)
  })

  it('AL-03 tells its owner after a reset what still lets somebody in, and how to end it', async () => {
    const { scene, of, ticket, post } = await mailingSocialApp('open')
    const maker = openBrowser(scene)
    await maker.call('POST', '/auth/register', { body: { email: own, password: 'of the first maker', transport: 'cookie' } })
    scene.provider.person = { ...ada, id: 666, email: 'first@maker.example' }
    expect((await link(maker, 'github')).status).toBe(303)
    const key = await maker.call('POST', '/auth/api-keys', { body: { name: 'x', scopes: ['read:orders'] } })
    expect((await post('/auth/email/verify', { ticket: await ticket('email_verification') })).status).toBe(204)
    await post('/auth/password/forgot', { email: own })
    const before = (await of('security_alert')).length
    expect((await post('/auth/password/reset', { ticket: await ticket('password_reset'), newPassword: next })).status).toBe(
      204,
    )
    const alert = (await of('security_alert')).slice(before)
    expect(alert).toHaveLength(1)
    expect(alert[0]?.text).toContain('connected providers')
    expect((await post('/auth/security/not-me', { ticket: ticketOf(alert[0]?.link ?? '') })).status).toBe(204)
    expect(await scene.app.guard({ bearer: String(key.body.key) })).toBe('401 api_key_revoked')
    const user = await scene.app.stores.users.findByEmailKey(own)
    expect(await scene.app.stores.identities.list(user?.id ?? '')).toEqual([])
  })

  it('AL-03 BF-05 tells them however many alerts whoever has the old password has brought about', async () => {
    const app = mailApp()
    const { id } = await app.auth.accounts.create({ email: own, password, emailVerified: true, roles: ['user'] })
    await app.auth.apiKeys.create({ userId: id, name: 'x', scopes: ['read:orders'] })
    for (let alerts = 0; alerts < 7; alerts++) await bearerOf(app, own)
    const before = (await app.mails('security_alert')).length
    expect(before).toBe(5)
    await app.call('POST', '/auth/password/forgot', { body: { email: own } })
    const reset = { ticket: await app.ticket('password_reset'), newPassword: next }
    expect((await app.call('POST', '/auth/password/reset', { body: reset })).status).toBe(204)
    expect((await app.mails('security_alert')).slice(before).map(({ text }) => text)).toEqual([
      expect.stringContaining('connected providers'),
    ])
  })

  it('AL-03 tells them without a link where no page takes one', async () => {
    const { notMe: _, ...others } = links
    const app = mailApp({ links: others })
    const { id } = await app.auth.accounts.create({ email: own, password, emailVerified: true, roles: ['user'] })
    await app.auth.apiKeys.create({ userId: id, name: 'x', scopes: ['read:orders'] })
    await app.call('POST', '/auth/password/forgot', { body: { email: own } })
    const reset = { ticket: await app.ticket('password_reset'), newPassword: next }
    expect((await app.call('POST', '/auth/password/reset', { body: reset })).status).toBe(204)
    expect(await app.mails('security_alert')).toMatchObject([{ link: null }])
  })

  it('AL-03 sends no such mail where there is nothing besides the password', async () => {
    const { of, ticket, post } = await mailingSocialApp('open')
    await post('/auth/register', { email: own, password })
    await post('/auth/email/verify', { ticket: await ticket('email_verification') })
    await post('/auth/password/forgot', { email: own })
    await post('/auth/password/reset', { ticket: await ticket('password_reset'), newPassword: next })
    expect(await of('security_alert')).toEqual([])
  })
})
