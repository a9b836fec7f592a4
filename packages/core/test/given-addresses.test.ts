import { describe, expect, it } from 'vitest'
import { StoreError } from '../src/errors.js'
import { addressOf, bearerOf, type MailApp, mailApp, moveTo, notMe } from './support/mail-app.js'
import { password, register } from './support/test-app.js'

const own = 'ada@example.com'
const thiefs = 'thief@thief.example'
const given = 'ada@elsewhere.example'
const day = 86_400_000

/** Ada's account, which a thief has moved to an address of theirs, with a session in it and a warning that went there. */
async function stolen(app: MailApp) {
  const { id } = await app.auth.accounts.create({ email: own, password, emailVerified: true, roles: ['user'] })
  const token = await bearerOf(app, own)
  await app.clock.advance(1000)
  await moveTo(app, token, thiefs)
  const session = await bearerOf(app, thiefs)
  await app.call('POST', '/auth/email/change', { bearer: session, body: { newEmail: 'other@thief.example' } })
  return { id, session, warning: await app.ticket('email_change_notice', thiefs) }
}

describe('an address that the application gives to an account', () => {
  it('LG-12 leaves warnings that went to one before nothing to say', async () => {
    const app = mailApp({ registration: 'verified' })
    const { id, warning } = await stolen(app)
    await app.call('POST', '/auth/register', { body: { email: own, password: 'thieves have passphrases' } })
    expect((await notMe(app, await app.ticket('email_change_notice', own))).status).toBe(204)
    await app.clock.advance(1000)
    await app.auth.accounts.setEmail(id, given)
    await app.auth.accounts.enable(id)
    expect((await notMe(app, warning)).body.code).toBe('ticket_invalid')
    expect(await addressOf(app, id)).toBe(given)
    expect(await app.mails('password_reset', thiefs)).toEqual([])
  })

  it('LG-12 ends what somebody else has begun: sessions, and a change that waits to be confirmed', async () => {
    const app = mailApp()
    const { id, session } = await stolen(app)
    const wanted = await app.ticket('email_change', 'other@thief.example')
    await app.auth.accounts.setEmail(id, given)
    expect(await app.guard({ bearer: session })).toBe('401 token_revoked')
    expect((await app.call('POST', '/auth/email/verify', { body: { ticket: wanted } })).body.code).toBe('ticket_invalid')
    const told = (await app.mails('email_change_notice', thiefs)).at(-1)
    expect(told).toMatchObject({ link: null })
  })

  it('LG-12 stays where a warning from before is being answered meanwhile', async () => {
    const app = mailApp()
    const { id, warning } = await stolen(app)
    await app.clock.advance(1000)
    const { find } = app.stores.tickets
    let isGiven = false
    Object.assign(app.stores.tickets, {
      async find(...about: Parameters<typeof find>) {
        const found = await find(...about)
        if (!isGiven && found?.purpose === 'not-me') {
          isGiven = true
          await app.auth.accounts.setEmail(id, given)
        }
        return found
      },
    })
    expect((await notMe(app, warning)).body.code).toBe('ticket_invalid')
    expect(isGiven).toBe(true)
    expect(await addressOf(app, id)).toBe(given)
    expect(await app.mails('password_reset')).toEqual([])
  })

  it('ST-03 is given in full by a second call where a store failed on the way', async () => {
    const app = mailApp()
    const { id, session, warning } = await stolen(app)
    for (const [store, method] of [
      [app.stores.users, 'revoke'],
      [app.stores.tickets, 'revokeAll'],
    ] as const) {
      const whole = { ...store }
      Object.assign(store, { [method]: () => Promise.reject(new StoreError('down')) })
      await expect(app.auth.accounts.setEmail(id, given)).rejects.toThrow('down')
      Object.assign(store, whole)
    }
    await app.auth.accounts.setEmail(id, given)
    expect(await app.guard({ bearer: session })).toBe('401 token_revoked')
    expect((await notMe(app, warning)).body.code).toBe('ticket_invalid')
  })

  it('LG-12 is given whatever it was a moment ago', async () => {
    const app = mailApp()
    const { userId } = await register(app)
    const { swapEmail } = app.stores.users
    let tries = 0
    Object.assign(app.stores.users, {
      async swapEmail(swap: Parameters<typeof swapEmail>[0]) {
        const { userId, from } = swap
        const key = 'meanwhile@example.com'
        const before = { userId, from, sessionEpoch: null, email: key, emailKey: key, verifiedAt: app.clock.now() }
        if (++tries === 1) await swapEmail(before)
        return swapEmail(swap)
      },
    })
    await app.auth.accounts.setEmail(userId, given)
    expect(tries).toBe(2)
    expect(await addressOf(app, userId)).toBe(given)
  })
})

describe('an address that its owner took back by hand', () => {
  it.each([5, 29])('LG-12 stays also where the thief has had it for %d days', async (days) => {
    const app = mailApp({ registration: 'verified' })
    const { id } = await stolen(app)
    await app.clock.advance(days * day)
    await moveTo(app, await bearerOf(app, thiefs), own)
    await app.clock.advance(2.9 * day)
    expect((await notMe(app, await app.ticket('email_change_notice', thiefs))).status).toBe(204)
    expect(await addressOf(app, id)).toBe(own)
    expect(await app.mails('password_reset', thiefs)).toEqual([])
  })
})
