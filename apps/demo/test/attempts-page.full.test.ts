import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser, type Visit } from './browser.js'
import { type Call, createClient, outcome, tokensOf } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { fits, newAddress, openFor, otherScreens, password, signIn, signUp } from './page-steps.js'

const admin = { email: 'root@example.com', password: 'another long passphrase' }
const wrong = 'not the right passphrase'

let demo: RunningDemo
let browser: Browser
let call: Call
beforeAll(async () => {
  browser = await startBrowser()
  demo = await startDemo({
    DEMO_ADMIN_EMAIL: admin.email,
    DEMO_ADMIN_PASSWORD: admin.password,
    TRUSTED_PROXIES: '127.0.0.0/8,::1/128',
  })
  call = createClient(demo.url)
})
afterAll(async () => {
  await browser.close()
  expect(await demo.stop()).toBe(0)
  expect(demo.output().stderr).toBe('')
})

const open = (options?: Parameters<typeof openFor>[2]): Promise<Visit> => openFor(browser, demo.url, options)

let strangers = 0
/** Guesses at an account, each time from another address. */
async function guess(email: string, times: number): Promise<readonly string[]> {
  const told: string[] = []
  for (let i = 0; i < times; i++) {
    const headers = { 'x-forwarded-for': `198.51.100.${++strangers}` }
    told.push(await outcome(call('POST', '/auth/login', { body: { email, password: wrong }, headers })))
  }
  return told
}

async function asAdmin(page: Page): Promise<void> {
  await signIn(page, admin.email, admin.password)
  await page.getByRole('link', { name: 'Attempts' }).click()
  await page.getByTestId('attempts').locator('li').first().waitFor()
}

async function lookUp(page: Page, email: string, said: string): Promise<void> {
  await page.getByLabel('E-mail address of the account').fill(email)
  await page.getByRole('button', { name: 'Look up' }).click()
  await page.getByTestId('lock-status').getByText(said).waitFor()
}

describe('the screen with attempts', () => {
  it('BF-01 BF-05 shows what failed and who is locked out, and lifts the lock', async () => {
    const email = newAddress()
    const owner = await open()
    await signUp(owner.page, email)
    await owner.page.getByTestId('identity').getByText('Known device').waitFor()
    await guess('nobody@example.com', 1)
    expect(await guess(email, 11)).toEqual([...Array(10).fill('401 invalid_credentials'), '429 too_many_attempts'])

    await owner.page.getByRole('button', { name: 'Ask again' }).click()
    await owner.page.getByTestId('identity').getByText('Strangers who guess your password are locked out').waitFor()
    await owner.picture('attempts-own-page')

    const { page, picture } = await open()
    await asAdmin(page)
    const attempts = page.getByTestId('attempt')
    await attempts.filter({ hasText: email }).filter({ hasText: 'Too many in a row were wrong.' }).waitFor()
    await attempts.filter({ hasText: 'No such account' }).waitFor()
    const all = (await page.getByTestId('attempts').textContent()) ?? ''
    expect(all).toContain('198.51.100.*')
    expect(all).not.toMatch(/198\.51\.100\.\d|nobody@example/)

    await lookUp(page, email, `${email} is locked for new devices until`)
    await picture('attempts')
    await page.getByRole('button', { name: 'Lift the lock' }).click()
    await page.getByTestId('lock-status').getByText(`The lock of ${email} is lifted.`).waitFor()
    await attempts.filter({ hasText: 'The lock was lifted.' }).waitFor()
    await lookUp(page, email, `${email} is not locked.`)
    expect(await page.getByRole('button', { name: 'Lift the lock' }).count()).toBe(0)
    await lookUp(page, 'nobody@example.com', 'No account has this address.')
    const headers = { 'x-forwarded-for': '198.51.100.250' }
    expect(await outcome(call('POST', '/auth/login', { body: { email, password }, headers }))).toBe('200')
  })

  it.each(['A cookie', 'Tokens'])('A-44 lets a locked owner sign in again in the same browser with %s', async (carrier) => {
    const email = newAddress()
    const { page } = await open()
    await signUp(page, email, { carrier })
    await guess(email, 11)
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.locator('#view-signed-out').waitFor()
    await page.getByRole('radio', { name: carrier }).check()
    await signIn(page, email, password)
    await page.locator('#view-signed-in').waitFor()
    const elsewhere = await open()
    await signIn(elsewhere.page, email, password)
    await elsewhere.page.locator('#form-error').getByText(/\S/).waitFor()
  })

  it('RB-01 has nothing of it for anybody else, on the page or at the server', async () => {
    const { page } = await open()
    await signUp(page, newAddress())
    await page.getByTestId('identity').getByText('read:orders').waitFor()
    expect(await page.getByRole('link', { name: 'Attempts' }).count()).toBe(0)
    expect(await page.locator('#screen-attempts').count()).toBe(0)
    const { accessToken: token } = await tokensOf(
      call('POST', '/auth/register', { body: { email: newAddress(), password } }),
    )
    const routes = [
      ['GET', '/api/admin/attempts'],
      ['GET', '/api/admin/lock?email=root@example.com'],
      ['POST', `/api/admin/users/${crypto.randomUUID()}/unlock`],
    ] as const
    for (const [method, path] of routes) {
      expect(await outcome(call(method, path))).toBe('401 credentials_missing')
      expect(await outcome(call(method, path, { token }))).toBe('403 insufficient_role')
    }
    expect(await outcome(call('GET', '/api/account/lock'))).toBe('401 credentials_missing')
  })

  it('asks only what can be asked', async () => {
    const { accessToken: token } = await tokensOf(call('POST', '/auth/login', { body: admin }))
    for (const query of ['', '?email=', '?email=a@b.co&email=c@d.co', '?name=x'])
      expect(await outcome(call('GET', `/api/admin/lock${query}`, { token }))).toBe('422 validation_failed')
    expect(await outcome(call('GET', '/api/admin/lock?email=nonsense', { token }))).toBe('404 not_found')
    const unlock = call('POST', `/api/admin/users/${crypto.randomUUID()}/unlock`, { token })
    expect(await outcome(unlock)).toBe('404 not_found')
  })

  it.each(otherScreens)('fits its screen: %s', async (name, options) => {
    const email = `a-person-with-an-address-that-has-no-place-to-break-${newAddress()}`
    await tokensOf(call('POST', '/auth/register', { body: { email, password } }))
    await guess(email, 10)
    const { page, picture } = await open(options)
    await asAdmin(page)
    await lookUp(page, email, 'is locked for new devices until')
    await picture(`${name}-attempts`)
    expect(await fits(page)).toBe(true)
  })
})
