import type { StartedApp } from '@auth/core/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type NextApp, someSettings } from './next-app.js'
import { createPageVisitor, type PageVisitor } from './page-visitor.js'

const session = '__Host-session'
const password = 'a long enough passphrase'
let people = 0

/** Server components, server actions and the proxy, in the app of `test/app`. */
export function pageTests({ start }: Pick<NextApp, 'start'>): void {
  let app: StartedApp
  beforeAll(async () => {
    app = await start({ ...(await someSettings()), trustedProxies: ['127.0.0.0/8'] })
  })
  afterAll(() => app?.close())

  const person = (): { email: string; password: string } => ({ email: `person-${++people}@example.com`, password })

  /** Somebody who has signed up by a form, and is signed in. */
  async function signedUp(): Promise<{ visitor: PageVisitor; email: string }> {
    const visitor = createPageVisitor(app.url)
    const { email } = person()
    const page = await visitor.visit('/pages/sign-in')
    const answer = await visitor.submit(page, 'up', { email, password, returnTo: '/pages/private' })
    expect([answer.status, answer.location]).toEqual([303, '/pages/private'])
    return { visitor, email }
  }

  it('signs up by a server action, and sets both cookies with every attribute', async () => {
    const visitor = createPageVisitor(app.url)
    const page = await visitor.visit('/pages/sign-in')
    const answer = await visitor.submit(page, 'up', { ...person(), name: 'Ada' })
    expect(answer.status).toBe(200)
    expect(answer.html).toContain('&quot;ok&quot;:true')
    expect(answer.html).toContain('&quot;name&quot;:&quot;Ada&quot;')
    const lines = answer.setCookie.map((line) => line.replace(/=[^;]+;/, '=…;'))
    for (const name of [session, '__Host-device'])
      expect(lines.find((line) => line.startsWith(name))).toMatch(
        new RegExp(`^${name}=…; Path=/; Expires=[^;]+; Max-Age=\\d+; Secure; HttpOnly; SameSite=lax$`),
      )
  })

  it('signs in by a server action and sends nowhere but to the own origin', async () => {
    const { email } = await signedUp()
    for (const [returnTo, location] of [
      ['/pages/who?a=b', '/pages/who?a=b'],
      ['https://evil.example/', '/'],
      ['//evil.example/', '/'],
      ['/\\evil.example/', '/'],
      ['/.//evil.example/', '/'],
      ['javascript:alert(1)', '/'],
    ] as const) {
      const visitor = createPageVisitor(app.url)
      const answer = await visitor.submit(await visitor.visit('/pages/sign-in'), 'in', { email, password, returnTo })
      expect([answer.status, answer.location], returnTo).toEqual([303, location])
      expect(visitor.cookie(session)).toBeDefined()
    }
  })

  it('answers a wrong password as a value, and sets nothing', async () => {
    const { email } = await signedUp()
    const visitor = createPageVisitor(app.url)
    const page = await visitor.visit('/pages/sign-in')
    const answer = await visitor.submit(page, 'in', { email, password: 'a wrong passphrase', returnTo: '/pages/who' })
    expect(answer.status).toBe(200)
    expect(answer.html).toContain('&quot;code&quot;:&quot;invalid_credentials&quot;')
    expect(answer.setCookie).toEqual([])
    const empty = await visitor.submit(page, 'up', {})
    expect(empty.html).toContain('&quot;code&quot;:&quot;validation_failed&quot;')
    expect(empty.html).toContain('&quot;path&quot;:&quot;email&quot;')
  })

  it('A-41 knows the client of an action by its address, whatever headers say', async () => {
    const direct = await start(await someSettings())
    try {
      const visitor = createPageVisitor(direct.url)
      const page = await visitor.visit('/pages/sign-in')
      const codes: (string | undefined)[] = []
      for (let i = 0; i < 6; i++) {
        const forged = { 'x-forwarded-for': `198.51.100.${i}`, 'x-real-ip': `198.51.100.${i}` }
        const { html } = await visitor.submit(page, 'in', { ...person(), password }, forged)
        codes.push(/code&quot;:&quot;(\w+)/.exec(html)?.[1])
      }
      expect(codes).toEqual([...Array<string>(5).fill('invalid_credentials'), 'too_many_attempts'])
    } finally {
      await direct.close()
    }
  })

  it('tells a page who is calling, and asks once a render', async () => {
    const { visitor } = await signedUp()
    const page = await visitor.visit('/pages/who')
    const who = page.text('who')
    expect(who).toMatch(/^[0-9a-f-]{36}$/)
    expect([page.text('inner'), page.text('orders'), page.text('asked')]).toEqual([who, 'may', '1'])
    expect(page.setCookie).toEqual([])
    const nobody = await createPageVisitor(app.url).visit('/pages/who')
    expect([nobody.text('who'), nobody.text('orders'), nobody.text('inner')]).toEqual(['nobody', 'may not', 'nobody'])
  })

  it('shows a private page to who is signed in alone, and nothing after signing out', async () => {
    const { visitor } = await signedUp()
    const page = await visitor.visit('/pages/private')
    expect(page.text('private')).toMatch(/^[0-9a-f-]{36}$/)
    expect((await visitor.visit('/pages/admin')).status).toBe(404)
    const kept = visitor.cookie(session) ?? ''
    const out = await visitor.submit(page, 'out', {})
    expect([out.status, out.location]).toEqual([303, '/pages/who'])
    expect(visitor.cookie(session)).toBeUndefined()
    // The cookie that somebody kept is worth nothing.
    visitor.keep(session, kept)
    const after = await visitor.visit('/pages/private')
    expect([after.status, after.location]).toEqual([307, '/pages/sign-in?from=page'])
    expect(after.text('private')).toBeUndefined()
  })

  it('WB-01 takes an action for a change: from a foreign page the cookie is none', async () => {
    const { visitor } = await signedUp()
    const page = await visitor.visit('/pages/private')
    const own = await visitor.submit(page, 'order', {})
    expect([own.status, own.location]).toEqual([200, null])
    const foreign = await visitor.submit(page, 'order', {}, { 'sec-fetch-site': 'same-site' })
    expect([foreign.status, foreign.location]).toEqual([303, '/pages/sign-in?from=action'])
    const out = await visitor.submit(page, 'out', {}, { 'sec-fetch-site': 'same-site' })
    expect(out.location).not.toBe('/pages/who')
    expect(visitor.cookie(session)).toBeDefined()
  })

  it('lets a page be redirected, be missing and fail within a guard, and answers refusals that are thrown', async () => {
    const visitor = createPageVisitor(app.url)
    const redirected = await visitor.visit('/flow/redirect')
    expect([redirected.status, redirected.location]).toEqual([307, '/pages/who'])
    expect((await visitor.visit('/flow/missing')).status).toBe(404)
    const refused = await visitor.visit('/flow/refusal')
    expect([refused.status, JSON.parse(refused.html).code]).toEqual([409, 'email_taken'])
    const down = await visitor.visit('/flow/store')
    expect([down.status, JSON.parse(down.html).code]).toEqual([503, 'store_unavailable'])
    const fault = await visitor.visit('/flow/fault')
    expect(fault.status).toBe(500)
    expect(down.html + fault.html).not.toContain('secret detail')
  })

  it('sends visitors without a cookie to the page to sign in at, and only those who go to a page', async () => {
    const visitor = createPageVisitor(app.url)
    const to = 'https://app.example.com/pages/sign-in?returnTo=%2Fpages%2Fprivate%3Fa%3Db'
    const sent = await visitor.visit('/pages/private?a=b')
    expect([sent.status, sent.location]).toEqual([307, to])
    // Everybody else reaches the page, which asks itself.
    const others = [{ 'sec-fetch-dest': 'empty' }, { authorization: 'Bearer x' }, { 'x-api-key': 'x' }]
    for (const headers of others) expect((await visitor.visit('/pages/private', headers)).location).not.toBe(to)
    expect((await visitor.visit('/pages/who')).text('who')).toBe('nobody')
    // What headers say of it moves nobody past the page's own question.
    visitor.keep(session, 'x')
    const forged = { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy', 'x-middleware-set-cookie': `${session}=y` }
    const asked = await visitor.visit('/pages/private', forged)
    expect([asked.status, asked.location]).toEqual([307, '/pages/sign-in?from=page'])
  })

  it('states a living cookie anew in the proxy, and the same render sees it', async () => {
    const { visitor } = await signedUp()
    const value = visitor.cookie(session)
    const page = await visitor.visit('/pages/verified/private')
    expect(page.setCookie).toEqual([
      expect.stringMatching(new RegExp(`^${session}=${value}; Path=/; Expires=[^;]+; Secure; HttpOnly; SameSite=lax$`)),
    ])
    expect([page.text('cookie'), page.text('who')]).toEqual([value, expect.stringMatching(/^[0-9a-f-]{36}$/)])
    expect(visitor.cookie(session)).toBe(value)
  })

  it('takes a dead cookie away in the proxy, and the same render sees none', async () => {
    const { visitor } = await signedUp()
    const value = visitor.cookie(session) ?? ''
    await visitor.submit(await visitor.visit('/pages/private'), 'out', {})
    visitor.keep(session, value)
    const page = await visitor.visit('/pages/verified/who')
    expect([page.text('cookie'), page.text('who')]).toEqual(['none', 'nobody'])
    expect(visitor.cookie(session)).toBeUndefined()
    visitor.keep(session, value)
    const sent = await visitor.visit('/pages/verified/private')
    expect([sent.status, sent.location]).toEqual([
      307,
      'https://app.example.com/pages/sign-in?returnTo=%2Fpages%2Fverified%2Fprivate',
    ])
    expect(visitor.cookie(session)).toBeUndefined()
  })

  it('F-27 signs nobody out while a store is down', async () => {
    const down = await start({ ...(await someSettings()), isDown: true })
    try {
      const visitor = createPageVisitor(down.url)
      visitor.keep(session, (await signedUp()).visitor.cookie(session) ?? '')
      const page = await visitor.visit('/pages/verified/who')
      expect(page.setCookie).toEqual([])
      expect(page.text('who')).toBeUndefined()
      expect(page.html).not.toContain('nobody')
    } finally {
      await down.close()
    }
  })
}
