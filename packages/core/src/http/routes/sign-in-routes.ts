import { readCookie } from '../cookies.js'
import { headerLines } from '../request-source.js'
import { type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'
import { createSessionStart } from '../session-start.js'

/** Signing up, in and on. */
export function signInRoutes(tools: RouteTools): Route[] {
  const { accounts, refresh, answers, cookies, deviceMarks, authenticator } = tools

  const signIn = createSessionStart(tools)

  return [
    route(
      'POST',
      '/register',
      bodies.register,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        const { email, password, name = null, transport } = call.body
        const user = await accounts.register({ email, password, name }, call)
        if (!user) return answers.json({ status: 'verification_sent' }, 202)
        return signIn({ user, isKnownDevice: false }, { transport, by: 'registration' }, call)
      },
      'anyone',
    ),
    route(
      'POST',
      '/login',
      bodies.login,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        const { email, password, transport, deviceToken } = call.body
        const deviceMark =
          deviceToken ?? readCookie(headerLines(call.source, 'cookie').join(';'), cookies.device) ?? undefined
        const { ip, route } = call
        const owner = await accounts.verifyPassword(email, password, { ip, route, deviceMark })
        return signIn(owner, { transport, by: 'login' }, call)
      },
      'anyone',
    ),
    route(
      'POST',
      '/refresh',
      bodies.refresh,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        const { user, session, refreshToken, access } = await refresh.refresh(call.body.refreshToken, call)
        const deviceToken = await deviceMarks.issue(user.id, user.sessionEpoch, session.id)
        return answers.tokens({ user, session, token: refreshToken, deviceToken }, access, { status: 200, withUser: false })
      },
      'anyone',
    ),
  ]
}
