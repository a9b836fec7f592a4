import type { Browser, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { type Visit, visit } from './browser.js'

/** The screens that everything has to fit, beside a wide and light one. */
export const otherScreens = [
  ['dark', { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, colorScheme: 'light' }],
  ['phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
] as const

/** Opens a page for one test, which fails if anything went wrong in the page. */
export async function openFor(browser: Browser, url: string, options?: Parameters<typeof visit>[2]): Promise<Visit> {
  const opened = await visit(browser, url, options)
  onTestFinished(async () => {
    await opened.close()
    expect(opened.complaints).toEqual([])
  })
  return opened
}

/** The password of everybody who signs up here. */
export const password = 'a long enough passphrase'

let people = 0
/** The address of somebody new. */
export function newAddress(): string {
  return `person${++people}@example.com`
}

/** Signs somebody up, as a person would. */
export async function signUp(page: Page, email: string, { carrier = 'Tokens', name = '' } = {}): Promise<void> {
  await page.locator('html[data-ready]').waitFor({ state: 'attached' })
  await page.getByRole('tab', { name: 'Create account' }).click()
  await page.locator('#name').fill(name)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('radio', { name: carrier }).check()
  await page.locator('#submit-account').click()
  await page.locator('#view-signed-in').waitFor()
}

/** Fills in the form for signing in, and sends it. */
export async function signIn(page: Page, email: string, secret: string): Promise<void> {
  await page.locator('html[data-ready]').waitFor({ state: 'attached' })
  await page.getByRole('tab', { name: 'Sign in' }).click()
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(secret)
  await page.locator('#submit-account').click()
}

/** Waits until nobody is signed in, and the page says why. */
export async function noticed(page: Page, text: RegExp): Promise<void> {
  await page.locator('#view-signed-out').waitFor()
  await page.locator('#notice', { hasText: text }).waitFor()
}

/** What the page says of an answer. */
export interface ShownAnswer {
  readonly status: string
  readonly code: string
  readonly meaning: string
  readonly body: string
}

/** Presses a button that makes a call, and reads what its panel says of the answer. */
export async function callAndRead(page: Page, button: string, panel: string): Promise<ShownAnswer> {
  const answered = page.waitForResponse((response) => /\/(api|auth)\//.test(response.url()))
  await page.locator(button).click()
  await answered
  await page.locator(`${button}:not([aria-busy])`).waitFor()
  const text = async (part: string): Promise<string> => (await page.getByTestId(`${panel}-${part}`).textContent()) ?? ''
  return { status: await text('status'), code: await text('code'), meaning: await text('meaning'), body: await text('body') }
}

/** Whether nothing sticks out of the screen to the side. */
export function fits(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
}
