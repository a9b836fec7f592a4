import { AuthError } from '../../errors.js'
import { type AttemptCookie, attemptSeconds, returnTarget, type SocialReturn } from '../../oauth-client/index.js'
import { readCookie, readCookies, setCookie } from '../cookies.js'
import { refusalResponse } from '../problem.js'
import { singleParameter } from '../query.js'
import { refusalPage, wantsPage } from '../refusal-page.js'
import { headerLines, type RequestSource } from '../request-source.js'
import { formRoute, type Route, type RouteCall, route } from '../route.js'
import type { CallingUser, RouteTools } from '../route-tools.js'
import { bodies, type Transport } from '../schemas.js'
import { createSessionStart } from '../session-start.js'
import type { SocialParts } from '../social-parts.js'

const recentSeconds = 600
/** A browser with more attempts under way than this starts afresh: its cookies must not outgrow what servers read. */
const mostAttempts = 5
/** What a provider sends back. Nothing else of a form gets into an address. */
const answerParameters = ['state', 'code', 'iss', 'error'] as const
const longestParameter = 4096

/** Signing in with providers, and what is linked to an account. */
export function socialRoutes(tools: RouteTools, social: SocialParts): Route[] {
  const { accounts, answers, authenticator, cookies, deviceMarks, origins, requireUser, sessions } = tools
  const signIn = createSessionStart(tools)

  const cookieHeader = (source: RequestSource): string => headerLines(source, 'cookie').join(';')
  const targetOf = (target: string | null): string => returnTarget(target, social.issuer, origins)
  const page = (error: unknown): Response => refusalPage(social.refuse(error), targetOf(null))
  const accepts = (id: string): boolean => social.signIn.offers(id)

  function attemptsOf(source: RequestSource): readonly AttemptCookie[] {
    const found = readCookies(cookieHeader(source), cookies.attemptPrefix, 2 * mostAttempts)
    return [...found].map(([id, value]) => ({ id, value }))
  }

  function attemptCookie({ id, value }: AttemptCookie): string {
    return setCookie(cookies, cookies.attemptPrefix + id, value, value === '' ? 0 : attemptSeconds)
  }

  /** The cookies that begin an attempt, and end those that are too many. */
  function beginning(source: RequestSource, cookie: AttemptCookie): readonly string[] {
    const others = attemptsOf(source)
    const ended = others.length >= mostAttempts ? others.map(({ id }) => attemptCookie({ id, value: '' })) : []
    return [attemptCookie(cookie), ...ended]
  }

  async function signedInUser(source: RequestSource): Promise<string | null> {
    const token = readCookie(cookieHeader(source), cookies.session)
    if (!token) return null
    const found = await sessions.authenticate(token).catch((error: unknown) => {
      if (error instanceof AuthError) return null
      throw error
    })
    return found?.user.id ?? null
  }

  async function finish(call: RouteCall<unknown>, back: SocialReturn): Promise<Response> {
    const { attempt, signedIn, authenticatedAt } = await social.signIn.finish(back)
    if (!signedIn) return redirect(attempt.returnTo)
    const { user, isNew } = signedIn
    if (attempt.transport === 'bearer') {
      const ticket = await social.issueTicket({
        userId: user.id,
        sessionEpoch: user.sessionEpoch,
        authenticatedAt,
      })
      const target = new URL(attempt.returnTo)
      target.hash = `ticket=${ticket}`
      return redirect(target.href)
    }
    const mark = readCookie(cookieHeader(call.source), cookies.device)
    const isKnownDevice = mark ? (await deviceMarks.identify(mark, user.id, user.sessionEpoch)) !== null : false
    const by = isNew ? 'registration' : 'login'
    const begun = await signIn({ user, isKnownDevice }, { transport: 'cookie', by, authenticatedAt }, call)
    return redirect(attempt.returnTo, begun.headers.getSetCookie())
  }

  async function callback(call: RouteCall<unknown>): Promise<Response> {
    const { ip, route: path, source } = call
    const back: SocialReturn = {
      provider: call.id,
      parameters: new URL(source.url).searchParams,
      cookies: attemptsOf(source),
      signedIn: () => signedInUser(source),
      context: { ip, route: path },
    }
    // What is refused has ended an attempt as well: its cookie goes with the answer.
    const response = await finish(call, back).catch((error: unknown) =>
      wantsPage(source) ? page(error) : refusalResponse(social.refuse(error)),
    )
    for (const id of await social.signIn.endedBy(back)) {
      if (back.cookies.some((cookie) => cookie.id === id))
        response.headers.append('set-cookie', attemptCookie({ id, value: '' }))
    }
    return response
  }

  /** Whoever links or unlinks has signed in lately, or gives their password. */
  async function requireProof(
    { source, body: { password } }: RouteCall<{ readonly password?: string | undefined }>,
    { principal, user, context }: CallingUser,
    command: 'identity.linked' | 'identity.unlinked',
  ): Promise<void> {
    if (password === undefined) await authenticator.require(source, principal, { recent: recentSeconds })
    else await accounts.proveFor(command, user, password, context)
  }

  async function link(
    call: RouteCall<{ readonly returnTo?: string | undefined; readonly password?: string | undefined }>,
  ): Promise<Response> {
    const caller = await requireUser(call)
    const { user, sessionId } = caller
    await requireProof(call, caller, 'identity.linked')
    const { url, cookie } = await social.signIn.start({
      provider: call.id,
      returnTo: targetOf(call.body.returnTo ?? null),
      transport: 'cookie',
      prompt: null,
      link: { userId: user.id, sessionId, sessionEpoch: user.sessionEpoch },
    })
    const response = answers.json({ url })
    for (const line of beginning(call.source, cookie)) response.headers.append('set-cookie', line)
    return response
  }

  return [
    route(
      'GET',
      '/signin/:id',
      bodies.none,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        const { searchParams } = new URL(call.source.url)
        const returnTo = targetOf(searchParams.getAll('returnTo').length === 1 ? searchParams.get('returnTo') : null)
        const transport = transportOf(singleParameter(searchParams, 'transport'))
        const prompt = promptOf(singleParameter(searchParams, 'prompt'))
        const { url, cookie } = await social.signIn.start({ provider: call.id, returnTo, transport, prompt, link: null })
        return redirect(url, beginning(call.source, cookie))
      },
      'anyone',
      { accepts, page },
    ),
    route('GET', '/callback/:id', bodies.none, callback, 'anyone', { accepts, page }),
    // A form comes from the provider's page, and so without our cookies: they come with the request that this answer leads to.
    formRoute(
      'POST',
      '/callback/:id',
      async ({ body, source }) => {
        const { pathname } = new URL(source.url)
        const kept = new URLSearchParams()
        for (const name of answerParameters)
          for (const value of body.getAll(name).slice(0, 2)) kept.append(name, value.slice(0, longestParameter))
        return redirect(`${pathname}?${kept.toString()}`)
      },
      { accepts, page },
    ),
    route(
      'POST',
      '/signin/exchange',
      bodies.ticket,
      async (call) => {
        await authenticator.requireOwnPage(call.source, 'none')
        const { ip, route: path, body } = call
        const { user, authenticatedAt } = await social.exchange(body.ticket, { ip, route: path })
        return signIn({ user, isKnownDevice: false }, { transport: 'bearer', by: 'login', authenticatedAt }, call)
      },
      'anyone',
    ),
    route('GET', '/identities', bodies.none, async (call) => {
      const { user } = await requireUser(call)
      return answers.json({ identities: await social.identities.list(user.id) })
    }),
    route('POST', '/identities/:id', bodies.socialLink, link, 'user', { accepts }),
    route('DELETE', '/identities/:id', bodies.socialUnlink, async (call) => {
      const caller = await requireUser(call)
      await requireProof(call, caller, 'identity.unlinked')
      await social.identities.unlink(caller.user, call.id, caller.context)
      return answers.empty()
    }),
  ]
}

function transportOf(value: string | null): Transport {
  if (value === null || value === 'cookie') return 'cookie'
  if (value === 'bearer') return 'bearer'
  throw new AuthError('invalid_request')
}

function promptOf(value: string | null): 'login' | null {
  if (value === null || value === 'login') return value
  throw new AuthError('invalid_request')
}

function redirect(location: string, setCookies: readonly string[] = []): Response {
  const headers = new Headers({ location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  for (const cookie of setCookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}
