import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { clientEnvironment } from './oauth-scene.js'
import { fits, newAddress, openFor, otherScreens, password, signIn } from './page-steps.js'
import { admin } from './with-admin.js'

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

let client: Server
let redirectUri: string
let demo: RunningDemo
let browser: Browser
beforeAll(async () => {
  // The client's own page sends people on to another origin, as many do: the consent page's policy must not stand in the way.
  client = createServer((req, res) => {
    if (req.url?.startsWith('/callback'))
      res.writeHead(302, { location: `http://localhost:${portOf()}${req.url.replace('/callback', '/done')}` }).end()
    else res.writeHead(200, { 'content-type': 'text/html' }).end('<title>client</title><h1>Back at the client</h1>')
  }).listen(0)
  await once(client, 'listening')
  redirectUri = `http://127.0.0.1:${portOf()}/callback`
  const admins = { DEMO_ADMIN_EMAIL: admin.email, DEMO_ADMIN_PASSWORD: admin.password }
  demo = await startDemo({ ...clientEnvironment, ...admins, DEMO_REDIRECT_URI: redirectUri })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  client.close()
  expect(await demo.stop()).toBe(0)
  expect(demo.output().stderr).toBe('')
})

const portOf = (): number => (client.address() as AddressInfo).port

function request(more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientEnvironment.DEMO_CLIENT_ID,
    redirect_uri: redirectUri,
    scope: 'read:orders write:orders',
    state: 'the state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  })
  return `${demo.url}/auth/oauth/authorize?${query}`
}

/** Signs somebody new up on the page that they were sent to. */
async function signUpOnTheWay(page: Page): Promise<void> {
  await page.locator('#notice', { hasText: 'Sign in to go on' }).waitFor()
  await page.getByRole('tab', { name: 'Create account' }).click()
  await page.getByLabel('E-mail address').fill(newAddress())
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.locator('#submit-account').click()
  await page.getByRole('button', { name: 'Allow' }).waitFor()
}

async function back(page: Page): Promise<URLSearchParams> {
  await page.getByRole('heading', { name: 'Back at the client' }).waitFor()
  const { searchParams } = new URL(page.url())
  expect([searchParams.get('state'), searchParams.get('iss')]).toEqual(['the state', demo.url])
  return searchParams
}

async function exchange(code: string, secret: string = clientEnvironment.DEMO_CLIENT_SECRET): Promise<number> {
  const credentials = [clientEnvironment.DEMO_CLIENT_ID, secret].map(encodeURIComponent).join(':')
  const answer = await fetch(`${demo.url}/auth/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(credentials)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
  return answer.status
}

describe('an app that wants to act for somebody, in Chromium', () => {
  it('AZ-12 AZ-13 leads over sign-in and consent to the client and beyond, with a code that works', async () => {
    const { page, picture } = await openFor(browser, request())
    await signUpOnTheWay(page)
    expect(await page.getByRole('heading').textContent()).toBe('Demo client wants to use your account')
    expect(await page.getByRole('listitem').allTextContents()).toEqual(['See your orders', 'Place orders for you'])
    await picture('consent')
    await page.getByRole('button', { name: 'Allow' }).click()
    expect(await exchange((await back(page)).get('code') ?? '')).toBe(200)
    // Who is signed in is asked at once, and is asked again.
    await page.goto(request())
    await page.getByRole('button', { name: 'Allow' }).waitFor()
  })

  it('AZ-13 sends the client away with access_denied where it is denied', async () => {
    const { page } = await openFor(browser, request())
    await signUpOnTheWay(page)
    await page.getByRole('button', { name: 'Deny' }).click()
    const answered = await back(page)
    expect([answered.get('error'), answered.get('code')]).toEqual(['access_denied', null])
    // The page is kept nowhere: going back asks anew.
    await page.goBack()
    await page.getByRole('button', { name: 'Allow' }).click()
    expect(await exchange((await back(page)).get('code') ?? '')).toBe(200)
  })

  it('lets somebody who is to prove once more who they are do so', async () => {
    const { page } = await openFor(browser, request())
    await signUpOnTheWay(page)
    await page.goto(request({ prompt: 'login' }))
    await page.locator('#view-signed-out').waitFor()
    expect(new URL(page.url()).searchParams.get('prompt')).toBe('login')
  })

  it('A-71 shows its page in no frame', async () => {
    const { page } = await openFor(browser, request())
    await signUpOnTheWay(page)
    const answer = await page.request.get(request())
    expect(answer.headers()['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(answer.headers()['x-frame-options']).toBe('DENY')
  })

  it.each(otherScreens)('fits on %s', async (name, options) => {
    const { page, picture } = await openFor(browser, request(), options)
    await signUpOnTheWay(page)
    expect(await fits(page)).toBe(true)
    await picture(`consent-${name}`)
  })
})

describe('the screen with registered apps', () => {
  it('TK-04 registers an app, shows its secret once, rotates it with an overlap and removes it', async () => {
    const { page, picture } = await openFor(browser, demo.url)
    await signIn(page, admin.email, admin.password)
    await page.getByRole('link', { name: 'OAuth apps' }).click()
    await page.getByTestId('client').getByText('Demo client').waitFor()
    await page.getByLabel('Name, as people will see it').fill('Reports')
    await page.getByLabel('Redirect URI').fill('javascript:alert(1)')
    await page.locator('#register-client').click()
    await page.locator('#client-redirect-error', { hasText: /\S/ }).waitFor()
    await page.getByLabel('Redirect URI').fill('https://reports.example/cb')
    await page.locator('#register-client').click()
    const row = page.getByTestId('client').filter({ hasText: 'https://reports.example/cb' })
    await row.waitFor()
    const first = await page.getByTestId('client-secret').textContent()
    expect(first).toMatch(/^[\w-]{43}$/)
    await picture('oauth-apps')
    await row.getByRole('combobox').selectOption('3600')
    await row.getByRole('button', { name: 'Rotate the secret of Reports' }).click()
    await row.getByText('secret of before, ends').waitFor()
    expect(await page.getByTestId('client-secret').textContent()).not.toBe(first)
    await row.getByRole('button', { name: 'Remove Reports' }).click()
    await row.waitFor({ state: 'detached' })
    expect(await page.getByTestId('client-secret').textContent()).toBe('')
  })
})
