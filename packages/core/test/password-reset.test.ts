import { describe, expect, it } from 'vitest'
import { type MailApp, mailApp, ticketOf } from './support/mail-app.js'
import {
  type Answer,
  cookieLogin,
  issuer,
  password,
  quickHasher,
  refresh,
  register,
  type TestConfig,
  testApp,
} from './support/test-app.js'

const email = 'ada@example.com'
const newPassword = 'another long passphrase'

const forgot = (app: MailApp, address: unknown = email, headers = {}): Promise<Answer> =>
  app.call('POST', '/auth/password/forgot', { body: { email: address }, headers })
const reset = (app: MailApp, ticket: unknown, next: unknown = newPassword, ip?: string): Promise<Answer> =>
  app.call('POST', '/auth/password/reset', { body: { ticket, newPassword: next }, ...(ip === undefined ? {} : { ip }) })
const login = (app: MailApp, text: string): Promise<Answer> =>
  app.call('POST', '/auth/login', { body: { email, password: text } })

async function withTicket(config: TestConfig = {}): Promise<{ app: MailApp; ticket: string; userId: string }> {
  const app = mailApp(config)
  const { userId } = await register(app)
  await forgot(app)
  return { app, ticket: await app.ticket('password_reset'), userId }
}

describe('POST /password/forgot', () => {
  it('LG-04 A-29 answers known, unknown and disabled addresses alike, and writes to the known one alone', async () => {
    const app = mailApp()
    await register(app)
    const { userId } = await register(app, 'disabled@example.com')
    await app.auth.accounts.disable(userId)
    const answers = []
    for (const address of [email, 'nobody@example.com', 'disabled@example.com']) answers.push(await forgot(app, address))
    const shown = answers.map(({ status, body, headers }) => JSON.stringify([status, body, [...headers]]))
    expect(new Set(shown).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 202, body: { status: 'accepted' }, cookies: [] })
    expect((await app.mails('password_reset')).map(({ to }) => to)).toEqual([email])
  })

  it.each<[string, () => unknown]>([
    ['hangs', () => new Promise(() => undefined)],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('LG-04 answers at once where the mailer %s, and the failure is recorded', async (_, send) => {
    let calls = 0
    const mailer = {
      send: () => {
        calls++
        return send()
      },
    }
    const app = mailApp({ mailer })
    await register(app)
    expect((await forgot(app)).status).toBe(202)
    expect((await forgot(app, 'nobody@example.com')).status).toBe(202)
    while (calls < 2) await new Promise(setImmediate)
    await app.clock.advance(30_000)
    await app.auth.mailsSent()
    const failed = await app.auth.audit.list({ type: 'mail.failed', limit: 10 })
    expect(failed).toHaveLength(2) // The one to confirm the address, too.
  })

  it('LG-04 waits for no store: one that is down changes nothing about the answer', async () => {
    const app = mailApp()
    await register(app)
    const { findByEmailKey } = app.stores.users
    Object.assign(app.stores.users, { findByEmailKey: () => Promise.reject(new Error('down')) })
    expect((await forgot(app)).status).toBe(202)
    await app.auth.mailsSent()
    Object.assign(app.stores.users, { findByEmailKey })
    expect(await app.mails('password_reset')).toEqual([])
  })

  it('LG-08 A-45 builds links from the configuration alone, whatever hosts a request names', async () => {
    const app = mailApp()
    await register(app)
    const hosts = [
      { host: 'evil.com' },
      { host: 'evil.com:fake@good.com' },
      { 'x-forwarded-host': 'evil.com' },
      { forwarded: 'host=evil.com' },
    ]
    for (const headers of hosts) await forgot(app, email, headers)
    const mails = await app.mails('password_reset')
    expect(mails).toHaveLength(hosts.length)
    for (const { link, text, html } of mails) {
      expect(link).toMatch(new RegExp(`^${issuer}/reset-password\\?lang=en#ticket=[\\w-]{114}$`))
      expect(text).toContain(link)
      expect(text + html).not.toMatch(/evil|good/)
    }
  })

  it.each([
    [['victim@example.com', 'evil@example.com']],
    [{ 0: 'victim@example.com' }],
    ['victim@example.com,evil@example.com'],
    ['victim@example.com;evil@example.com'],
    ['a@b.c\r\nBcc: evil@example.com'],
    ['a@b.c%0d%0aBcc:evil@example.com'],
    ['Ada <ada@example.com>'],
    [`${'a'.repeat(250)}@example.com`],
  ])('LG-09 LG-11 A-36 A-37 refuses %j and sends nothing', async (address) => {
    const app = mailApp()
    const bodies = { '/auth/password/forgot': { email: address }, '/auth/register': { email: address, password } }
    for (const [path, body] of Object.entries(bodies)) expect((await app.call('POST', path, { body })).status).toBe(422)
    expect(await app.mails()).toEqual([])
  })

  it('LG-09 A-38 writes to the stored address, however the sent one is spelt', async () => {
    const app = mailApp()
    await register(app, 'Ada@Example.com')
    for (const spelling of ['ADA@EXAMPLE.COM', 'ada\uff20example.com', 'ada@example\uff0ecom']) await forgot(app, spelling)
    await forgot(app, 'ad\u0430@example.com')
    expect((await app.mails('password_reset')).map(({ to }) => to)).toEqual(
      Array.from({ length: 3 }, () => 'Ada@Example.com'),
    )
  })

  it('sends one address five mails an hour at most, silently, and a request beyond them voids nothing', async () => {
    const { app } = await withTicket()
    for (let sent = 1; sent < 5; sent++) await forgot(app)
    const last = await app.ticket('password_reset')
    for (let more = 0; more < 3; more++) expect((await forgot(app)).status).toBe(202)
    expect(await app.mails('password_reset')).toHaveLength(5)
    expect(await app.auth.audit.list({ type: 'mail.suppressed', limit: 10 })).toHaveLength(3)
    await app.clock.advance(3_599_000)
    expect((await reset(app, last)).status).toBe(204)
    await app.clock.advance(1000)
    await forgot(app)
    expect(await app.mails('password_reset')).toHaveLength(6)
  })

  it('LG-04 lets one address bring about a hundred mails an hour, silently, and others go on', async () => {
    const app = mailApp()
    const people = Array.from({ length: 21 }, (_, at) => `person${at}@example.com`)
    for (const one of people) await app.auth.accounts.create({ email: one, password })
    const ask = (address: string, ip: string): Promise<Answer> =>
      app.call('POST', '/auth/password/forgot', { body: { email: address }, ip })
    for (let round = 0; round < 5; round++) {
      for (const one of people) expect((await ask(one, '2001:db8::1')).status).toBe(202)
      await app.auth.mailsSent()
    }
    expect(await app.mails('password_reset')).toHaveLength(100)
    await app.auth.accounts.create({ email: 'late@example.com', password })
    await ask('late@example.com', '2001:db8::2') // The same /64.
    expect(await app.mails('password_reset')).toHaveLength(100)
    await ask('late@example.com', '2001:db8:0:1::1')
    expect(await app.mails('password_reset', 'late@example.com')).toHaveLength(1)
  })

  it('refuses a page of somebody else, and only takes POST', async () => {
    const app = mailApp()
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await forgot(app, email, foreign)).body.code).toBe('csrf_rejected')
    for (const path of ['/password/forgot', '/password/reset', '/email/verify', '/security/not-me'])
      expect(await app.call('GET', `/auth${path}`)).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
  })
})

describe('mails that the application asks for', () => {
  it('lead where those of the routes do, and go to whoever can use them', async () => {
    const app = mailApp()
    const { userId } = await register(app)
    await app.auth.accounts.sendPasswordReset(userId)
    expect((await reset(app, await app.ticket('password_reset', email))).status).toBe(204)
    expect(await app.mails('email_verification')).toHaveLength(1)
    await app.auth.accounts.sendEmailVerification(userId) // The reset has confirmed the address.
    expect(await app.mails('email_verification')).toHaveLength(1)
    const { id } = await app.auth.accounts.create({ email: 'new@example.com', password })
    await app.auth.accounts.sendEmailVerification(id)
    const ticket = await app.ticket('email_verification', 'new@example.com')
    expect((await app.call('POST', '/auth/email/verify', { body: { ticket } })).status).toBe(204)
    await app.auth.accounts.disable(id)
    await expect(app.auth.accounts.sendPasswordReset(id)).rejects.toMatchObject({ code: 'account_disabled' })
    await expect(app.auth.accounts.sendEmailVerification(id)).rejects.toMatchObject({ code: 'account_disabled' })
    await expect(testApp().auth.accounts.sendPasswordReset(id)).rejects.toThrow('mailer')
  })
})

describe('POST /password/reset', () => {
  it('LG-07 sets the password, ends every session and signs nobody in', async () => {
    const app = mailApp()
    const first = await register(app)
    const cookie = await cookieLogin(app)
    const second = await app.call('POST', '/auth/login', { body: { email, password } })
    await forgot(app)
    const done = await reset(app, await app.ticket('password_reset'))
    expect(done).toMatchObject({ status: 204, body: {} })
    expect(done.cookies.some((line) => line.startsWith('__Host-session'))).toBe(false)
    expect(await app.guard({ bearer: first.accessToken })).toBe('401 token_revoked')
    expect(await app.guard({ bearer: second.body.accessToken })).toBe('401 token_revoked')
    expect(await app.guard({ cookie })).toBe('401 session_invalid')
    expect((await refresh(app, first.refreshToken)).body.code).toBe('refresh_revoked')
    expect((await login(app, password)).body.code).toBe('invalid_credentials')
    const again = await login(app, newPassword)
    expect(again).toMatchObject({ status: 200, body: { user: { emailVerified: true } } })
  })

  it('LG-05 keeps no usable ticket: digests alone, of 256 random bits', async () => {
    const { app, ticket } = await withTicket()
    const kept: unknown[] = []
    const { insert } = app.stores.tickets
    const insertSeen: typeof insert = (record) => {
      kept.push(record)
      return insert(record)
    }
    Object.assign(app.stores.tickets, { insert: insertSeen })
    await forgot(app)
    const next = await app.ticket('password_reset')
    const dump = JSON.stringify([
      kept,
      await app.stores.users.list({ after: null, limit: 10 }),
      await app.auth.audit.list({ limit: 100 }),
    ])
    expect(kept).toHaveLength(1)
    for (const each of [ticket, next]) {
      const bytes = Buffer.from(each, 'base64url')
      expect(bytes).toHaveLength(85)
      expect(dump).not.toContain(each)
      expect(dump).not.toContain(bytes.subarray(21, 53).toString('base64url'))
      expect(dump).not.toContain(bytes.subarray(21, 53).toString('hex'))
    }
    expect(next).not.toBe(ticket)
  })

  it('LG-05 A-46 refuses an expired, foreign, altered or misplaced ticket with one code', async () => {
    const { app, ticket } = await withTicket()
    const { app: other } = await withTicket()
    const verification = await app.ticket('email_verification')
    const flipped = [...ticket].map((char, index) => (index === 60 ? (char === 'A' ? 'B' : 'A') : char)).join('')
    const foreign = await other.ticket('password_reset')
    for (const bad of ['x', ticket.slice(1), `${ticket}A`, flipped, foreign, verification, ` ${ticket}`])
      expect(await reset(app, bad)).toMatchObject({ status: 400, body: { code: 'ticket_invalid' } })
    for (const path of ['/auth/email/verify', '/auth/security/not-me'])
      expect(await app.call('POST', path, { body: { ticket } })).toMatchObject({
        status: 400,
        body: { code: 'ticket_invalid' },
      })
    await app.clock.advance(3_600_000)
    expect((await reset(app, ticket)).body.code).toBe('ticket_invalid')
    expect((await login(app, password)).status).toBe(200)
  })

  it('LG-05 asks no store about what it did not issue', async () => {
    const { app, ticket } = await withTicket()
    const asked: string[] = []
    for (const name of ['find', 'consume'] as const)
      Object.assign(app.stores.tickets, { [name]: async () => void asked.push(name) })
    const bytes = Buffer.from(ticket, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect((await reset(app, altered.toString('base64url'))).body.code).toBe('ticket_invalid')
    }
    expect(asked).toEqual([])
  })

  it('LG-06 A-46 works once, of fifty at once too, and the password is that of the one', async () => {
    const { app, ticket } = await withTicket()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        reset(app, ticket, `a passphrase of racer ${index}`, `203.0.113.${index % 5}`),
      ),
    )
    const won = answers.flatMap(({ status }, index) => (status === 204 ? [index] : []))
    expect(won).toHaveLength(1)
    for (const { status, body } of answers.filter((_, index) => index !== won[0]))
      expect([status, body.code]).toEqual([400, 'ticket_invalid'])
    expect((await login(app, `a passphrase of racer ${won[0]}`)).status).toBe(200)
    expect(await app.auth.audit.list({ type: 'password.reset', limit: 100 })).toHaveLength(50)
  })

  it('LG-06 A-46 takes the newest alone', async () => {
    const { app, ticket } = await withTicket()
    await forgot(app)
    const newest = await app.ticket('password_reset')
    expect((await reset(app, ticket)).body.code).toBe('ticket_invalid')
    expect((await reset(app, newest)).status).toBe(204)
    expect((await reset(app, newest)).body.code).toBe('ticket_invalid')
  })

  it('LG-06 uses a ticket up by itself: of two uses that leave the account as it is, one succeeds', async () => {
    const gates: (() => void)[] = []
    let isGated = false
    const hash: typeof quickHasher.hash = async (text) => {
      if (isGated) await new Promise<void>((resolve) => gates.push(resolve))
      return quickHasher.hash(text)
    }
    const { app, ticket } = await withTicket({ passwords: { hasher: { ...quickHasher, hash } } })
    isGated = true
    const answers = [reset(app, ticket, password), reset(app, ticket, password)]
    while (gates.length < 2) await new Promise(setImmediate)
    for (const open of gates) open()
    expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([204, 400])
  })

  it('LG-06 lets one of two act that were issued, and are used, at the same moment', async () => {
    const gates: (() => void)[] = []
    let isGated = false
    const hash: typeof quickHasher.hash = async (text) => {
      if (isGated) await new Promise<void>((resolve) => gates.push(resolve))
      return quickHasher.hash(text)
    }
    const app = mailApp({ passwords: { hasher: { ...quickHasher, hash } } })
    await register(app)
    // Neither request sees the other's ticket, as on two nodes.
    const { revokeAll } = app.stores.tickets
    Object.assign(app.stores.tickets, { revokeAll: async () => 0 })
    await forgot(app)
    await forgot(app)
    const tickets = (await app.mails('password_reset')).map(({ link }) => ticketOf(link ?? ''))
    isGated = true
    const answers = tickets.map((ticket, index) => reset(app, ticket, `a passphrase of racer ${index}`))
    // Both have been found good before either has changed anything.
    while (gates.length < 2) await new Promise(setImmediate)
    for (const open of gates) open()
    expect((await Promise.all(answers)).map(({ status, body }) => body.code ?? status).sort()).toEqual([
      204,
      'ticket_invalid',
    ])
    Object.assign(app.stores.tickets, { revokeAll })
  })

  it.each<[string, (app: MailApp, userId: string) => Promise<unknown>]>([
    ['the password was changed', (app, userId) => app.auth.accounts.resetPassword(userId, 'set by an operator')],
    ['the account was disabled', (app, userId) => app.auth.accounts.disable(userId)],
    [
      'the account was disabled and enabled again',
      async (app, userId) => {
        await app.auth.accounts.disable(userId)
        await app.auth.accounts.enable(userId)
      },
    ],
    ['the account was deleted', (app, userId) => app.auth.accounts.delete(userId)],
    [
      'the address is another one',
      (app, userId) => {
        const swap = {
          userId,
          sessionEpoch: null,
          from: email,
          email: 'b@example.com',
          emailKey: 'b@example.com',
          verifiedAt: new Date(),
        }
        return app.stores.users.swapEmail(swap)
      },
    ],
  ])('LG-06 LG-14 refuses a ticket once %s', async (_, change) => {
    const { app, ticket, userId } = await withTicket()
    await change(app, userId)
    expect((await reset(app, ticket)).body.code).toBe('ticket_invalid')
  })

  it('PW-01 PW-06 PW-07 a password that the policy refuses does not use the ticket up', async () => {
    const breached = 'correct horse battery'
    const prefixes: string[] = []
    const range = async (prefix: string): Promise<string> => {
      prefixes.push(prefix)
      const hash = Buffer.from(await crypto.subtle.digest('SHA-1', Buffer.from(breached)))
        .toString('hex')
        .toUpperCase()
      return prefix === hash.slice(0, 5) ? `${hash.slice(5)}:3` : ''
    }
    const { app, ticket } = await withTicket({ passwords: { breached: { range } } })
    const codes = { short: 'password_too_short', 'ada@example.com': 'password_blocked', [breached]: 'password_breached' }
    for (const [text, code] of Object.entries(codes)) {
      const refused = await reset(app, ticket, text)
      expect(refused).toMatchObject({ status: 422, body: { issues: [{ path: 'newPassword', code }] } })
    }
    expect((await reset(app, ticket)).status).toBe(204)
    expect(prefixes.every((prefix) => /^[0-9A-F]{5}$/.test(prefix))).toBe(true)
  })

  it('BF-06 takes thirty tickets a minute from one address that are no longer good; garbage counts nothing', async () => {
    const { app, ticket } = await withTicket()
    expect((await reset(app, ticket)).status).toBe(204)
    for (let tries = 0; tries < 40; tries++) expect((await reset(app, 'garbage')).body.code).toBe('ticket_invalid')
    for (let tries = 0; tries < 30; tries++) expect((await reset(app, ticket)).body.code).toBe('ticket_invalid')
    expect(await reset(app, ticket)).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
    for (const path of ['/auth/email/verify', '/auth/security/not-me'])
      expect((await app.call('POST', path, { body: { ticket } })).body.code).toBe('ticket_invalid')
    await app.clock.advance(60_000)
    expect((await reset(app, ticket)).body.code).toBe('ticket_invalid')
  })

  it('BF-05 lifts the lock of the account, and marks the device that it was done on', async () => {
    const app = mailApp()
    await register(app)
    for (let tries = 0; tries < 10; tries++)
      await app.call('POST', '/auth/login', { body: { email, password: 'not the password' }, ip: `198.51.100.${tries}` })
    expect((await login(app, password)).body.code).toBe('too_many_attempts')
    await forgot(app)
    const done = await reset(app, await app.ticket('password_reset'))
    expect(done.cookies.map((line) => line.split('=', 1)[0])).toEqual(['__Host-device'])
    await app.clock.advance(1000)
    expect((await login(app, newPassword)).status).toBe(200)
  })

  it('A-46 tells nothing of a password to whoever has no ticket', async () => {
    const { app } = await withTicket()
    expect((await reset(app, 'x', 'short')).body.code).toBe('ticket_invalid')
  })
})
