import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { outcome, tokensOf } from './client.js'
import { fits, newAddress, otherScreens, password, signIn } from './page-steps.js'
import { admin, demoWithAdmin } from './with-admin.js'

const { call, open } = demoWithAdmin()

async function openTrail(page: Page): Promise<void> {
  await signIn(page, admin.email, admin.password)
  await page.getByRole('link', { name: 'Audit trail' }).click()
  await page.getByTestId('audit-event').first().waitFor()
}

const event = (page: Page, text: string) => page.getByTestId('audit-event').filter({ hasText: text })

describe('the screen with the audit trail', () => {
  it('ER-04 shows an administrator what happens as it happens, by type and by whom', async () => {
    const { page, picture } = await open()
    await openTrail(page)
    await event(page, 'POST /auth/login').first().waitFor()

    const email = newAddress()
    const answer = await call('POST', '/auth/register', { body: { email, password } })
    const { id } = answer.body.user as { id: string } // As documented.
    const { accessToken } = await tokensOf(answer)
    // Nobody touches the page: it comes in by itself.
    await event(page, id).and(page.locator('[data-new]')).first().waitFor()
    expect(await outcome(call('GET', '/auth/audit', { token: accessToken }))).toBe('403 insufficient_scope')
    await event(page, 'insufficient_scope').first().waitFor()
    expect(await event(page, 'insufficient_scope').first().textContent()).toContain(`by ${id}`)
    await picture('audit')

    await page.getByLabel('Only', { exact: true }).selectOption('registration')
    await event(page, 'access.refused').first().waitFor({ state: 'detached' })
    await page.getByLabel('About', { exact: true }).fill(id)
    await page.getByLabel('About', { exact: true }).press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="audit-event"]').length === 1)
    expect(await page.getByTestId('audit-event').textContent()).toContain('POST /auth/register')
  })

  it('asks only while it is looked at, and is not there for others', async () => {
    const { page } = await open()
    await openTrail(page)
    await page.getByRole('link', { name: 'Account and calls' }).click()
    await page.locator('#screen-audit').waitFor({ state: 'hidden' })
    let asked = 0
    page.on('request', (request) => void (request.url().includes('/auth/audit') && asked++))
    await page.waitForTimeout(4000)
    expect(asked).toBe(0)
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.locator('#view-signed-out').waitFor()
    const email = newAddress()
    await call('POST', '/auth/register', { body: { email, password } })
    await signIn(page, email, password)
    await page.getByTestId('identity').getByText('user').first().waitFor()
    expect(await page.getByRole('link', { name: 'Audit trail' }).count()).toBe(0)
  })

  it.each(otherScreens)('fits a screen that is %s', async (name, options) => {
    const { page, picture } = await open(options)
    await openTrail(page)
    expect(await fits(page)).toBe(true)
    await picture(`audit-${name}`)
  })
})
