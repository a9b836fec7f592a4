import type { PasswordOwner } from '../../accounts/index.js'
import type { SignedIn } from '../answers.js'
import { readCookie } from '../cookies.js'
import { headerLines, type RequestSource } from '../request-source.js'
import { type Route, type RouteCall, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies, type Transport } from '../schemas.js'

const userAgentLength = 256

/** Signing up, in and on. */
export function signInRoutes(tools: RouteTools): Route[] {
  const { accounts, sessions, refresh, answers, clock, cookies, deviceMarks, issueAccess, newDevices, authenticator } = tools

  async function signIn(
    { user, isKnownDevice }: PasswordOwner,
    transport: Transport,
    by: 'login' | 'registration',
    call: RouteCall<unknown>,
  ): Promise<Response> {
    const authenticatedAt = clock.now()
    const carrier = transport === 'cookie' ? 'cookie' : 'refresh'
    const status = by === 'registration' ? 201 : 200
    const userAgent = headerLines(call.source, 'user-agent')[0]?.slice(0, userAgentLength)
    const carried = await sessions.start({ user, carrier, by, authenticatedAt, context: call, userAgent })
    const noted = newDevices.note({ session: carried.session, isKnownDevice })
    const deviceToken = await deviceMarks.issue(user.id, user.sessionEpoch, carried.session.id)
    const signedIn: SignedIn = { user, ...carried, deviceToken }
    if (transport === 'cookie') {
      await Promise.all([endReplacedSession(call.source), noted])
      return answers.cookie(signedIn, status)
    }
    const [access] = await Promise.all([issueAccess(user, carried.session), noted])
    return answers.tokens(signedIn, access, { status, withUser: true })
  }

  /** A login in a browser takes the place of the one before: its cookie is overwritten, so its session ends. */
  async function endReplacedSession(source: RequestSource): Promise<void> {
    const old = readCookie(headerLines(source, 'cookie').join(';'), cookies.session)
    const sessionId = old ? await sessions.identify(old) : null
    if (sessionId) await sessions.end(sessionId, 'replaced')
  }

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
        return signIn({ user, isKnownDevice: false }, transport, 'registration', call)
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
        return signIn(owner, transport, 'login', call)
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
