import type { ApiKeyService } from '../api-keys/index.js'
import type { AuditContext, AuditRecorder } from '../audit/index.js'
import { AuthError } from '../errors.js'
import { createPrincipal, isOwnSession, type Principal, type Requirement, type Roles } from '../rbac/index.js'
import type { SessionLookup, UserSession } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import type { Network } from '../shared/network.js'
import type { TokenService } from '../tokens/index.js'
import { bearerPrincipal } from './bearer-principal.js'
import { clientAddress, isPrivateAddress } from './client-address.js'
import type { CookieNames } from './cookies.js'
import { type PresentedCredential, readCredential } from './credentials.js'
import { isUnsafe, refuseForeignPage, requireOwnPage } from './csrf.js'
import { namedSegments } from './named-segments.js'
import { type AuthLogger, toRefusal } from './problem.js'
import type { Refusal } from './refusal.js'
import { headerLines, type RequestSource } from './request-source.js'
import { requireAllowed } from './require-allowed.js'

/** Who is calling, or the answer that refuses them. */
export type Authentication =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: Refusal }

/** A verified credential. */
export interface Identified {
  readonly principal: Principal
  /** The session and user behind a cookie, as just looked up. */
  readonly userSession: UserSession | null
}

/** What the authenticator needs. */
export interface AuthenticatorDeps {
  readonly tokens: TokenService
  readonly sessions: SessionLookup
  /** `null` where there are no API keys. */
  readonly apiKeys: Pick<ApiKeyService, 'claims' | 'verify'> | null
  readonly roles: Roles
  readonly clock: Clock
  readonly audit: AuditRecorder
  readonly logger: AuthLogger
  /** The URL that challenges name (RFC 9728, section 5.1); `null` where there is none. */
  readonly resourceMetadata: string | null
  readonly cookies: CookieNames
  readonly origins: ReadonlySet<string>
  readonly trustedProxies: readonly Network[]
}

/** What one of the SDK's own routes asks of its caller. */
export interface RouteNeeds {
  /** Whether only a person in a session of their own will do. */
  readonly ownSession?: boolean
  readonly requirement?: Requirement
}

/** Finds out who is calling and whether they may. */
export interface Authenticator {
  /** Never rejects: every fault is a refusal. */
  authenticate<Context>(
    source: RequestSource,
    requirement?: Requirement<string, string, Context>,
    context?: Context,
  ): Promise<Authentication>
  /** The same for the SDK's own routes, and what is behind the credential. @throws AuthError, StoreError */
  enforce(source: RequestSource, needs?: RouteNeeds): Promise<Identified>
  /** The one credential of a request, unverified. @throws AuthError */
  credential(source: RequestSource): PresentedCredential
  /** Checks a requirement of one of the SDK's own routes. @throws AuthError */
  require(source: RequestSource, principal: Principal, requirement: Requirement): Promise<void>
  /** Refuses what says that it comes from a foreign page, and with a cookie what does not say otherwise. @throws AuthError `csrf_rejected` */
  requireOwnPage(source: RequestSource, credential: 'cookie' | 'none'): Promise<void>
  /** The client's address, forwarded by trusted proxies alone. */
  address(source: RequestSource): string | undefined
  /** What the events of a request say of it. */
  contextOf(source: RequestSource, principal: Principal | null): AuditContext
}

/** Makes the authenticator. */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { tokens, sessions, apiKeys, roles, audit, logger, cookies, origins } = deps
  let warnedOfProxy = false

  function cookiePrincipal({ session, user }: UserSession): Principal {
    const granted = roles.resolve(user.roles)
    return createPrincipal({
      kind: 'user',
      subject: user.id,
      userId: user.id,
      sessionId: session.id,
      ...granted,
      via: 'cookie',
      authenticatedAt: session.authenticatedAt,
    })
  }

  function credentialOf(source: RequestSource): PresentedCredential {
    return readCredential(source, cookies.session, (text) => apiKeys?.claims(text) ?? false)
  }

  async function identify(source: RequestSource): Promise<Identified> {
    const credential = credentialOf(source)
    switch (credential.kind) {
      case 'none':
        throw new AuthError('credentials_missing')
      case 'bearer':
        return { principal: bearerPrincipal(await tokens.verify(credential.token)), userSession: null }
      case 'api-key':
        if (!apiKeys) throw new AuthError('api_key_invalid')
        return { principal: await apiKeys.verify(credential.key, { ip: address(source) }), userSession: null }
      case 'cookie': {
        const userSession = await sessions.authenticate(credential.token)
        return { principal: cookiePrincipal(userSession), userSession }
      }
    }
  }

  const require = <Context>(principal: Principal, requirement: Requirement<string, string, Context>, context?: Context) =>
    requireAllowed(principal, requirement, deps, context)

  function address(source: RequestSource): string | undefined {
    warnOfUntrustedProxy(source)
    return clientAddress(source, deps.trustedProxies, () =>
      warnOfProxy(source, 'a trusted proxy forwards what is no address'),
    )
  }

  /** All clients behind an unconfigured proxy share one address, and so one limit: worth one line in the log. */
  function warnOfUntrustedProxy(source: RequestSource): void {
    if (warnedOfProxy || deps.trustedProxies.length > 0 || headerLines(source, 'x-forwarded-for').length === 0) return
    if (source.ip === undefined || !isPrivateAddress(source.ip)) return
    warnOfProxy(source, 'a private peer sends X-Forwarded-For, but trustedProxies is not set')
  }

  function warnOfProxy(source: RequestSource, why: string): void {
    if (!warnedOfProxy) logger.warn({ peer: source.ip }, `${why}: its clients share one address`)
    warnedOfProxy = true
  }

  async function recordRefusal(source: RequestSource, principal: Principal | null, error: unknown): Promise<void> {
    if (!(error instanceof AuthError) || !recordedRefusals.has(error.code)) return
    await audit.record({ type: 'access.refused', outcome: 'failure', code: error.code, ...contextOf(source, principal) })
  }

  function contextOf(source: RequestSource, principal: Principal | null): AuditContext {
    const route = `${source.method} ${routeOf(source)}`
    return { ip: address(source), route, actor: principal?.subject, sessionId: principal?.sessionId }
  }

  /** Judges a caller, known or not; a refusal is recorded. */
  async function judging(
    source: RequestSource,
    principal: Principal | null,
    judge: () => void | Promise<void>,
  ): Promise<void> {
    try {
      await judge()
    } catch (error) {
      // That a refusal could not be recorded does not turn it into anything else.
      await recordRefusal(source, principal, error).catch(() => undefined)
      throw error
    }
  }

  /** Identifies the caller and judges them. Whoever is not known is refused without a trace: strangers could fill the trail. */
  async function admit(source: RequestSource, judge: (principal: Principal) => Promise<void>): Promise<Identified> {
    const identified = await identify(source)
    const { principal } = identified
    await judging(source, principal, async () => {
      if (principal.via === 'cookie' && isUnsafe(source)) requireOwnPage(source, origins)
      await judge(principal)
    })
    return identified
  }

  return {
    credential: credentialOf,
    address,
    contextOf,
    require: (source, principal, requirement) => judging(source, principal, () => require(principal, requirement)),
    requireOwnPage: (source, credential) =>
      judging(source, null, () => (credential === 'cookie' ? requireOwnPage : refuseForeignPage)(source, origins)),
    enforce: (source, { ownSession = false, requirement } = {}) =>
      admit(source, async (principal) => {
        if (ownSession && !isOwnSession(principal)) throw new AuthError('credential_not_allowed')
        if (requirement) await require(principal, requirement)
      }),
    async authenticate(source, requirement, context) {
      try {
        const { principal } = await admit(source, async (caller) => {
          // Where the adapter has nothing better, a check is told of the request by what the guard saw of it.
          if (requirement) await require<unknown>(caller, requirement as Requirement, context ?? source)
        })
        return { ok: true, principal }
      } catch (error) {
        return { ok: false, refusal: toRefusal(error, logger, deps.resourceMetadata) }
      }
    },
  }
}

const recordedRefusals: ReadonlySet<string> = new Set([
  'csrf_rejected',
  'insufficient_scope',
  'insufficient_role',
  'recent_login_required',
  'credential_not_allowed',
])

/** The route's pattern; where it is not known, the path without what may be an id or a secret in it, and without the query. */
function routeOf(source: RequestSource): string {
  const pattern = source.route?.()
  if (pattern !== undefined) return pattern
  const path = source.url.split('?', 1)[0] ?? ''
  return namedSegments(URL.canParse(path) ? new URL(path).pathname : path)
}
