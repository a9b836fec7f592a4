import { type Mail, memoryStores } from '@auth/core'
import { ada } from '@auth/core/testing'
import { describe, expect, it } from 'vitest'
import { links, mailApp } from './support/mail-app.js'
import { openBrowser, socialApp } from './support/social-app.js'
import { password, type TestConfig } from './support/test-app.js'

const lookalikes = [
  ['ada@exam\ufe0fple.com', 'ada@example.com'],
  ['ada@EXAMPLE\u034f.com', 'ada@example.com'],
  ['ada@stra\u1e9ee.de', 'ada@strasse.de'],
  ['ada@stra\u1e9ee.de', 'ada@straße.de'],
] as const

describe.each(lookalikes)('A-38 whoever has a mailbox at %j', (mine, theirs) => {
  it.each([
    ['unproved', {}],
    ['proved', { social: { linkByEmail: 'verified' } }],
  ] satisfies [string, TestConfig][])('AL-02 does not get the %s account of the other domain', async (state, config) => {
    const scene = await socialApp(config)
    const { app } = scene
    const emailVerified = state === 'proved'
    const { id } = await app.auth.accounts.create({ email: theirs, password, emailVerified, roles: ['user'] })
    scene.provider.person = { ...ada, id: 666, email: mine, emailVerified: true }
    for (const provider of ['google', 'github']) {
      const browser = openBrowser(scene)
      expect((await browser.signIn(provider)).body.code).toBe('signin_rejected')
      expect(await browser.userId()).toBeNull()
    }
    expect(await app.stores.users.find(id)).toMatchObject({ accessVersion: 1, sessionEpoch: 1 })
    expect((await app.call('POST', '/auth/login', { body: { email: theirs, password } })).body).toMatchObject({
      user: { id },
    })
  })

  it('LG-11 cannot sign up by it, and the owner of the other can', async () => {
    const app = mailApp({ registration: 'verified' })
    const signUp = (email: string) => app.call('POST', '/auth/register', { body: { email, password } })
    expect((await signUp(mine)).body.code).toBe('validation_failed')
    expect((await app.call('POST', '/auth/password/forgot', { body: { email: mine } })).status).toBe(422)
    await expect(app.auth.accounts.import({ email: mine, passwordHash: null })).rejects.toThrow('validation_failed')
    expect(await app.auth.accounts.findByEmail(mine)).toBeNull()
    expect(await app.mails()).toEqual([])
    expect((await signUp(theirs)).status).toBe(202)
    expect((await app.mails('email_verification')).length).toBe(1)
  })
})

describe('LG-09 mail to an international domain', () => {
  const to = async (app: { mails(): Promise<readonly Mail[]> }): Promise<unknown> =>
    (await app.mails()).map((mail) => [mail.kind, mail.to]).sort()

  it('goes to it in ASCII, while its owner sees what they wrote', async () => {
    const app = mailApp()
    const email = 'Ada@Straße.de'
    const { body } = await app.call('POST', '/auth/register', { body: { email, password } })
    expect(body.user).toMatchObject({ email })
    await app.call('POST', '/auth/password/forgot', { body: { email } })
    await app.mails()
    await app.call('POST', '/auth/email/change', { bearer: body.accessToken, body: { newEmail: 'ada@müller.de' } })
    expect(await to(app)).toEqual([
      ['email_change', 'ada@xn--mller-kva.de'],
      ['email_change_notice', 'Ada@xn--strae-oqa.de'],
      ['email_verification', 'Ada@xn--strae-oqa.de'],
      ['password_reset', 'Ada@xn--strae-oqa.de'],
    ])
  })

  it('goes to the domain that the account is found by, where another spelling was stored before', async () => {
    const stores = memoryStores()
    const app = mailApp({ stores, links })
    const { id } = await app.auth.accounts.create({ email: 'eve@example.com', password })
    const from = 'eve@example.com'
    const earlier = { email: 'ada@exam\ufe0fple.com', emailKey: 'ada@example.com', verifiedAt: app.clock.now() }
    await stores.users.swapEmail({ userId: id, from, sessionEpoch: null, ...earlier })
    await app.call('POST', '/auth/password/forgot', { body: { email: 'ada@example.com' } })
    expect(await to(app)).toEqual([['password_reset', 'ada@example.com']])
  })
})
