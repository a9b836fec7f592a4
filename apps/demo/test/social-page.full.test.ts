import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { fits, noticed, openFor, otherScreens } from './page-steps.js'
import { continueWith, setFirstPassword } from './social-steps.js'

describe('signing in with the stand-ins', () => {
  let demo: RunningDemo
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
    demo = await startDemo()
  })
  afterAll(async () => {
    await browser.close()
    expect(await demo.stop()).toBe(0)
    expect(demo.output().stderr).toBe('')
  })

  it('OC-01 AL-05 makes an account with Google, connects GitHub and disconnects it; the last way to sign in stays', async () => {
    const { page, picture } = await openFor(browser, demo.url)
    await picture('social-welcome')
    await page.getByRole('link', { name: 'Continue with Google' }).click()
    await page.getByRole('heading', { name: 'Choose an account' }).waitFor()
    await picture('social-chooser')
    await page.getByRole('button', { name: 'Ada Lovelace' }).click()
    await page.locator('#view-signed-in').waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(await page.getByTestId('account-email').textContent()).toBe('ada@example.com')
    await page.getByTestId('email-badge').getByText('verified', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Connect GitHub' }).click()
    await page.getByRole('button', { name: 'Ada Lovelace' }).click()
    await page.getByRole('button', { name: 'Disconnect GitHub' }).waitFor()
    await picture('social-connected')
    expect(await fits(page)).toBe(true)

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await noticed(page, /You are signed out/)
    await continueWith(page, 'GitHub', 'Ada Lovelace')
    await page.locator('#view-signed-in').waitFor()
    expect(await page.getByTestId('account-email').textContent()).toBe('ada@example.com')

    await page.getByRole('button', { name: 'Disconnect GitHub' }).click()
    await page.getByTestId('identities-status').getByText('GitHub is disconnected.').waitFor()
    await page.getByRole('button', { name: 'Disconnect Google' }).click()
    await page
      .getByTestId('identities-status')
      .getByText(/the last way to sign in/)
      .waitFor()
    await picture('social-last-credential')
    await page.getByRole('button', { name: 'Disconnect Google' }).waitFor()
  })

  it('gives whoever has no password one by mail', async () => {
    const { page, picture } = await openFor(browser, demo.url)
    await continueWith(page, 'Google', 'Grace Hopper')
    await page.getByRole('heading', { name: 'Set a password' }).waitFor()
    await picture('social-no-password')
    expect(await fits(page)).toBe(true)
    await setFirstPassword(page, demo.url, 'grace@example.com')
  })

  it('takes who was sent here to sign in on to where they came from, and has the provider ask once more where that is wanted', async () => {
    const { page } = await openFor(browser, `${demo.url}/?returnTo=%2Fhealth&prompt=login`)
    const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/authorize')
    await page.getByRole('link', { name: 'Continue with Google' }).click()
    expect(new URL((await asked).url()).searchParams.get('prompt')).toBe('login')
    await page.getByRole('button', { name: 'Ada Lovelace' }).click()
    await page.waitForURL(`${demo.url}/health`)
  })

  it('tells somebody who cancels, and lets them go back', async () => {
    const { page, picture } = await openFor(browser, demo.url)
    await page.getByRole('link', { name: 'Continue with GitHub' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'The sign-in was not accepted' }).waitFor()
    await page.getByText('GitHub: access_denied.').waitFor()
    await picture('social-refused')
    await page.getByRole('link', { name: 'Back' }).click()
    await page.locator('#view-signed-out').waitFor()
  })

  it.each(otherScreens)('fits a screen that is %s', async (name, options) => {
    const { page, picture } = await openFor(browser, demo.url, options)
    await continueWith(page, 'Google', 'Grace Hopper')
    await page.getByRole('button', { name: 'Connect GitHub' }).waitFor()
    await picture(`social-connected-${name}`)
    expect(await fits(page)).toBe(true)
  })
})
