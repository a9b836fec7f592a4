import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, type Visit } from '../../demo/test/browser.js'
import { createClient, outcome, tokensOf } from '../../demo/test/client.js'
import { type RunningDemo, startDemo } from '../../demo/test/demo-process.js'
import { fits, newAddress, openFor, otherScreens, password, signUp } from '../../demo/test/page-steps.js'
import { continueWith, setFirstPassword } from '../../demo/test/social-steps.js'

let demo: RunningDemo
let browser: Browser
beforeAll(async () => {
  browser = await startBrowser({ keepsPages: true })
  demo = await startDemo({}, ['--adapter', 'next'])
})
afterAll(async () => {
  await browser.close()
  expect(await demo.stop()).toBe(0)
  expect(demo.output().stderr).toBe('')
})

const open = (path: string, options?: Parameters<typeof openFor>[2]): Promise<Visit> =>
  openFor(browser, demo.url + path, options)

async function newPerson(): Promise<string> {
  const email = newAddress()
  const answer = await createClient(demo.url)('POST', '/auth/register', { body: { email, password } })
  expect(answer.status).toBe(201)
  return email
}

async function submit(page: Page, title: string, email: string, secret: string): Promise<void> {
  const form = page.getByRole('form', { name: title })
  await form.getByLabel('E-mail address').fill(email)
  await form.getByLabel('Password').fill(secret)
  await form.getByRole('button', { name: title }).click()
}

async function signIn(page: Page, email: string): Promise<void> {
  await submit(page, 'Sign in', email, password)
  await page.waitForURL(`${demo.url}/next`)
  await page.getByTestId('email').getByText(email).waitFor()
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${demo.url}/next/sign-in`)
  await page.getByRole('form', { name: 'Sign in' }).waitFor()
}

/** Signs in by a call, for the cookie. */
async function sessionCookie(email: string): Promise<string> {
  const body = { email, password, transport: 'cookie' }
  const { headers } = await createClient(demo.url)('POST', '/auth/login', { body })
  const line = headers.getSetCookie().find((each) => each.startsWith('session='))
  return line?.split(';')[0] ?? ''
}

/** A navigation as a browser makes it, which shows what the server sent. */
async function navigate(path: string, cookie: string): Promise<{ response: Response; text: string }> {
  const headers = { cookie, accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }
  const response = await fetch(demo.url + path, { headers, redirect: 'manual' })
  return { response, text: await response.text() }
}

const setSessions = (response: Response): readonly string[] =>
  response.headers.getSetCookie().filter((line) => line.startsWith('session='))

describe('the page of all frameworks', () => {
  it('is the same here', async () => {
    const { page } = await open('/')
    await signUp(page, newAddress(), { carrier: 'A cookie', name: 'Ada' })
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    await page.goto(`${demo.url}/next`)
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
  })

  it('signs people in with the stand-ins, connects and disconnects one, and gives who has none a password', async () => {
    const { page } = await open('/')
    await continueWith(page, 'Google', 'Grace Hopper')
    await page.getByRole('button', { name: 'Connect GitHub' }).click()
    await page.getByRole('button', { name: 'Grace Hopper' }).click()
    await page.getByRole('button', { name: 'Disconnect GitHub' }).click()
    await page.getByTestId('identities-status').getByText('GitHub is disconnected.').waitFor()
    await page.goto(`${demo.url}/next`)
    await page.getByTestId('email').getByText('grace@example.com').waitFor()
    await page.goto(demo.url)
    await setFirstPassword(page, demo.url, 'grace@example.com')
  })
})

describe('signing in by server action', () => {
  it('says why not, signs in, and shows a guarded server component to the person alone', async () => {
    const email = await newPerson()
    const { page, picture } = await open('/next')
    expect(new URL(page.url()).pathname).toBe('/next/sign-in')
    await picture('next-sign-in')
    await submit(page, 'Sign in', email, 'not the password')
    await page.getByText('(invalid_credentials)').waitFor()
    await signIn(page, email)
    await picture('next-account')
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: 'session', httpOnly: true, sameSite: 'Lax' })
    expect(await page.content()).not.toContain(cookie?.value)
    expect(await page.evaluate(() => `${document.cookie}${JSON.stringify(localStorage)}`)).toBe('{}')
    await signOut(page)
    expect((await page.context().cookies()).filter(({ name }) => name === 'session')).toEqual([])
  })

  it('makes an account, with what is wrong beside its field', async () => {
    const { page } = await open('/next/sign-in')
    const email = newAddress()
    await submit(page, 'Create account', email, 'short')
    await page
      .getByRole('form', { name: 'Create account' })
      .getByText(/at least 8/)
      .waitFor()
    await submit(page, 'Create account', email, password)
    await page.getByTestId('email').getByText(email).waitFor()
  })

  it('works where no script runs', async () => {
    const email = await newPerson()
    const { page } = await open('/next/sign-in', { javaScriptEnabled: false })
    await submit(page, 'Sign in', email, 'not the password')
    await page.getByText('(invalid_credentials)').waitFor()
    await signIn(page, email)
    await signOut(page)
  })

  it('goes back to where the person wanted to be, but to no other site', async () => {
    const email = await newPerson()
    for (const [to, arrived] of [
      ['/health', '/health'],
      ['https://evil.example/', '/'],
      ['//evil.example/', '/'],
    ] as const) {
      const { page } = await open(`/next/sign-in?returnTo=${encodeURIComponent(to)}`)
      await submit(page, 'Sign in', email, password)
      await page.waitForURL(demo.url + arrived)
    }
  })

  it.each(otherScreens)('fits a screen that is %s', async (name, options) => {
    const email = await newPerson()
    const { page, picture } = await open('/next/sign-in', options)
    expect(await fits(page)).toBe(true)
    await picture(`next-sign-in-${name}`)
    await signIn(page, email)
    expect(await fits(page)).toBe(true)
    await picture(`next-account-${name}`)
  })
})

describe('the private page', () => {
  it('sends nothing private to a stranger, or to whoever forges a cookie', async () => {
    const email = await newPerson()
    for (const cookie of [
      '',
      'session=forged',
      `session=${(await sessionCookie(email)).slice('session='.length, -9)}AAAAAAAAA`,
    ]) {
      const { response, text } = await navigate('/next', cookie)
      expect(text).not.toContain(email)
      const to = new URL(response.headers.get('location') ?? '', demo.url).href
      expect([response.status, to]).toEqual([307, `${demo.url}/next/sign-in?returnTo=%2Fnext`])
    }
  })

  it('is kept by nobody: not by caches, and not by the browser', async () => {
    const email = await newPerson()
    const { response, text } = await navigate('/next', await sessionCookie(email))
    expect(text).toContain(email)
    expect(response.headers.get('cache-control')).toMatch(/\bno-store\b/)
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}' 'strict-dynamic'/)
  })
})

describe('the proxy', () => {
  it('takes a dead cookie away, and the render of the same request sees none', async () => {
    const cookie = await sessionCookie(await newPerson())
    expect((await navigate('/next', cookie)).response.status).toBe(200)
    await createClient(demo.url)('POST', '/auth/logout', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
    const { response, text } = await navigate('/next/sign-in', cookie)
    expect(setSessions(response)).toEqual([expect.stringMatching(/^session=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/)])
    expect(text).toContain('sees no session cookie')
  })

  it('states a living cookie anew, and the render of the same request knows the person', async () => {
    const email = await newPerson()
    const cookie = await sessionCookie(email)
    const { response, text } = await navigate('/next', cookie)
    const [renewed = '', ...more] = setSessions(response)
    expect([renewed.startsWith(`${cookie};`), more]).toEqual([true, []])
    expect(renewed).toContain('; HttpOnly; SameSite=lax')
    expect(Date.parse(/Expires=([^;]+)/.exec(renewed)?.[1] ?? '')).toBeGreaterThan(Date.now() + 86_400_000)
    expect(text).toContain(email)
  })

  it('does so in a browser', async () => {
    const email = await newPerson()
    const { page } = await open('/next/sign-in')
    await signIn(page, email)
    const { accessToken } = await tokensOf(createClient(demo.url)('POST', '/auth/login', { body: { email, password } }))
    expect(await outcome(createClient(demo.url)('POST', '/auth/logout-all', { token: accessToken }))).toBe('204')
    await page.reload()
    expect(page.url()).toBe(`${demo.url}/next/sign-in?returnTo=%2Fnext`)
    await page.getByTestId('cookie').getByText('sees no session cookie').waitFor()
    expect((await page.context().cookies()).filter(({ name }) => name === 'session')).toEqual([])
  })
})

const markAsKept = (): void => void Object.assign(globalThis, { kept: true })
const isMarkedAsKept = (): boolean => Reflect.has(globalThis, 'kept')

describe('back and forward after signing out', () => {
  async function expectNothingPrivate(page: Page, email: string): Promise<void> {
    await page.getByRole('form', { name: 'Sign in' }).waitFor()
    // Nothing can be read of a page on its way.
    await expect.poll(() => page.content().catch(() => email)).not.toContain(email)
  }

  it('show nothing private where the app itself went on', async () => {
    const email = await newPerson()
    const { page } = await open('/next/sign-in')
    await signIn(page, email)
    await signOut(page)
    await page.goBack()
    await expectNothingPrivate(page, email)
    await page.goForward()
    await expectNothingPrivate(page, email)
  })

  it('show nothing private where another page lies between, and another tab signed out', async () => {
    const email = await newPerson()
    const { page } = await open('/next/sign-in')
    await signIn(page, email)
    await page.goto(`${demo.url}/health`)
    await page.goBack({ waitUntil: 'commit' })
    await page.getByTestId('email').getByText(email).waitFor()
    await page.goto(`${demo.url}/health`)
    await page.evaluate(markAsKept)
    const other = await page.context().newPage()
    await other.goto(`${demo.url}/next`)
    await signOut(other)
    await page.goBack({ waitUntil: 'commit' })
    await expectNothingPrivate(page, email)
    // This browser does keep pages that may be kept. One that is restored loads nothing.
    // What it leaves may still write its own address as it wakes, which ends the first wait.
    await page.goForward({ waitUntil: 'commit' })
    await page.waitForURL(`${demo.url}/health`, { waitUntil: 'commit' })
    expect(await page.evaluate(isMarkedAsKept)).toBe(true)
  })
})
