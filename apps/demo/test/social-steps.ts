import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { noticed, signIn } from './page-steps.js'

/** Signs in at the stand-in as somebody. */
export async function continueWith(page: Page, provider: string, person: string): Promise<void> {
  await page.getByRole('link', { name: `Continue with ${provider}` }).click()
  await page.getByRole('button', { name: person }).click()
}

/** The link of the newest mail of a kind to an address, once it is in the outbox. */
async function linkOf(url: string, kind: string, to: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${url}/outbox`, { headers: { accept: 'application/json' } })
    const { messages } = (await answer.json()) as {
      messages: readonly { readonly kind: string; readonly to: string; readonly link: string | null }[]
    }
    const mail = messages.findLast((message) => message.kind === kind && message.to === to)
    if (mail?.link) return mail.link
  }
}

/** Somebody who has signed in with a provider alone sets a password by mail, and signs in with it. */
export async function setFirstPassword(page: Page, url: string, email: string): Promise<void> {
  await page.getByRole('heading', { name: 'Set a password' }).waitFor()
  expect(await page.getByLabel('Current password').isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Mail me a link to set a password' }).click()
  await page.locator('#notice', { hasText: `on its way to ${email}` }).waitFor()
  await page.goto(await linkOf(url, 'password_reset', email))
  await page.locator('#new-password').fill('a passphrase that was not there')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByRole('heading', { name: 'Done' }).waitFor()
  await page.goto(url)
  await signIn(page, email, 'a passphrase that was not there')
  await page.getByRole('heading', { name: 'Change password' }).waitFor()
  expect(await page.getByLabel('Current password').isVisible()).toBe(true)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await noticed(page, /You are signed out/)
}
