import { describe, expect, it } from 'vitest'
import { type MailApp, mailApp, ticketOf } from './support/mail-app.js'
import { type Answer, password, register, type TokenAnswer } from './support/test-app.js'

const email = 'ada@example.com'
const newEmail = 'Countess@Example.com'

const verify = (app: MailApp, ticket: string): Promise<Answer> =>
  app.call('POST', '/auth/email/verify', { body: { ticket } })
const change = (app: MailApp, bearer: string, body: object = { newEmail }): Promise<Answer> =>
  app.call('POST', '/auth/email/change', { bearer, body })
const login = (app: MailApp, address = email): Promise<Answer> =>
  app.call('POST', '/auth/login', { body: { email: address, password } })

async function signedUp(): Promise<{ app: MailApp; ada: TokenAnswer }> {
  const app = mailApp()
  return { app, ada: await register(app) }
}

describe('POST /email/verify and /email/resend', () => {
  it('confirms the address by the mail of the sign-up, once', async () => {
    const { app, ada } = await signedUp()
    const ticket = await app.ticket('email_verification', email)
    expect((await app.call('GET', '/auth/me', { bearer: ada.accessToken })).body.user).toMatchObject({
      emailVerified: false,
    })
    expect(await verify(app, ticket)).toMatchObject({ status: 204, cookies: [] })
    expect((await app.call('GET', '/auth/me', { bearer: ada.accessToken })).body.user).toMatchObject({ emailVerified: true })
    expect((await verify(app, ticket)).body.code).toBe('ticket_invalid')
  })

  it('LG-05 LG-06 takes the newest ticket alone, for a day', async () => {
    const { app, ada } = await signedUp()
    const first = await app.ticket('email_verification')
    expect(await app.call('POST', '/auth/email/resend', { bearer: ada.accessToken })).toMatchObject({ status: 202 })
    const second = await app.ticket('email_verification')
    expect((await verify(app, first)).body.code).toBe('ticket_invalid')
    await app.clock.advance(86_400_000)
    expect((await verify(app, second)).body.code).toBe('ticket_invalid')
  })

  it('sends nothing again to whoever has confirmed', async () => {
    const { app, ada } = await signedUp()
    await verify(app, await app.ticket('email_verification'))
    expect((await app.call('POST', '/auth/email/resend', { bearer: ada.accessToken })).status).toBe(202)
    expect(await app.mails('email_verification')).toHaveLength(1)
    expect((await app.call('POST', '/auth/email/resend')).body.code).toBe('credentials_missing')
  })
})

describe('POST /email/change', () => {
  it('LG-12 takes effect once the new address is confirmed, and tells the old one', async () => {
    const { app, ada } = await signedUp()
    expect(await change(app, ada.accessToken)).toMatchObject({ status: 202, body: { status: 'accepted' } })
    const ticket = await app.ticket('email_change', newEmail)
    const [notice] = await app.mails('email_change_notice', email)
    expect(notice?.text).toContain(newEmail)
    expect((await login(app)).body).toMatchObject({ user: { email, emailVerified: false } })
    expect((await login(app, newEmail)).body.code).toBe('invalid_credentials')

    expect((await verify(app, ticket)).status).toBe(204)
    expect((await login(app)).body.code).toBe('invalid_credentials')
    expect((await login(app, newEmail)).body).toMatchObject({ user: { email: newEmail, emailVerified: true } })
    expect(await app.mails('email_change_notice', email)).toHaveLength(2)
    expect(await app.guard({ bearer: ada.accessToken })).toBe('ok')
  })

  it('A-37 escapes the new address where it stands in HTML', async () => {
    const { app, ada } = await signedUp()
    expect((await change(app, ada.accessToken, { newEmail: `o'hara&sons@example.com` })).status).toBe(202)
    const [notice] = await app.mails('email_change_notice', email)
    expect(notice?.html).toContain('o&#39;hara&amp;sons@example.com')
    expect(notice?.text).toContain(`o'hara&sons@example.com`)
  })

  it('LG-12 asks for a recent sign-in, or the right password', async () => {
    const { app } = await signedUp()
    const { accessToken } = (await login(app)).body as unknown as TokenAnswer
    await app.clock.advance(601_000)
    expect(await change(app, accessToken)).toMatchObject({ status: 403, body: { code: 'recent_login_required' } })
    const wrong = await change(app, accessToken, { newEmail, password: 'not the password' })
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(await app.mails('email_change')).toEqual([])
    expect(await app.mails('email_change_notice')).toEqual([])
    expect((await change(app, accessToken, { newEmail, password })).status).toBe(202)
    expect(await app.mails('email_change', newEmail)).toHaveLength(1)
  })

  it('A-29 answers alike where somebody else has the address, and writes to them instead', async () => {
    const { app, ada } = await signedUp()
    await register(app, 'taken@example.com')
    const taken = await change(app, ada.accessToken, { newEmail: 'Taken@example.com' })
    const free = await change(app, ada.accessToken, { newEmail: 'free@example.com' })
    expect([taken.status, taken.body]).toEqual([free.status, free.body])
    await app.auth.mailsSent()
    expect((await app.mails('email_change')).map(({ to }) => to)).toEqual(['free@example.com'])
    expect((await app.mails('already_registered')).map(({ to }) => to)).toEqual(['taken@example.com'])
  })

  it('gives an address that two accounts want to whoever confirms first', async () => {
    const { app, ada } = await signedUp()
    const bob = await register(app, 'bob@example.com')
    await change(app, ada.accessToken)
    await change(app, bob.accessToken)
    const tickets = (await app.mails('email_change', newEmail)).map(({ link }) => ticketOf(link ?? ''))
    const answers = await Promise.all(tickets.map((ticket) => verify(app, ticket)))
    expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([204, 'email_taken'])
  })

  it('LG-06 voids the ticket of an earlier change, and of the former address', async () => {
    const { app, ada } = await signedUp()
    const verification = await app.ticket('email_verification')
    await change(app, ada.accessToken, { newEmail: 'first@example.com' })
    const first = await app.ticket('email_change')
    await change(app, ada.accessToken, { newEmail: 'second@example.com' })
    const second = await app.ticket('email_change')
    expect((await verify(app, first)).body.code).toBe('ticket_invalid')
    expect((await verify(app, second)).status).toBe(204)
    expect((await verify(app, verification)).body.code).toBe('ticket_invalid')
    expect(await app.auth.accounts.findByEmail('second@example.com')).toMatchObject({ emailVerified: true })
  })

  it('LG-06 of fifty that confirm at once one succeeds', async () => {
    const { app, ada } = await signedUp()
    await change(app, ada.accessToken)
    const ticket = await app.ticket('email_change')
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(app, ticket)))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  })
})

describe('POST /security/not-me', () => {
  const notMe = (app: MailApp, ticket: string): Promise<Answer> =>
    app.call('POST', '/auth/security/not-me', { body: { ticket } })

  it('ends every session, takes the password away and mails a link to choose another', async () => {
    const { app, ada } = await signedUp()
    await change(app, ada.accessToken)
    const change2 = await app.ticket('email_change')
    const ticket = await app.ticket('email_change_notice', email)
    expect(await notMe(app, ticket)).toMatchObject({ status: 204, cookies: [] })
    expect(await app.guard({ bearer: ada.accessToken })).toBe('401 token_revoked')
    expect((await login(app)).body.code).toBe('invalid_credentials')
    expect((await verify(app, change2)).body.code).toBe('ticket_invalid')
    const chosen = { ticket: await app.ticket('password_reset', email), newPassword: 'another long passphrase' }
    expect((await app.call('POST', '/auth/password/reset', { body: chosen })).status).toBe(204)
    expect((await app.call('POST', '/auth/login', { body: { email, password: chosen.newPassword } })).status).toBe(200)
    expect((await notMe(app, ticket)).body.code).toBe('ticket_invalid')
  })

  it('gives an address back that was changed, for three days', async () => {
    for (const [days, code] of [
      [2, undefined],
      [3, 'ticket_invalid'],
    ] as const) {
      const { app, ada } = await signedUp()
      await change(app, ada.accessToken)
      await verify(app, await app.ticket('email_change'))
      const ticket = await app.ticket('email_change_notice', email)
      await app.clock.advance(days * 86_400_000)
      expect((await notMe(app, ticket)).body.code).toBe(code)
      expect((await app.auth.accounts.find(ada.userId))?.email).toBe(code ? newEmail : email)
    }
  })

  it('LG-12 a change that was asked for is void once all sessions have ended, by whatever way', async () => {
    const newPassword = 'another long passphrase'
    const ends: Record<string, (app: MailApp, ada: TokenAnswer) => Promise<unknown>> = {
      change: (app, { accessToken }) =>
        app.call('POST', '/auth/password/change', { bearer: accessToken, body: { currentPassword: password, newPassword } }),
      everywhere: (app, { accessToken }) => app.call('POST', '/auth/logout-all', { bearer: accessToken }),
      operator: (app, { userId }) => app.auth.accounts.resetPassword(userId, newPassword),
    }
    for (const [way, end] of Object.entries(ends)) {
      const { app, ada } = await signedUp()
      await change(app, ada.accessToken)
      const ticket = await app.ticket('email_change')
      await end(app, ada)
      expect((await verify(app, ticket)).body.code, way).toBe('ticket_invalid')
      expect((await app.auth.accounts.find(ada.userId))?.email, way).toBe(email)
    }
  })

  it('does not give the address to whoever took the account, though they were warned at theirs', async () => {
    const { app, ada } = await signedUp()
    await app.clock.advance(1000)
    await change(app, ada.accessToken)
    await verify(app, await app.ticket('email_change'))
    const ticket = await app.ticket('email_change_notice', email)
    await change(app, ada.accessToken, { newEmail: 'third@example.com' })
    const theirs = await app.ticket('email_change_notice', newEmail)
    // Theirs is used while the owner's is on its way, and the other way round.
    expect((await notMe(app, theirs)).status).toBe(204)
    expect((await app.auth.accounts.find(ada.userId))?.email).toBe(newEmail)
    await app.call('POST', '/auth/password/forgot', { body: { email: newEmail } })
    const reset = { ticket: await app.ticket('password_reset', newEmail), newPassword: 'another long passphrase' }
    expect((await app.call('POST', '/auth/password/reset', { body: reset })).status).toBe(204)
    const signedIn = await app.call('POST', '/auth/login', { body: { email: newEmail, password: reset.newPassword } })
    await change(app, String(signedIn.body.accessToken), { newEmail: 'third@example.com' })
    const late = await app.ticket('email_change_notice', newEmail)
    expect((await notMe(app, ticket)).status).toBe(204)
    expect((await notMe(app, late)).body.code).toBe('ticket_invalid')
    expect((await app.auth.accounts.find(ada.userId))?.email).toBe(email)
  })

  it('lets nobody in where somebody has the address by now', async () => {
    const { app, ada } = await signedUp()
    await change(app, ada.accessToken)
    await verify(app, await app.ticket('email_change'))
    const ticket = await app.ticket('email_change_notice', email)
    await app.call('POST', '/auth/register', { body: { email, password } })
    expect((await notMe(app, ticket)).status).toBe(204)
    expect(await app.guard({ bearer: ada.accessToken })).toBe('401 token_revoked')
    await app.call('POST', '/auth/password/forgot', { body: { email: newEmail } })
    expect(await app.mails('password_reset', newEmail)).toEqual([])
    expect(await app.auth.audit.list({ type: 'account.disabled', subject: ada.userId, limit: 10 })).toHaveLength(1)
  })

  it('takes API keys back', async () => {
    const { app, ada } = await signedUp()
    const body = { name: 'bot', scopes: ['read:orders'] }
    const made = await app.call('POST', '/auth/api-keys', { bearer: ada.accessToken, body })
    expect(made.status).toBe(201)
    await change(app, ada.accessToken)
    await notMe(app, await app.ticket('email_change_notice', email))
    const { status } = await app.call('GET', '/auth/me', { headers: { 'x-api-key': String(made.body.key) } })
    expect(status).toBe(401)
  })

  it('F-34 leaves the owner their link where keys cannot be taken back, and takes them at the next try', async () => {
    const { app, ada } = await signedUp()
    await change(app, ada.accessToken, { newEmail: 'thief@example.com' })
    const ticket = await app.ticket('email_change_notice', email)
    const apiKeys = app.stores.apiKeys as NonNullable<typeof app.stores.apiKeys>
    const { revokeAll } = apiKeys
    Object.assign(apiKeys, { revokeAll: () => Promise.reject(new Error('down')) })
    expect((await notMe(app, ticket)).status).toBeGreaterThanOrEqual(500)
    Object.assign(apiKeys, { revokeAll })
    expect((await notMe(app, ticket)).status).toBe(204)
  })

  it('LG-06 warnings do not void each other, and each works once', async () => {
    const { app, ada } = await signedUp()
    await change(app, ada.accessToken, { newEmail: 'first@example.com' })
    const first = await app.ticket('email_change_notice')
    await change(app, ada.accessToken, { newEmail: 'second@example.com' })
    const second = await app.ticket('email_change_notice')
    expect((await notMe(app, first)).status).toBe(204)
    expect((await notMe(app, second)).status).toBe(204)
    for (const used of [first, second]) expect((await notMe(app, used)).body.code).toBe('ticket_invalid')
  })

  it('is in the mail about a refresh token that was used twice', async () => {
    const { app, ada } = await signedUp()
    for (let use = 0; use < 2; use++) await app.call('POST', '/auth/refresh', { body: { refreshToken: ada.refreshToken } })
    const [alert] = await app.mails('security_alert', email)
    expect(alert?.text).toContain('used from two places')
    expect((await notMe(app, ticketOf(alert?.link ?? ''))).status).toBe(204)
  })
})
