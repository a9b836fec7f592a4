import type { Mail, MailLinks } from '@auth/core'
import { expect } from 'vitest'
import { issuer, password, type TestApp, type TestConfig, testApp } from './test-app.js'

/** Pages of the tests' application. */
export const links: MailLinks = {
  verifyEmail: `${issuer}/verify-email`,
  resetPassword: `${issuer}/reset-password?lang=en`,
  signIn: `${issuer}/sign-in`,
  notMe: `${issuer}/not-me`,
}

/** A deployment that sends mails, and what it has sent. */
export interface MailApp extends TestApp {
  readonly sent: readonly Mail[]
  /** The mails to an address once all are sent, of a kind, oldest first. */
  mails(kind?: Mail['kind'], to?: string): Promise<readonly Mail[]>
  /** The ticket in the newest of them. */
  ticket(kind: Mail['kind'], to?: string): Promise<string>
}

/** Makes a deployment that sends mails into a list. */
export function mailApp(config: TestConfig = {}): MailApp {
  const sent: Mail[] = []
  const mailer = { send: (mail: Mail) => void sent.push(mail) }
  const app = testApp({ mailer, links, ...config })
  async function mails(kind?: Mail['kind'], to?: string): Promise<readonly Mail[]> {
    await app.auth.mailsSent()
    return sent.filter((mail) => (kind ?? mail.kind) === mail.kind && (to ?? mail.to) === mail.to)
  }
  return {
    ...app,
    sent,
    mails,
    async ticket(kind, to) {
      const mail = (await mails(kind, to)).at(-1)
      if (!mail?.link) throw new Error(`no mail of kind ${kind} with a link`)
      return ticketOf(mail.link)
    },
  }
}

/** The ticket in a link. */
export function ticketOf(link: string): string {
  return new URLSearchParams(new URL(link).hash.slice(1)).get('ticket') ?? ''
}

/** Signs somebody in with tokens. */
export async function bearerOf(app: TestApp, email: string, secret: string = password): Promise<string> {
  const { status, body } = await app.call('POST', '/auth/login', { body: { email, password: secret } })
  expect(status).toBe(200)
  return String(body.accessToken)
}

/** Changes the address of whoever is signed in, and confirms it. */
export async function moveTo(app: MailApp, bearer: string, newEmail: string): Promise<void> {
  expect((await app.call('POST', '/auth/email/change', { bearer, body: { newEmail } })).status).toBe(202)
  const ticket = await app.ticket('email_change', newEmail)
  expect((await app.call('POST', '/auth/email/verify', { body: { ticket } })).status).toBe(204)
}

/** Says that something was not its owner, by the ticket of a warning. */
export function notMe(app: MailApp, ticket: string): ReturnType<MailApp['call']> {
  return app.call('POST', '/auth/security/not-me', { body: { ticket } })
}

/** The address that an account has. */
export async function addressOf(app: MailApp, userId: string): Promise<string | undefined> {
  return (await app.auth.accounts.find(userId))?.email
}
