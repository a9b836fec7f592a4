import type { Mail } from '@auth/core'
import { as, type EventRow, type EventScene, foreignPage, password, post } from './event-scene.js'
import { links, ticketOf } from './mail-app.js'
import type { ConfiguredRow } from './other-event-rows.js'
import type { TestConfig } from './test-app.js'

const email = 'ada@example.com'
const newEmail = 'countess@example.com'
const newPassword = 'another fine passphrase'
const sent: Mail[] = []

/** What makes a deployment send mails. */
export const mailing: TestConfig = { mailer: { send: (mail: Mail) => sent.push(mail) }, links }

/** Asks for a mail and gives the ticket in it. */
async function ticket(scene: EventScene, kind: Mail['kind'], path: string, body: object = {}): Promise<string> {
  await as('POST', path, { body })(scene)
  await scene.fresh()
  return ticketOf(sent.findLast((mail) => mail.kind === kind)?.link ?? '')
}
const toVerify = (scene: EventScene) => ticket(scene, 'email_verification', '/email/resend')
const toChange = (scene: EventScene) => ticket(scene, 'email_change', '/email/change', { newEmail })
const toReset = (scene: EventScene) => ticket(scene, 'password_reset', '/password/forgot', { email })
const toDisown = (scene: EventScene) => ticket(scene, 'email_change_notice', '/email/change', { newEmail })

const using =
  (path: string, make: (scene: EventScene) => Promise<string>, more: object = {}, times = 1) =>
  async (scene: EventScene): Promise<void> => {
    const body = { ticket: await make(scene), ...more }
    for (let use = 0; use < times; use++) {
      await scene.fresh()
      await post(path, body)(scene)
    }
  }
const foreign = (path: string, body: object): EventRow => [
  'from a foreign page',
  post(path, body, { headers: foreignPage }),
  'access.refused failure csrf_rejected',
]
const byNobody = (path: string): EventRow => ['by nobody', post(path, {}), null]
const withKey = (path: string, body: object): EventRow => [
  'with a key',
  async ({ app, key }) => app.call('POST', `/auth${path}`, { headers: { 'x-api-key': (await key()).key }, body }),
  'access.refused failure credential_not_allowed',
]

/** The routes of mails, with all that may come of them. */
export const mailEventRows: Readonly<Record<string, readonly EventRow[]>> = {
  'POST /auth/email/verify': [
    ['done', using('/email/verify', toVerify), 'email.verified success'],
    ['of another address', using('/email/verify', toChange), 'email.changed success'],
    ['a second time', using('/email/verify', toVerify, {}, 2), 'email.verified failure ticket_invalid'],
    ['of garbage', post('/email/verify', { ticket: 'x' }), 'email.verified failure ticket_invalid'],
    [
      'of an address that somebody else has by now',
      using('/email/verify', async (scene) => {
        const made = await toChange(scene)
        await scene.app.auth.accounts.create({ email: newEmail, password })
        return made
      }),
      'email.verified failure email_taken',
    ],
    foreign('/email/verify', { ticket: 'x' }),
  ],
  'POST /auth/email/resend': [
    ['done', as('POST', '/email/resend'), null],
    byNobody('/email/resend'),
    withKey('/email/resend', {}),
  ],
  'POST /auth/email/change': [
    ['done', as('POST', '/email/change', { body: { newEmail } }), 'email.change_requested success'],
    [
      'with a wrong password',
      as('POST', '/email/change', { body: { newEmail, password: 'not the password' } }),
      'email.change_requested failure invalid_credentials',
    ],
    [
      'long after the sign-in',
      async (scene) => {
        await scene.app.clock.advance(700_000)
        await as('POST', '/email/change', { body: { newEmail } })(scene)
      },
      'access.refused failure recent_login_required',
    ],
    ['by nobody', post('/email/change', { newEmail }), null],
    withKey('/email/change', { newEmail }),
  ],
  'POST /auth/password/forgot': [
    ['done', post('/password/forgot', { email }), 'password.reset_requested success'],
    ['of nobody', post('/password/forgot', { email: 'nobody@example.com' }), 'password.reset_requested failure not_found'],
    foreign('/password/forgot', { email }),
  ],
  'POST /auth/password/reset': [
    ['done', using('/password/reset', toReset, { newPassword }), 'password.reset success'],
    [
      'with a bad password',
      using('/password/reset', toReset, { newPassword: 'short' }),
      'password.reset failure validation_failed',
    ],
    ['a second time', using('/password/reset', toReset, { newPassword }, 2), 'password.reset failure ticket_invalid'],
    ['too often', using('/password/reset', toReset, { newPassword }, 32), 'password.reset failure too_many_attempts'],
    foreign('/password/reset', { ticket: 'x', newPassword }),
  ],
  'POST /auth/security/not-me': [
    ['done', using('/security/not-me', toDisown), 'security.not_me success'],
    ['a second time', using('/security/not-me', toDisown, {}, 2), 'security.not_me failure ticket_invalid'],
    foreign('/security/not-me', { ticket: 'x' }),
  ],
}

/** What mails leave that takes a configuration of its own, or more than one call. */
export const otherMailEventRows: readonly ConfiguredRow[] = [
  [
    'a forgotten password of a disabled account',
    async (scene) => {
      await scene.app.auth.accounts.disable(scene.ada.userId)
      await scene.fresh()
      await post('/password/forgot', { email })(scene)
    },
    'password.reset_requested failure account_disabled',
  ],
  [
    'more mails than may go to one recipient',
    async (scene) => {
      for (let mails = 0; mails < 5; mails++) await post('/password/forgot', { email })(scene)
      await scene.fresh()
      await post('/password/forgot', { email })(scene)
    },
    'password.reset_requested success, mail.suppressed failure',
  ],
  [
    'a mailer that fails',
    as('POST', '/email/resend'),
    'mail.failed failure',
    { mailer: { send: () => Promise.reject(new Error('down')) } },
  ],
  [
    'a sign-up with a known address, of which nobody is told',
    post('/register', { email, password }),
    'registration failure email_taken',
    { registration: 'verified' },
  ],
]
