import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, type Visit } from './browser.js'
import { createClient, tokensOf } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { callAndRead, newAddress, noticed, openFor, password, type ShownAnswer, signIn, signUp } from './page-steps.js'

const admin = { email: 'root@example.com', password: 'another long passphrase' }

let demo: RunningDemo
let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
  demo = await startDemo({ ACCESS_TTL: '8s', DEMO_ADMIN_EMAIL: admin.email, DEMO_ADMIN_PASSWORD: admin.password })
})
afterAll(async () => {
  await browser.close()
  expect(await demo.stop()).toBe(0)
  expect(demo.output().stderr).toBe('')
})

const open = (options?: Parameters<typeof openFor>[2]): Promise<Visit> => openFor(browser, demo.url, options)

const call = (page: Page, id: string): Promise<ShownAnswer> => callAndRead(page, `#call-${id}`, 'answer')

describe('the page', () => {
  it('signs a newcomer up, who calls the API, sees the token renewed, ends another session and signs out', async () => {
    const { page, picture } = await open()
    await picture('signed-out')
    const email = newAddress()
    await signUp(page, email, { name: 'Ada Lovelace' })
    await page.getByRole('heading', { name: 'Hello, Ada Lovelace' }).waitFor()
    await page.getByTestId('identity').getByText('read:orders').waitFor()
    expect(await page.getByTestId('identity').textContent()).toContain('access token')

    expect(await page.getByTestId('countdown').textContent()).toMatch(/^0:0[0-8]$/)
    await page
      .getByTestId('token-status')
      .getByText(/Refreshed (once|\d+ times)/)
      .waitFor()
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page
      .getByTestId('token-status')
      .getByText(/Refreshed \d+ times/)
      .waitFor()

    expect(await call(page, 'public')).toMatchObject({
      status: '200',
      code: '',
      body: expect.stringContaining('Anybody may read this'),
    })
    await page.getByLabel('What to order').fill('<b>tea</b>')
    expect(await call(page, 'place-order')).toMatchObject({ status: '201', body: expect.stringContaining('<b>tea</b>') })
    expect(await call(page, 'orders')).toMatchObject({ status: '200', body: expect.stringContaining('<b>tea</b>') })
    const refused = { status: '403', code: 'insufficient_role', meaning: 'Only people with a certain role may do this.' }
    expect(await call(page, 'admin')).toMatchObject(refused)
    await picture('signed-in')
    expect(await call(page, 'account-data')).toMatchObject({ status: '204', body: expect.stringMatching(/^(null)?$/) })

    const elsewhere = createClient(demo.url)
    const other = await tokensOf(
      elsewhere('POST', '/auth/login', { body: { email, password }, headers: { 'user-agent': 'curl/8' } }),
    )
    await page.locator('#list-sessions').click()
    const rows = page.getByTestId('session')
    await rows
      .filter({ hasText: 'curl' })
      .getByRole('button', { name: /End the session on curl/ })
      .click()
    await rows.filter({ hasText: 'curl' }).waitFor({ state: 'detached' })
    expect(await rows.count()).toBe(1)
    expect((await elsewhere('GET', '/auth/me', { token: other.accessToken })).code).toBe('token_revoked')

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await noticed(page, /You are signed out\./)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('welcome-title')
  })

  it('explains what is wrong with a sign-up and with a sign-in', async () => {
    const { page, picture } = await open()
    const email = newAddress()
    await page.getByRole('tab', { name: 'Create account' }).click()
    await page.getByLabel('E-mail address').fill('nobody')
    await page.getByLabel('Password', { exact: true }).fill('short')
    await page.locator('#submit-account').click()
    await page.locator('#email-error', { hasText: 'This is not an e-mail address.' }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('email')
    await page.getByLabel('E-mail address').fill(email)
    await page.locator('#submit-account').click()
    await page.locator('#password-error', { hasText: 'Use at least 8 characters.' }).waitFor()
    await picture('sign-up-refused')
    await page.getByLabel('Password', { exact: true }).fill('password1')
    await page.locator('#submit-account').click()
    await page.locator('#password-error', { hasText: 'too easy to guess' }).waitFor()
    await signIn(page, email, 'a wrong password')
    await page.getByRole('alert').filter({ hasText: 'The e-mail address or the password is wrong.' }).waitFor()
  })

  it('keeps somebody with a cookie signed in over a reload, and lets no script see the cookie', async () => {
    const { page } = await open()
    const email = newAddress()
    await signUp(page, email, { carrier: 'A cookie' })
    expect(await page.locator('#card-token').isVisible()).toBe(false)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    await page.reload()
    await page.locator('#view-signed-in').waitFor()
    expect(await page.getByTestId('account-email').textContent()).toBe(email)
    expect(await call(page, 'place-order')).toMatchObject({ status: '201' })

    await page.getByLabel('Current password').fill('a wrong password')
    await page.getByLabel('New password').fill('a quite different passphrase')
    await page.locator('#submit-password').click()
    await page.locator('#password-form-error', { hasText: 'password is wrong' }).waitFor()
    await page.getByLabel('Current password').fill(password)
    await page.locator('#submit-password').click()
    await page.locator('#notice', { hasText: 'Your password is changed.' }).waitFor()
    await page.reload()
    await page.locator('#view-signed-in').waitFor()

    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await noticed(page, /You are signed out everywhere\./)
    await page.reload()
    await page.locator('html[data-ready]').waitFor({ state: 'attached' })
    expect(await page.locator('#view-signed-out').isVisible()).toBe(true)
  })

  it('lets an administrator into the back office', async () => {
    const { page } = await open()
    await signIn(page, admin.email, admin.password)
    await page.locator('#view-signed-in').waitFor()
    expect(await call(page, 'admin')).toMatchObject({ status: '200', body: expect.stringContaining('"admin"') })
  })
})
