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
