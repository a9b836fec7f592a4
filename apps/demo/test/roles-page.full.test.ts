import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { outcome, tokensOf } from './client.js'
import { callAndRead, fits, newAddress, otherScreens, password, signIn, signUp } from './page-steps.js'
import { admin, demoWithAdmin } from './with-admin.js'

const { call, open } = demoWithAdmin()

async function newcomer(): Promise<{ email: string; id: string; accessToken: string }> {
  const email = newAddress()
  const answer = await call('POST', '/auth/register', { body: { email, password } })
  const { accessToken } = await tokensOf(answer)
  return { email, accessToken, id: (answer.body.user as { id: string }).id } // As documented.
}

async function asAdmin(page: Page): Promise<void> {
  await signIn(page, admin.email, admin.password)
  await page.getByRole('link', { name: 'Roles' }).click()
  await page.getByTestId('user').first().waitFor()
}

async function openUser(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: `Roles of ${email}`, exact: true }).click()
  await page.getByRole('heading', { name: email }).waitFor()
  // Given once all is shown.
  await page.locator('#user-title:focus').waitFor()
}

async function assign(page: Page, role: string, said: string): Promise<void> {
  await page.getByRole('checkbox', { name: new RegExp(`^${role}`) }).click()
  await page.getByRole('button', { name: 'Assign' }).click()
  await page.getByTestId('roles-status').getByText(said).waitFor()
}

const verdict = (page: Page): Locator => page.getByTestId('why-verdict')

describe('the screen with roles', () => {
  it('RB-05 lets an administrator assign a role, which acts at once, and see what it comes to and why', async () => {
    const { email, id, accessToken } = await newcomer()
    expect(await outcome(call('GET', '/auth/users', { token: accessToken }))).toBe('403 insufficient_scope')
    const { page, picture } = await open()
    await asAdmin(page)
    await openUser(page, email)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('user-title')
    expect(await page.getByTestId('effective').textContent()).not.toContain('users:read')
    await page.getByLabel('Scope', { exact: true }).fill('users:read')
    await page.getByRole('button', { name: 'Why?' }).click()
    await verdict(page).getByText('denied').waitFor()
    expect(await page.getByTestId('why-text').textContent()).toContain(
      '- scope users:read: missing; would do: admin, support',
    )

    await assign(page, 'support', 'Assigned: it acts at once.')
    await page.getByTestId('effective').getByText('users:read').waitFor()
    await page.getByTestId('user').filter({ hasText: email }).getByText('support').waitFor()
    await page.getByLabel('Role', { exact: true }).selectOption('user')
    await page.getByRole('button', { name: 'Why?' }).click()
    await verdict(page).getByText('allowed').waitFor()
    expect(await page.getByTestId('why-text').textContent()).toContain(
      '+ scope users:read: granted as users:read by support',
    )
    await picture('roles')

    expect(await outcome(call('GET', '/auth/users', { token: accessToken }))).toBe('401 token_revoked')
    const again = await tokensOf(call('POST', '/auth/login', { body: { email, password } }))
    expect(await outcome(call('GET', '/auth/users', { token: again.accessToken }))).toBe('200')
    // It takes the role of an administrator to ask why.
    expect(await outcome(call('GET', `/api/admin/explain?user=${id}&role=user`, { token: again.accessToken }))).toBe(
      '403 insufficient_role',
    )
  })

  it('RB-06 says why the last administrator stays one, and why nobody grants to themselves', async () => {
    const { page, picture } = await open()
    await asAdmin(page)
    await openUser(page, admin.email)
    await assign(page, 'admin', 'One administrator has to remain')
    expect(await page.getByRole('checkbox', { name: /^admin/ }).isChecked()).toBe(true)
    await picture('roles-last-admin')
    await assign(page, 'support', 'nobody grants a role to themselves')
    expect(await page.getByRole('checkbox', { name: /^support/ }).isChecked()).toBe(false)
  })

  it('takes the screen from an administrator who steps down', async () => {
    const { email, id } = await newcomer()
    const root = await tokensOf(call('POST', '/auth/login', { body: admin }))
    const made = call('PUT', `/auth/users/${id}/roles`, { token: root.accessToken, body: { roles: ['user', 'admin'] } })
    expect(await outcome(made)).toBe('204')
    const { page } = await open()
    await signIn(page, email, password)
    await page.getByRole('link', { name: 'Roles' }).click()
    await openUser(page, email)
    await page.getByRole('checkbox', { name: /^admin/ }).uncheck()
    await page.getByRole('button', { name: 'Assign' }).click()
    await page.locator('#screen-roles').waitFor({ state: 'detached' })
    expect(await page.getByRole('link', { name: 'Roles' }).count()).toBe(0)
    expect(await page.locator('#screen-account').isVisible()).toBe(true)
    expect(await callAndRead(page, '#call-admin', 'answer')).toMatchObject({ code: 'insufficient_role' })
  })

  it('RB-01 has nothing of it for anybody else, on the page or at the server', async () => {
    const { page } = await open()
    await signUp(page, newAddress())
    await page.getByTestId('identity').getByText('read:orders').waitFor()
    expect(await page.getByRole('link', { name: 'Roles' }).count()).toBe(0)
    expect(await page.locator('#screen-roles').count()).toBe(0)
    await page.goto(new URL('/#roles', page.url()).href)
    expect(await page.locator('#screen-roles').count()).toBe(0)
    const { id, accessToken } = await newcomer()
    for (const path of ['/roles', `/users/${id}`, `/explain?user=${id}&role=user`]) {
      expect(await outcome(call('GET', `/api/admin${path}`))).toBe('401 credentials_missing')
      expect(await outcome(call('GET', `/api/admin${path}`, { token: accessToken }))).toBe('403 insufficient_role')
    }
  })

  it('asks only what can be asked', async () => {
    const { id } = await newcomer()
    const { accessToken: token } = await tokensOf(call('POST', '/auth/login', { body: admin }))
    const ask = (query: string): Promise<string> => outcome(call('GET', `/api/admin/explain?${query}`, { token }))
    expect(await ask(`user=${id}&scope=read:orders`)).toBe('200')
    expect(await ask(`user=${id}&role=__proto__`)).toBe('200')
    for (const query of [`user=${id}`, 'role=user', `user=${id}&scope=*`, `user=${id}&role=a&role=b`, `user=${id}&x=y`]) {
      expect(await ask(query)).toBe('422 validation_failed')
    }
    expect(await ask(`user=${crypto.randomUUID()}&role=user`)).toBe('404 not_found')
    expect(await outcome(call('GET', `/api/admin/users/${crypto.randomUUID()}`, { token }))).toBe('404 not_found')
  })

  it.each(otherScreens)('fits its screen: %s', async (name, options) => {
    const email = `a-person-with-an-address-that-has-no-place-to-break-${newAddress()}`
    await tokensOf(call('POST', '/auth/register', { body: { email, password } }))
    const { page, picture } = await open(options)
    await asAdmin(page)
    await openUser(page, email)
    await page.getByLabel('Scope', { exact: true }).fill('users:manage')
    await page.getByRole('button', { name: 'Why?' }).click()
    await verdict(page).getByText('denied').waitFor()
    await picture(`${name}-roles`)
    expect(await fits(page)).toBe(true)
  })

  it('turns the pages of a long list', async () => {
    const missing = 105
    for (let made = 0; made < missing; made++) await newcomer()
    const { page } = await open()
    await asAdmin(page)
    const emails = (): Promise<string[]> => page.getByTestId('user').locator('strong').allTextContents()
    const first = await emails()
    expect(first.length).toBe(100)
    await page.getByRole('button', { name: 'Next page of users' }).click()
    await page.getByTestId('users-status').getByText('Page 2').waitFor()
    const second = await emails()
    expect(second.filter((email) => first.includes(email))).toEqual([])
    expect(first.length + second.length).toBeGreaterThan(missing)
    await page.getByRole('button', { name: 'Previous page of users' }).click()
    await page.getByTestId('users-status').getByText('Page 1').waitFor()
    expect(await emails()).toEqual(first)
  })
})
