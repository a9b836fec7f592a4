import { describe, expect, it } from 'vitest'
import { email, guess, logIn, stranger } from './support/guessing.js'
import { links, mailApp, ticketOf } from './support/mail-app.js'
import { password, refresh } from './support/test-app.js'

const notMe = { path: '/auth/security/not-me', body: (link: string | null) => ({ ticket: ticketOf(link ?? '') }) }

describe('a warning by mail', () => {
  it('ER-04 of a sign-in on a new device reaches the owner, whose link ends that session', async () => {
    const app = mailApp()
    await app.auth.accounts.create({ email, password })
    await logIn(app)
    expect(await app.mails('security_alert')).toEqual([])
    const thief = (await logIn(app)).body
    await expect.poll(() => app.mails('security_alert')).toHaveLength(1)
    const [warning] = await app.mails('security_alert', email)
    expect(warning?.text).toContain('on a device that it was not used on before')
    expect(warning?.link?.startsWith(String(links.notMe))).toBe(true)
    const done = await app.call('POST', notMe.path, { ip: stranger(), body: notMe.body(warning?.link ?? null) })
    expect(done.status).toBe(204)
    expect((await refresh(app, String(thief.refreshToken))).body.code).toBe('refresh_revoked')
    expect((await logIn(app)).status).toBe(401)
    expect(await app.mails('password_reset', email)).toHaveLength(1)
  })

  it('ER-04 BF-05 leads back in where strangers have used up what the owner gets by asking', async () => {
    const app = mailApp()
    await app.auth.accounts.create({ email, password })
    await logIn(app)
    await logIn(app)
    await expect.poll(() => app.mails('security_alert')).toHaveLength(1)
    const warning = await app.ticket('security_alert')
    const forgot = async (): Promise<number> => {
      await app.call('POST', '/auth/password/forgot', { ip: stranger(), body: { email } })
      return (await app.mails('password_reset', email)).length
    }
    for (const sent of [1, 2, 3, 4, 5, 5]) expect(await forgot()).toBe(sent)
    const done = { ip: stranger(), body: { ticket: warning } }
    expect((await app.call('POST', notMe.path, done)).status).toBe(204)
    expect(await app.mails('password_reset', email)).toHaveLength(6)
    // It sends one mail, however often its link is opened, and takes nothing from the limit of the others.
    expect((await app.call('POST', notMe.path, { ...done, ip: stranger() })).body.code).toBe('ticket_invalid')
    expect(await forgot()).toBe(6)
    const reset = { ticket: await app.ticket('password_reset'), newPassword: 'another fine passphrase' }
    expect((await app.call('POST', '/auth/password/reset', { ip: stranger(), body: reset })).status).toBe(204)
    expect((await logIn(app, { password: reset.newPassword })).status).toBe(200)
  })

  it('ER-04 of a lock reaches the owner once, and nobody where there is no owner', async () => {
    const app = mailApp()
    await app.auth.accounts.create({ email, password })
    for (const tried of [email, 'nobody@example.com']) await guess(app, 14, { email: tried })
    const warnings = await app.mails('security_alert')
    expect(warnings.map(({ to }) => to)).toEqual([email])
    expect(warnings[0]?.text).toContain('many wrong passwords')
  })

  it('is not mailed where no page takes the answer', async () => {
    const { notMe: _, ...others } = links
    const app = mailApp({ links: others })
    await app.auth.accounts.create({ email, password })
    await guess(app, 14)
    expect(await app.mails('security_alert')).toEqual([])
    expect(await app.auth.audit.list({ type: 'lockout', limit: 10 })).toHaveLength(1)
  })
})
