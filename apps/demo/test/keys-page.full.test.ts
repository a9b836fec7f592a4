import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  signIn,
  signUp,
} from './page-steps.js'

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

const open = (options?: Parameters<typeof openFor>[2], url = demo.url): Promise<Visit> => openFor(browser, url, options)

const toKeys = (page: Page): Promise<void> => page.getByRole('link', { name: 'API keys' }).click()
const callByKey = (page: Page, id: string): Promise<ShownAnswer> => callAndRead(page, `#key-call-${id}`, 'key-answer')
const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id)
const rows = (page: Page): Locator => page.getByTestId('api-key')
const keyPattern = /^ak_[A-Za-z0-9]{40,}$/

/** Reads a key that the page just showed. */
async function shownKey(page: Page): Promise<string> {
  const key = (await page.getByTestId('new-key').textContent()) ?? ''
  expect(key).toMatch(keyPattern)
  return key
}

async function makeKey(page: Page, name: string, scopes: readonly string[] = ['List orders']): Promise<string> {
  await page.locator('#key-name').fill(name)
  for (const box of await page.locator('#key-scopes input').all()) await box.uncheck()
  for (const scope of scopes) await page.getByRole('checkbox', { name: scope }).check()
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByRole('heading', { name: `Your new key “${name}”` }).waitFor()
  return shownKey(page)
}

describe('the screen with API keys', () => {
  it('AK-01 shows a new key once; it does what its scopes say, and nothing once it is revoked', async () => {
    const { page, picture } = await open()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.url })
    await signUp(page, newAddress(), { carrier: 'A cookie' })
    await page.getByLabel('What to order').fill('A pot of coffee')
    await callAndRead(page, '#call-place-order', 'answer')
    await toKeys(page)
    await page.getByText('You have none yet.').waitFor()
    const key = await makeKey(page, 'Nightly export')
    expect(await focused(page)).toBe('new-key-title')
    await picture('keys-made')
    await page.getByRole('button', { name: 'Copy the key' }).click()
    await page.locator('#copy-status', { hasText: 'Copied.' }).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)

    await page.getByRole('button', { name: 'Try it' }).click()
    expect(await focused(page)).toBe('key-call-orders')
    expect(await callByKey(page, 'orders')).toMatchObject({ status: '200', body: expect.stringContaining('pot of coffee') })
    expect(await callByKey(page, 'me')).toMatchObject({ status: '200', body: expect.stringContaining('"api-key"') })
    expect(await callByKey(page, 'place-order')).toMatchObject({
      status: '403',
      code: 'insufficient_scope',
      meaning: expect.stringContaining('Missing: write:orders.'),
    })
    expect(await callByKey(page, 'key')).toMatchObject({ status: '403', code: 'credential_not_allowed' })
    await picture('keys-refused')

    await page.getByRole('button', { name: 'I have kept it' }).click()
    expect(await page.locator('#new-key').isVisible()).toBe(false)
    expect(await page.content()).not.toContain(key)
    await page.reload()
    await rows(page).filter({ hasText: 'Nightly export' }).waitFor()
    expect(await page.content()).not.toContain(key)
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain('ak_')

    await page.getByRole('button', { name: /^Revoke Nightly export/ }).click()
    await page.getByTestId('keys-status').getByText('“Nightly export” is revoked').waitFor()
    await rows(page)
      .filter({ hasText: /revoked \d/ })
      .waitFor()
    expect(await page.getByRole('button', { name: /^Revoke/ }).count()).toBe(0)
    await page.locator('#presented-key').fill(key)
    expect(await callByKey(page, 'orders')).toMatchObject({ status: '401', code: 'api_key_revoked' })
    await picture('keys-revoked')
  })

  it('rotates a key with an overlap, in which both are good, and without one', async () => {
    const { page, picture } = await open()
    await signUp(page, newAddress())
    await toKeys(page)
    const first = await makeKey(page, 'Worker', ['List orders', 'Place orders'])
    await page.getByRole('combobox', { name: /^How long Worker/ }).selectOption('for an hour')
    await page.getByRole('button', { name: /^Rotate Worker/ }).click()
    await page.getByTestId('keys-status').getByText('“Worker” has a successor.').waitFor()
    await rows(page).nth(1).waitFor()
    expect(await rows(page).count()).toBe(2)
    const second = await shownKey(page)
    expect(second).not.toBe(first)
    for (const key of [first, second]) {
      await page.locator('#presented-key').fill(key)
      expect(await callByKey(page, 'place-order')).toMatchObject({ status: '201' })
    }
    await picture('keys-rotated')
    await page
      .getByRole('button', { name: /^Rotate Worker/ })
      .last()
      .click()
    await page.getByTestId('keys-status').getByText('That key has ended or has a successor already.').waitFor()

    // At most two are valid: the first, still in its overlap, ends now as the second one does.
    await page
      .getByRole('button', { name: /^Rotate Worker/ })
      .first()
      .click()
    await page.getByTestId('keys-status').getByText('“Worker” has a successor.').waitFor()
    const third = await shownKey(page)
    for (const [key, code] of [
      [first, 'api_key_revoked'],
      [second, 'api_key_expired'],
      [third, ''],
    ] as const) {
      await page.locator('#presented-key').fill(key)
      expect(await callByKey(page, 'orders')).toMatchObject({ code })
    }
  })

  it('says at the field what is wrong, and to whoever presents something else what it is not', async () => {
    const { page } = await open()
    await signUp(page, newAddress())
    await toKeys(page)
    await page.locator('#key-networks').fill('192.0.2.0/24, somewhere')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.locator('#key-name-error', { hasText: 'must have 1 to 100 characters' }).waitFor()
    await page.locator('#key-networks-error', { hasText: 'must be a network' }).waitFor()
    expect(await focused(page)).toBe('key-name')
    await page.locator('#presented-key').fill('ak_something')
    expect(await callByKey(page, 'orders')).toMatchObject({
      status: '401',
      code: 'api_key_invalid',
      meaning: 'That is not an API key of this server.',
    })
  })

  it('refuses a key from another network than those it was made for', async () => {
    const { page } = await open()
    await signUp(page, newAddress())
    await toKeys(page)
    await page.locator('#key-networks').fill('192.0.2.0/24')
    await makeKey(page, 'Office')
    await page.getByRole('button', { name: 'Try it' }).click()
    expect(await callByKey(page, 'orders')).toMatchObject({ status: '403', code: 'credential_not_allowed' })
  })

  it('leaves nothing of one person to the next', async () => {
    const { page } = await open()
    await signUp(page, newAddress())
    await toKeys(page)
    const key = await makeKey(page, 'Mine')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await noticed(page, /You are signed out\./)
    expect(await page.content()).not.toContain(key)
    await signUp(page, newAddress())
    await page.locator('#screen-account').waitFor()
    await toKeys(page)
    await page.getByText('You have none yet.').waitFor()
    expect(await page.locator('#presented-key').inputValue()).toBe('')
    expect(await page.locator('#new-key').isVisible()).toBe(false)
    await page.locator('.skip').focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(({ hash }) => hash === '#main')
    expect(await page.locator('#screen-api-keys').isVisible()).toBe(true)
    await page.goBack()
    await page.goBack()
    await page.locator('#screen-account').waitFor()
  })

  it('AK-06 tells when a key was last used, though the process that saw it has stopped', async () => {
    const before = await startDemo({ DATA_DIR: demo.dataDir })
    const email = newAddress()
    const first = await open({}, before.url)
    await signUp(first.page, email)
    await toKeys(first.page)
    await makeKey(first.page, 'Meter')
    await rows(first.page).getByText('never used').waitFor()
    await first.page.getByRole('button', { name: 'Try it' }).click()
    expect(await callByKey(first.page, 'orders')).toMatchObject({ status: '200' })
    expect(await before.stop()).toBe(0)

    const { page, picture } = await open()
    await signIn(page, email, password)
    await toKeys(page)
    await page
      .getByTestId('last-used')
      .getByText(/^last used \d/)
      .waitFor()
    await picture('keys-used')
  })

  it.each(otherScreens)('fits its screen: %s', async (name, options) => {
    const { page, picture } = await open(options)
    await signUp(page, newAddress())
    await toKeys(page)
    await makeKey(page, 'AnExportWithAVeryLongNameThatHasNoPlaceToBreakAnywhereInIt', ['List orders', 'Place orders'])
    await page.getByRole('button', { name: 'Try it' }).click()
    await callByKey(page, 'key')
    expect(await fits(page)).toBe(true)
    await picture(`${name}-keys`)
  })
})
