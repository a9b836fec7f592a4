import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectProblem, expectStatus } from '../http-expectations.js'
import { type HttpSuite, issuer } from '../http-suite.js'
import { bearer, type Visitor } from '../visitor.js'

const newPassword = 'another long passphrase'

/** What goes by mail: addresses, new passwords, and saying that it was somebody else. */
export function mailRows({ it, visitor }: HttpSuite): void {
  it('confirms an address by the mail of the sign-up, once', async () => {
    const { register, get, post, email, ...calls } = await visitor()
    const owner = bearer((await register()).accessToken)
    expectStatus(await post('~/email/resend', undefined, owner), 202, 'asking for the mail again is answered 202')
    const ticket = ticketIn(await linkTo(get, email, 'email_verification'))
    expectProblem(await calls.call('GET', '~/email/verify'), '405 method_not_allowed', 'only a POST takes the ticket')
    expectStatus(await post('~/email/verify', { ticket }), 204, 'confirming is answered 204')
    expectThat((await get('~/me', owner)).text.includes('"emailVerified":true'), 'the address is confirmed')
    expectProblem(await post('~/email/verify', { ticket }), '400 ticket_invalid', 'a ticket works once')
  })

  it('LG-08 resets a password by a link that no header of a request has a part in', async () => {
    const { register, get, post, email, password } = await visitor()
    const { accessToken } = await register()
    const hosts = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' }
    const known = await post('~/password/forgot', { email }, hosts)
    const unknown = await post('~/password/forgot', { email: `no-${email}` })
    expectStatus(known, 202, 'asking for a new password is answered 202')
    expectEqual([unknown.status, unknown.text], [known.status, known.text], 'an unknown address is answered alike')
    const link = await linkTo(get, email, 'password_reset')
    expectEqual(new URL(link).origin, issuer, 'the link leads where the configuration says')
    const ticket = ticketIn(link)
    expectProblem(
      await post('~/password/reset', { ticket, newPassword: 'short' }),
      '422 validation_failed',
      'the policy holds',
    )
    expectStatus(await post('~/password/reset', { ticket, newPassword }), 204, 'a reset is answered 204')
    expectProblem(await get('~/me', bearer(accessToken)), '401 token_revoked', 'every session has ended')
    expectProblem(await post('~/login', { email, password }), '401 invalid_credentials', 'the old password is none')
    expectStatus(await post('~/login', { email, password: newPassword }), 200, 'the new one is')
  })

  it('LG-12 changes an address once the new one is confirmed, and tells the old one', async () => {
    const { register, get, post, email, password } = await visitor()
    const owner = bearer((await register()).accessToken)
    const newEmail = `new-${email}`
    expectStatus(
      await post('~/email/change', { newEmail, password }, owner),
      202,
      'asking for another address is answered 202',
    )
    const ticket = ticketIn(await linkTo(get, newEmail, 'email_change'))
    await linkTo(get, email, 'email_change_notice')
    expectThat((await get('~/me', owner)).text.includes(`"${email}"`), 'nothing has changed yet')
    expectStatus(await post('~/email/verify', { ticket }), 204, 'confirming is answered 204')
    expectThat((await get('~/me', owner)).text.includes(`"${newEmail}"`), 'the account has the new address')
  })

  it('ends all sessions for an owner who says that it was not they', async () => {
    const { register, get, post, email, password } = await visitor()
    const { accessToken } = await register()
    await post('~/email/change', { newEmail: `new-${email}`, password }, bearer(accessToken))
    const ticket = ticketIn(await linkTo(get, email, 'email_change_notice'))
    expectStatus(await post('~/security/not-me', { ticket }), 204, 'saying so is answered 204')
    expectProblem(await get('~/me', bearer(accessToken)), '401 token_revoked', 'every session has ended')
    expectProblem(await post('~/login', { email, password }), '401 invalid_credentials', 'the password is none any more')
    await linkTo(get, email, 'password_reset')
  })
}

/** The link in the newest mail of a kind to an address. */
async function linkTo(get: Visitor['get'], to: string, kind: string): Promise<string> {
  const { mails } = (await get('~/probe/mails')).json() as { mails: readonly { to: string; kind: string; link: string }[] }
  const mail = mails.findLast((sent) => sent.to === to && sent.kind === kind)
  expectThat(mail !== undefined, `a mail was sent: ${kind}`)
  return mail?.link ?? ''
}

function ticketIn(link: string): string {
  return new URLSearchParams(new URL(link).hash.slice(1)).get('ticket') ?? ''
}
