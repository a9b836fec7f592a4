import { publicUser } from '../../accounts/index.js'
import { AuthError } from '../../errors.js'
import { viewPrincipal, viewSession } from '../answers.js'
import type { PresentedCredential } from '../credentials.js'
import type { RequestSource } from '../request-source.js'
import { type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

/** Who am I, where am I signed in, and signing out. */
export function sessionRoutes(tools: RouteTools): Route[] {
  const { accounts, sessions, answers, authenticator, requirePrincipal, requireUser, tokens } = tools

  /** What came with a logout; a token that nobody can have issued is as good as none. */
  function presented(source: RequestSource): PresentedCredential | null {
    try {
      const credential = authenticator.credential(source)
      return credential.kind === 'none' ? null : credential
    } catch (error) {
      if (error instanceof AuthError && error.code === 'token_malformed') return null
      throw error
    }
  }

  /** The session that a logout is about: the credential's, dead or alive. A dead one is no reason to refuse. */
  async function credentialSession(source: RequestSource): Promise<string | null> {
    const credential = presented(source)
    if (credential === null) {
      await authenticator.requireOwnPage(source, 'none')
      return null
    }
    if (credential.kind === 'cookie') {
      await authenticator.requireOwnPage(source, 'cookie')
      return sessions.identify(credential.token)
    }
    if (credential.kind !== 'bearer') return null
    return (await tokens.recognise(credential.token))?.sid ?? null
  }

  return [
    route(
      'POST',
      '/logout',
      bodies.logout,
      async ({ source, body, ip, route }) => {
        const ended = new Set<string>()
        const ofCredential = await credentialSession(source)
        if (ofCredential) ended.add(ofCredential)
        const ofToken = body.refreshToken ? await sessions.identify(body.refreshToken) : null
        if (ofToken) ended.add(ofToken)
        for (const sessionId of ended) await sessions.logout(sessionId, { ip, route })
        return answers.empty({ cleared: true })
      },
      'anyone',
    ),
    route('POST', '/logout-all', bodies.none, async (call) => {
      const { user, context } = await requireUser(call)
      await accounts.endAllSessions(user.id, context)
      return answers.empty({ cleared: true })
    }),
    route(
      'GET',
      '/me',
      bodies.none,
      async (call) => {
        const { principal, userSession } = await requirePrincipal(call)
        const user = userSession?.user ?? (principal.userId === undefined ? null : await accounts.find(principal.userId))
        return answers.json({ principal: viewPrincipal(principal), ...(user ? { user: publicUser(user) } : {}) })
      },
      'signed-in',
    ),
    route('GET', '/sessions', bodies.none, async (call) => {
      const { user, sessionId } = await requireUser(call)
      const live = await sessions.list(user)
      return answers.json({ sessions: live.map((session) => viewSession(session, sessionId)) })
    }),
    route('DELETE', '/sessions/:id', bodies.none, async (call) => {
      const { user, sessionId, context } = await requireUser(call)
      await sessions.endOwn(user.id, call.id, context)
      return call.id === sessionId ? answers.empty({ cleared: true }) : answers.empty()
    }),
  ]
}
