import { AuthError } from '../../errors.js'
import { type AuthorizationStep, OAuthError } from '../../oauth-server/index.js'
import type { UserSession } from '../../sessions/index.js'
import { readCookie } from '../cookies.js'
import type { OAuthParts } from '../oauth-parts.js'
import { headerLines, type RequestSource } from '../request-source.js'
import { formRoute, type Route, route } from '../route.js'
import type { RouteTools } from '../route-tools.js'
import { bodies } from '../schemas.js'

/** What browsers call: the way to a client and back. */
export function authorizeRoutes({ authenticator, sessions, cookies }: RouteTools, oauth: OAuthParts): Route[] {
  const { authorization, pages, signIn } = oauth

  /** Who is signed in by cookie: no other credential counts here. What is wrong with a cookie makes nobody signed in. */
  async function visitorOf(source: RequestSource): Promise<UserSession | null> {
    const value = readCookie(headerLines(source, 'cookie').join(';'), cookies.session)
    if (!value) return null
    return sessions.authenticate(value).catch((error: unknown) => {
      if (error instanceof AuthError) return null
      throw error
    })
  }

  /** What is wrong with a request is told in OAuth's terms; that it could not be served, a person is told too. */
  function page(error: unknown): Promise<Response> | null {
    return error instanceof AuthError || error instanceof OAuthError ? null : pages.fault(oauth.refuse(error))
  }

  function answer(step: AuthorizationStep, path: string): Response | Promise<Response> {
    switch (step.step) {
      case 'refuse':
        return pages.refusal(step.reason)
      case 'redirect':
        return redirect(step.location)
      case 'ask':
        return pages.consent(step.question)
      case 'sign-in': {
        if (signIn === null) return pages.refusal('sign_in_first')
        const page = new URL(signIn)
        page.searchParams.set('returnTo', `${path}?${step.request}`)
        // They are signed in, and are to prove once more who they are.
        if (step.isForced) page.searchParams.set('prompt', 'login')
        return redirect(page.href)
      }
    }
  }

  return [
    route(
      'GET',
      '/oauth/authorize',
      bodies.none,
      async ({ source, ip, route }) => {
        // A question must be put to somebody, and a code be given to somebody.
        if (source.method === 'HEAD') throw new AuthError('method_not_allowed', { allow: ['GET', 'POST'] })
        const { pathname, searchParams } = new URL(source.url)
        return answer(await authorization.begin(searchParams, await visitorOf(source), { ip, route }), pathname)
      },
      'anyone',
      { page },
    ),
    formRoute(
      'POST',
      '/oauth/authorize',
      async ({ source, body, ip, route }) => {
        const [decision, ...others] = body.getAll('decision')
        const [requestId = '', ...otherIds] = body.getAll('request_id')
        const isDecided = (decision === 'allow' || decision === 'deny') && others.length + otherIds.length === 0
        try {
          await authenticator.requireOwnPage(source, 'none')
          if (!isDecided) return await pages.refusal('decision_missing')
          const visitor = await visitorOf(source)
          if (!visitor) return await pages.refusal('sign_in_first')
          const step = await authorization.decide(requestId, decision === 'allow', visitor, { ip, route })
          return await answer(step, new URL(source.url).pathname)
        } catch (error) {
          if (error instanceof AuthError && error.code === 'csrf_rejected') return pages.refusal('foreign_page')
          throw error
        }
      },
      { page },
    ),
  ]
}

/** Always 303: what was posted here goes no further (RFC 9700, section 4.12). */
function redirect(location: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  })
}
