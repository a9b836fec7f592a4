import { type Route, route } from '../route.js'
import type { RouteDeps, RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

const recentSeconds = 600
/** The answer to whoever asks for a mail, whether or not one goes out. */
const accepted = { status: 'accepted' }

/** What goes by mail: confirming addresses, new passwords, and saying that it was somebody else. */
export function mailRoutes(tools: RouteTools, { emails, recovery }: NonNullable<RouteDeps['mailed']>): Route[] {
  const { answers, authenticator, deviceMarks, requireUser } = tools

  return [
    route(
      'POST',
      '/email/verify',
      bodies.ticket,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        await emails.confirm(call.body.ticket, call)
        return answers.empty()
      },
      'anyone',
    ),
    route('POST', '/email/resend', bodies.none, async (call) => {
      const { user } = await requireUser(call)
      emails.resend(user)
      return answers.json(accepted, 202)
    }),
    route('POST', '/email/change', bodies.emailChange, async (call) => {
      const { principal, user, context } = await requireUser(call)
      const { newEmail, password } = call.body
      if (password === undefined) await authenticator.require(call.source, principal, { recent: recentSeconds })
      await emails.requestChange({ user, address: newEmail, password }, context)
      return answers.json(accepted, 202)
    }),
    route(
      'POST',
      '/password/forgot',
      bodies.passwordForgot,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        recovery.requestReset(call.body.email, call)
        return answers.json(accepted, 202)
      },
      'anyone',
    ),
    route(
      'POST',
      '/password/reset',
      bodies.passwordReset,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        const { ticket, newPassword } = call.body
        const { id, sessionEpoch } = await recovery.reset(ticket, newPassword, call)
        // Whoever has read the account's mail is its owner: a stranger's wrong passwords are not to lock this device out.
        return answers.empty({ marked: await deviceMarks.issue(id, sessionEpoch) })
      },
      'anyone',
    ),
    route(
      'POST',
      '/security/not-me',
      bodies.ticket,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        await recovery.notMe(call.body.ticket, call)
        return answers.empty()
      },
      'anyone',
    ),
  ]
}
