import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.js'
import { createClient } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { fits, newAddress, noticed, openFor, otherScreens, password, signIn } from './page-steps.js'

interface Message {
  readonly to: string
  readonly kind: string
  readonly link: string | null
}

/** The newest mail of a kind to an address, once it is in the outbox. */
async function mailOf(demo: RunningDemo, kind: string, to: string): Promise<Message> {
  for (;;) {
    const answer = await fetch(`${demo.url}/outbox`, { headers: { accept: 'application/json' } })
    const { messages } = (await answer.json()) as { messages: readonly Message[] }
    const mail = messages.findLast((message) => message.kind === kind && message.to === to)
    if (mail) return mail
  }
}

describe('the whole life of an account', () => {
  let demo: RunningDemo
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
    demo = await startDemo({ REGISTRATION: 'verified' })
  })
  afterAll(async () => {
    await browser.close()
    expect(await demo.stop()).toBe(0)
    expect(demo.output().stderr).toBe('')
  })

  async function openLink(page: Page, kind: string, to: string, press: string): Promise<void> {
    await page.goto((await mailOf(demo, kind, to)).link ?? '')
    // The ticket is in no history, and opening the page has used nothing up.
    expect(new URL(page.url()).hash).toBe('')
    await page.getByRole('button', { name: press }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
  }

  it('goes from a sign-up with mail to deletion', async () => {
    const { page, picture } = await openFor(browser, demo.url)
    const email = newAddress()
    await page.getByRole('tab', { name: 'Create account' }).click()
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.locator('#submit-account').click()
    await noticed(page, /A mail was sent/)
    await picture('life-mail-sent')
    await signIn(page, email, password)
    await page.locator('#form-error', { hasText: 'Confirm your address first' }).waitFor()

    await page.goto(`${demo.url}/outbox`)
    await page.getByText(`To ${email}`).waitFor()
    await picture('life-outbox')
    await openLink(page, 'email_verification', email, 'Confirm the address')
    await page.getByRole('link', { name: 'To the demo' }).click()
    await signIn(page, email, password)
    await page.getByTestId('email-badge').getByText('verified', { exact: true }).waitFor()

    const next = `next-${email}`
    await page.getByLabel('New address').fill(next)
    await page.getByRole('button', { name: 'Change address' }).click()
    await page.locator('#notice', { hasText: next }).waitFor()
    await picture('life-signed-in')
    await mailOf(demo, 'email_change_notice', email)
    await openLink(page, 'email_change', next, 'Confirm the address')

    await page.goto(demo.url)
    await page.getByLabel('E-mail address').fill(next)
    await page.getByRole('button', { name: 'Forgot your password?' }).click()
    await noticed(page, /on its way/)
    await page.goto((await mailOf(demo, 'password_reset', next)).link ?? '')
    await page.locator('#new-password').fill('short')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByText('Use at least 8 characters.').waitFor()
    await picture('life-reset')
    await page.locator('#new-password').fill('an entirely new passphrase')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()

    await page.goto(demo.url)
    await signIn(page, next, password)
    await page.locator('#form-error', { hasText: 'wrong' }).waitFor()
    await signIn(page, next, 'an entirely new passphrase')
    await page.locator('#view-signed-in').waitFor()
    await page.getByLabel('Your password').fill('an entirely new passphrase')
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await noticed(page, /Your account is deleted/)
    await signIn(page, next, 'an entirely new passphrase')
    await page.locator('#form-error', { hasText: 'wrong' }).waitFor()
  })

  it('lets an owner say that it was not they, and get back in', async () => {
    const { page, picture } = await openFor(browser, demo.url)
    const email = newAddress()
    const http = createClient(demo.url)
    await http('POST', '/auth/register', { body: { email, password } })
    await openLink(page, 'email_verification', email, 'Confirm the address')
    const { body } = await http('POST', '/auth/login', { body: { email, password } })
    const bearer = String(body.accessToken)
    await http('POST', '/auth/email/change', { body: { newEmail: `thief-${email}` }, token: bearer })
    await page.goto((await mailOf(demo, 'email_change_notice', email)).link ?? '')
    await picture('life-not-me')
    await page.getByRole('button', { name: 'End all sessions' }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    expect((await http('GET', '/auth/me', { token: bearer })).body.code).toBe('token_revoked')
    await page.goto((await mailOf(demo, 'password_reset', email)).link ?? '')
    await page.locator('#new-password').fill('an entirely new passphrase')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
  })

  it.each(otherScreens)('fits a screen that is %s', async (name, options) => {
    for (const path of ['/outbox', '/reset-password#ticket=x', '/verify-email#ticket=x']) {
      const { page, picture } = await openFor(browser, `${demo.url}${path}`, options)
      expect(await fits(page)).toBe(true)
      await picture(`life-${path.replace(/\W+/g, ' ').trim().split(' ')[0]}-${name}`)
    }
  })
})

it.each(['fastify', 'koa', 'next'])('serves mails, their links and the outbox on %s', async (adapter) => {
  const demo = await startDemo({ REGISTRATION: 'verified' }, ['--adapter', adapter])
  try {
    const http = createClient(demo.url)
    const email = newAddress()
    expect((await http('POST', '/auth/register', { body: { email, password } })).status).toBe(202)
    const { link } = await mailOf(demo, 'email_verification', email)
    const { origin, pathname, hash } = new URL(link ?? '')
    expect(origin).toBe(new URL(demo.url).origin)
    expect(await (await fetch(`${origin}${pathname}`)).text()).toContain('/mail-link.js')
    const ticket = hash.replace('#ticket=', '')
    expect((await http('POST', '/auth/email/verify', { body: { ticket } })).status).toBe(204)
    expect((await http('POST', '/auth/login', { body: { email, password } })).status).toBe(200)
    expect(await (await fetch(`${origin}/outbox`)).text()).toContain(`To ${email}`)
  } finally {
    expect(await demo.stop()).toBe(0)
  }
})

it('hands mails to an SMTP server', async () => {
  const said: string[] = []
  const server = createServer((socket) => {
    socket.write('220 test\r\n')
    let isData = false
    socket.setEncoding('utf8').on('data', (text: string) => {
      said.push(text)
      if (isData && !text.includes('\r\n.\r\n')) return
      const reply = isData ? '250 taken' : /^DATA/i.test(text) ? '354 go on' : /^QUIT/i.test(text) ? '221 bye' : '250 ok'
      isData = reply.startsWith('354')
      socket.write(`${reply}\r\n`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on a port.
  const demo = await startDemo({ SMTP_URL: `smtp://127.0.0.1:${port}` })
  try {
    const http = createClient(demo.url)
    await http('POST', '/auth/register', { body: { email: 'ada@example.com', password } })
    await expect.poll(() => said.join('')).toContain('\r\n.\r\n')
    expect(said.join('')).toMatch(/RCPT TO:<ada@example.com>[\s\S]+Subject: Confirm your address for localhost/)
    expect((await fetch(`${demo.url}/outbox`)).status).toBe(404)
  } finally {
    expect(await demo.stop()).toBe(0)
    server.close()
  }
})
