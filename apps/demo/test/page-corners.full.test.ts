import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startBrowser, type Visit } from './browser.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import {
  callAndRead,
  fits,
  newAddress,
  noticed,
  openFor,
  otherScreens,
  password,
  type ShownAnswer,
  signUp,
} from './page-steps.js'

let demo: RunningDemo
let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
  demo = await startDemo({ ACCESS_TTL: '8s' })
})
afterAll(async () => {
  await browser.close()
  expect(await demo.stop()).toBe(0)
  expect(demo.output().stderr).toBe('')
})

const open = (options?: Parameters<typeof openFor>[2]): Promise<Visit> => openFor(browser, demo.url, options)

const call = (page: Page, id: string): Promise<ShownAnswer> => callAndRead(page, `#call-${id}`, 'answer')

describe('the page', () => {
  it('forgets tokens over a reload', async () => {
    const { page } = await open()
    await signUp(page, newAddress())
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    expect(kept).not.toMatch(/eyJ|refresh/)
    await page.reload()
    await page.locator('html[data-ready]').waitFor({ state: 'attached' })
    expect(await page.locator('#view-signed-out').isVisible()).toBe(true)
  })

  it('shows that a stolen refresh token ends every session', async () => {
    // Here no token is to be refreshed but by hand.
    const lasting = await startDemo()
    onTestFinished(async () => void (await lasting.stop()))
    const { page, picture } = await openFor(browser, lasting.url)
    await signUp(page, newAddress())
    expect(await page.locator('#replay').isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page.locator('#replay:enabled').click()
    await noticed(page, /refresh_reused/)
    await picture('replayed')
  })

  it('lets a token run out where it may not refresh it', async () => {
    const { page, picture } = await open()
    await signUp(page, newAddress())
    await page.getByLabel('Refresh by itself').uncheck()
    await page.locator('#countdown-label', { hasText: 'it has run out' }).waitFor()
    await expect.poll(async () => (await call(page, 'orders')).code, { timeout: 20_000 }).toBe('token_expired')
    await picture('run-out')
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page
      .getByTestId('token-status')
      .getByText(/Refreshed (once|\d+ times)/)
      .waitFor()
    expect(await call(page, 'orders')).toMatchObject({ status: '200' })
  })

  it('can be used from the keyboard alone', async () => {
    const { page } = await open()
    await page.getByRole('tab', { name: 'Sign in' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.type(newAddress())
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.locator('#view-signed-in').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('hello')
  })

  it.each(otherScreens)('fits its screen: %s', async (name, options) => {
    const { page, picture } = await open(options)
    expect(await fits(page)).toBe(true)
    await picture(`${name}-signed-out`)
    await signUp(page, `a-person-with-a-long-address-${newAddress()}`, { name: 'Countess Augusta Ada King of Lovelace' })
    await page.locator('#token-inside').click()
    await call(page, 'admin')
    expect(await fits(page)).toBe(true)
    await picture(`${name}-signed-in`)
  })
})
