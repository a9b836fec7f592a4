import type { ApiKeyService } from '../api-keys/index.js'
import type { AuditRecorder } from '../audit/index.js'
import { AuthError } from '../errors.js'
import {
  createPrincipal,
  type Decision,
  decide,
  type Principal,
  type PrincipalFields,
  type Requirement,
  type Roles,
} from '../rbac/index.js'
import type { SessionLookup, UserSession } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import type { Network } from '../shared/network.js'
import { type AccessClaims, firstPartyClientId, type TokenService } from '../tokens/index.js'
import { clientAddress, isPrivateAddress } from './client-address.js'
import type { CookieNames } from './cookies.js'
import { type PresentedCredential, readCredential } from './credentials.js'
import { isUnsafe, requireOwnPage } from './csrf.js'
import { type AuthLogger, toRefusal } from './problem.js'
import type { Refusal } from './refusal.js'
import { headerLines, type RequestSource } from './request-source.js'

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
  readonly cookies: CookieNames
  readonly origins: ReadonlySet<string>
  readonly trustedProxies: readonly Network[]
}

/** Finds out who is calling and whether they may. */
export interface Authenticator {
  /** Never rejects: every fault is a refusal. */
  authenticate(source: RequestSource, requirement?: Requirement): Promise<Authentication>
  /** The one credential of a request, unverified. @throws AuthError */
  credential(source: RequestSource): PresentedCredential
  /** Verifies the credential of a request, a cookie's origin included. @throws AuthError, StoreError */
  identify(source: RequestSource): Promise<Identified>
  /** Checks a requirement. @throws AuthError */
  require(principal: Principal, requirement: Requirement): Promise<void>
  /** The client's address, forwarded by trusted proxies alone. */
  address(source: RequestSource): string | undefined
}

/** Makes the authenticator. */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { tokens, sessions, apiKeys, roles, clock, audit, logger, cookies, origins } = deps
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
        if (isUnsafe(source.method)) requireOwnPage(source, origins)
        return { principal: cookiePrincipal(userSession), userSession }
      }
    }
  }

  async function require(principal: Principal, requirement: Requirement): Promise<void> {
    const decision = await decide(principal, requirement, clock.now(), {
      clock,
      onCheckError: (error) => logger.error({ err: error }, "a requirement's check failed"),
    })
    if (!decision.allowed) throw denial(decision)
  }

  function address(source: RequestSource): string | undefined {
    warnOfUntrustedProxy(source)
    return clientAddress(source, deps.trustedProxies)
  }

  /** All clients behind an unconfigured proxy share one address, and so one limit: worth one line in the log. */
  function warnOfUntrustedProxy(source: RequestSource): void {
    if (warnedOfProxy || deps.trustedProxies.length > 0 || headerLines(source, 'x-forwarded-for').length === 0) return
    if (source.ip === undefined || !isPrivateAddress(source.ip)) return
    warnedOfProxy = true
    logger.warn(
      { peer: source.ip },
      'a private peer sends X-Forwarded-For, but trustedProxies is not set: its clients share one address',
    )
  }

  async function recordRefusal(source: RequestSource, principal: Principal | null, error: unknown): Promise<void> {
    if (!(error instanceof AuthError) || !recordedRefusals.has(error.code)) return
    const ip = address(source)
    await audit.record({
      type: 'access.refused',
      outcome: 'failure',
      code: error.code,
      route: `${source.method} ${pathOf(source.url)}`,
      ...(principal ? { actor: principal.subject } : {}),
      ...(principal?.sessionId === undefined ? {} : { sessionId: principal.sessionId }),
      ...(ip === undefined ? {} : { ip }),
    })
  }

  return {
    credential: credentialOf,
    identify,
    require,
    address,
    async authenticate(source, requirement) {
      let principal: Principal | null = null
      try {
        ;({ principal } = await identify(source))
        if (requirement) await require(principal, requirement)
        return { ok: true, principal }
      } catch (error) {
        // That a refusal could not be recorded does not turn it into anything else.
        await recordRefusal(source, principal, error).catch(() => undefined)
        return { ok: false, refusal: toRefusal(error, logger) }
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

/** The principal of a verified access token. Only the user's own session has roles: tokens for clients carry scopes alone. */
function bearerPrincipal(claims: AccessClaims): Principal {
  const own = claims.client_id === firstPartyClientId
  const ofClient = claims.sub === claims.client_id
  const fields: PrincipalFields = {
    kind: ofClient ? 'client' : 'user',
    subject: claims.sub,
    ...(ofClient ? {} : { userId: claims.sub }),
    ...(claims.sid === undefined ? {} : { sessionId: claims.sid }),
    ...(own ? {} : { clientId: claims.client_id }),
    roles: own ? claims.roles : [],
    scopes: claims.scopes,
    via: 'bearer',
    ...(claims.auth_time === undefined ? {} : { authenticatedAt: new Date(claims.auth_time * 1000) }),
  }
  return createPrincipal(fields)
}

/** Whether the principal is a person in a session of their own, and not a key or a client acting for them. */
export function isOwnSession(principal: Principal): boolean {
  return principal.kind === 'user' && principal.clientId === undefined
}

function denial(decision: Decision & { readonly allowed: false }): AuthError {
  const { allowed: _, code, ...details } = decision
  return new AuthError(code, details)
}

/** The path of a request target, without its query: queries may hold what no log should. */
function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return URL.canParse(path) ? new URL(path).pathname : path
}
