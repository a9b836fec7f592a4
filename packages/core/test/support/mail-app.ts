import type { Mail, MailLinks } from '@auth/core'
import { issuer, type TestApp, type TestConfig, testApp } from './test-app.js'

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
