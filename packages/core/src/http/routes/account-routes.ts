import { type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

const recentSeconds = 600

/** What people do to their own account. */
export function accountRoutes(tools: RouteTools): Route[] {
  const { accounts, sessions, answers, deviceMarks, authenticator, requireUser } = tools

  return [
    route('POST', '/password/change', bodies.passwordChange, async (call) => {
      const { user, sessionId, context } = await requireUser(call)
      const session = await sessions.find(sessionId)
      // The current password, checked here, is as recent as a proof can be.
      const carried = await accounts.changePassword({ user, session, ...call.body }, context)
      if (carried?.token == null) return answers.empty()
      const deviceToken = await deviceMarks.issue(user.id, carried.session.epoch, carried.session.id)
      return answers.empty({ renewed: { user, session: carried.session, token: carried.token, deviceToken } })
    }),
    route('POST', '/me/delete', bodies.deleteMe, async (call) => {
      const { principal, user, context } = await requireUser(call)
      if (user.passwordHash === null) await authenticator.require(call.source, principal, { recent: recentSeconds })
      await accounts.deleteOwn(user, call.body.password, context)
      return answers.empty({ cleared: true })
    }),
  ]
}
