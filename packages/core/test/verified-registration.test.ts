import { ConfigError, memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { links, type MailApp, mailApp } from './support/mail-app.js'
import { type Answer, password, type TestConfig, testApp } from './support/test-app.js'

const email = 'ada@example.com'
const verified = (config: TestConfig = {}): MailApp => mailApp({ registration: 'verified', ...config })
const signUp = (app: MailApp, body: object = {}): Promise<Answer> =>
  app.call('POST', '/auth/register', { body: { email, password, ...body } })
const login = (app: MailApp, text = password): Promise<Answer> =>
  app.call('POST', '/auth/login', { body: { email, password: text } })

describe("registration: 'verified'", () => {
  it('LG-03 A-29 answers a known address as an unknown one, keeps its account and tells its owner', async () => {
    const app = verified()
    const first = await signUp(app)
    const again = await signUp(app, { email: 'ADA@example.com', password: 'the password of a stranger' })
    const shown = [first, again].map(({ status, body, headers }) => JSON.stringify([status, body, [...headers]]))
    expect(shown[0]).toBe(shown[1])
    expect(first).toMatchObject({ status: 202, body: { status: 'verification_sent' }, cookies: [] })
    expect((await app.mails()).map(({ to, kind }) => [to, kind])).toEqual([
      [email, 'email_verification'],
      [email, 'already_registered'],
    ])
    expect(await app.stores.users.list({ after: null, limit: 10 })).toHaveLength(1)
    expect((await login(app, 'the password of a stranger')).body.code).toBe('invalid_credentials')
    expect((await login(app)).body.code).toBe('email_unverified')
  })

  it('A-82 confirms no password of whoever came first: once two have signed up, a mail leads to another one', async () => {
    const app = verified()
    await signUp(app, { password: 'the password of a stranger' })
    const ticket = await app.ticket('email_verification')
    await signUp(app)
    const choose = await app.ticket('already_registered')
    expect((await app.call('POST', '/auth/email/verify', { body: { ticket } })).body.code).toBe('ticket_invalid')
    const body = { ticket: choose, newPassword: 'another long passphrase' }
    expect((await app.call('POST', '/auth/password/reset', { body })).status).toBe(204)
    expect((await login(app, 'the password of a stranger')).body.code).toBe('invalid_credentials')
    expect((await login(app, body.newPassword)).status).toBe(200)
  })

  it('LG-03 hashes one password whether or not the address is known', async () => {
    let hashes = 0
    const hasher = {
      hash: async (text: string) => `$counted$${text.length}$${hashes++}`,
      verify: async () => false,
      needsRehash: () => false,
    }
    const app = verified({ passwords: { hasher } })
    await signUp(app)
    const forNew = hashes
    await signUp(app)
    expect([forNew, hashes]).toEqual([1, 2])
  })

  it('LG-03 uses up no attempts: however often, known and unknown addresses are answered alike', async () => {
    const app = verified()
    for (let tries = 0; tries < 12; tries++) expect((await signUp(app)).status).toBe(202)
    expect((await signUp(app, { email: 'new@example.com' })).status).toBe(202)
    expect(await app.mails('already_registered')).toHaveLength(5)
  })

  it('LG-01 tells that an address is not confirmed after the right password alone', async () => {
    const app = verified()
    await signUp(app)
    expect(await login(app)).toMatchObject({ status: 403, body: { code: 'email_unverified' } })
    const wrong = await login(app, 'not the password')
    const unknown = await app.call('POST', '/auth/login', { body: { email: 'nobody@example.com', password } })
    expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body])
    await expect(app.auth.accounts.verifyPassword({ email, password })).rejects.toMatchObject({ code: 'email_unverified' })
    const ticket = await app.ticket('email_verification')
    expect((await app.call('POST', '/auth/email/verify', { body: { ticket } })).status).toBe(204)
    expect(await login(app)).toMatchObject({ status: 200, body: { user: { emailVerified: true } } })
  })

  it('choosing a new password confirms the address as well, so that a lost mail locks nobody out', async () => {
    const app = verified()
    await signUp(app, { password: 'chosen by somebody else' })
    await signUp(app)
    const ticket = await app.ticket('already_registered', email)
    expect((await app.call('POST', '/auth/password/reset', { body: { ticket, newPassword: password } })).status).toBe(204)
    expect((await login(app)).status).toBe(200)
    expect((await login(app, 'chosen by somebody else')).body.code).toBe('invalid_credentials')
  })

  it('lets accounts in that the application has vouched for', async () => {
    const app = verified()
    await app.auth.accounts.create({ email, password, emailVerified: true })
    expect((await login(app)).status).toBe(200)
  })

  it('puts nothing into a mail that whoever signs up has chosen, but the address', async () => {
    const app = verified()
    await signUp(app, { name: 'You won <a href="https://evil.example">a prize</a>' })
    await signUp(app, { email: `o'hara&sons@example.com` })
    await signUp(app, { email: `o'hara&sons@example.com` })
    for (const { text, html, subject } of await app.mails()) {
      expect(text + html + subject).not.toMatch(/evil|prize/)
      expect(html.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&')
    }
  })
})

describe('the configuration of mails', () => {
  const paths = (config: object): readonly string[] => {
    try {
      testApp(config)
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map(({ path }) => path).sort()
      throw error
    }
  }
  const mailer = { send: () => undefined }
  const { tickets: _, ...withoutTickets } = memoryStores()

  it.each<[string, object, readonly string[]]>([
    ['verified registration without a mailer', { registration: 'verified' }, ['links', 'mailer']],
    [
      'verified registration without anything',
      { registration: 'verified', stores: withoutTickets },
      ['links', 'mailer', 'stores.tickets'],
    ],
    ['a mailer without links', { mailer }, ['links']],
    ['a mailer without tickets', { mailer, links, stores: withoutTickets }, ['stores.tickets']],
    ['links without a mailer', { links }, ['mailer']],
    ['a mailer that cannot send', { mailer: {}, links }, ['mailer']],
    ['a missing link', { mailer, links: { ...links, signIn: undefined } }, ['links.signIn']],
    ['a link that is no URL', { mailer, links: { ...links, resetPassword: '/reset' } }, ['links.resetPassword']],
    ['a link to a script', { mailer, links: { ...links, signIn: 'javascript:alert(1)' } }, ['links.signIn']],
    ['a link without TLS', { mailer, links: { ...links, verifyEmail: 'http://app.example.com/' } }, ['links.verifyEmail']],
    [
      'a link with a fragment',
      { mailer, links: { ...links, verifyEmail: 'https://app.example.com/#' } },
      ['links.verifyEmail'],
    ],
    ['an unknown link', { mailer, links: { ...links, other: 'https://app.example.com' } }, ['links.other']],
    ['a template of no mail', { mailer, links, mailTemplates: { other: () => null } }, ['mailTemplates.other']],
    ['nothing wrong', { mailer, links, registration: 'verified' }, []],
    ['links on this machine', { mailer, links: { ...links, signIn: 'http://localhost:3000/' } }, []],
  ])('names what is wrong: %s', (_, config, expected) => {
    expect(paths(config)).toEqual(expected)
  })

  it('has no routes for mails without a mailer', async () => {
    const app = testApp()
    for (const path of [
      '/email/verify',
      '/email/resend',
      '/email/change',
      '/password/forgot',
      '/password/reset',
      '/security/not-me',
    ])
      expect((await app.call('POST', `/auth${path}`)).status).toBe(404)
  })

  it('writes mails by templates of the application', async () => {
    const seen: unknown[] = []
    const email_verification = (facts: unknown) => {
      seen.push(facts)
      return { subject: 'Salut', text: 'texte', html: '<p>texte</p>' }
    }
    const app = mailApp({ mailTemplates: { email_verification } })
    await app.call('POST', '/auth/register', { body: { email, password } })
    const [mail] = await app.mails('email_verification')
    expect(mail).toMatchObject({ subject: 'Salut', text: 'texte', html: '<p>texte</p>' })
    expect(seen).toEqual([
      {
        kind: 'email_verification',
        to: email,
        serviceName: 'app.example.com',
        signIn: links.signIn,
        link: mail?.link,
        validForSeconds: 86_400,
        newEmail: null,
        alert: null,
      },
    ])
  })
})
