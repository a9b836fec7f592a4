import type { Mailer } from '@auth/core'
import { createTransport } from 'nodemailer'

/** Hands mails to an SMTP server. */
export function smtpMailer(url: string, issuer: string): Mailer {
  const transport = createTransport(url)
  const from = { name: 'Auth SDK demo', address: `no-reply@${new URL(issuer).hostname}` }
  return {
    // An address given as an object is never read as a list.
    send: ({ to, subject, text, html }) => transport.sendMail({ from, to: { name: '', address: to }, subject, text, html }),
  }
}
