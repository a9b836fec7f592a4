import type { UserStore } from '../accounts/index.js'
import type { AuditContext, AuditRecorder } from '../audit/index.js'
import { earlier, type SessionService } from '../sessions/index.js'
import { type AccessClaims, firstPartyClientId, type RevocationFeed, type TokenService } from '../tokens/index.js'
import { isOfClient } from './client.js'
import type { ClientAuthentication, PresentedClient } from './client-authentication.js'
import type { ClientRecord, ClientStore } from './client-store.js'
import { OAuthError } from './oauth-error.js'
import { readParameters, requireParameter } from './parameters.js'

/** What introspection tells (RFC 7662, section 2.2). */
export type IntrospectionAnswer =
  | { readonly active: false }
  | ({ readonly active: true } & Readonly<Record<string, unknown>>)

/** What these endpoints need. */
export interface TokenInspectionDeps {
  readonly authentication: ClientAuthentication
  readonly clients: Pick<ClientStore, 'find'>
  readonly users: Pick<UserStore, 'find'>
  readonly tokens: Pick<TokenService, 'inspect' | 'recognise'>
  readonly sessions: Pick<SessionService, 'inspectRefresh' | 'identify' | 'find' | 'end'>
  readonly feed: Pick<RevocationFeed, 'announce'>
  readonly audit: AuditRecorder
  readonly issuer: string
}

/** Looks at tokens, and takes them back. */
export interface TokenInspection {
  /**
   * What a token says and whether it is good now, by the stores and not by what this process remembers (RFC 7662). Whatever
   * is not good, or not for this client to see, is `{ active: false }` and nothing more.
   * @throws OAuthError `invalid_request`, `invalid_client`; AuthError `too_many_attempts`; StoreError
   */
  introspect(given: URLSearchParams, readClient: () => PresentedClient, context: AuditContext): Promise<IntrospectionAnswer>
  /**
   * Takes one of the client's tokens back: an access token alone, a refresh token with its whole grant (RFC 7009). What is not
   * the client's stays as it is, and that is not told.
   * @throws OAuthError `invalid_request`, `invalid_client`; AuthError `too_many_attempts`; StoreError
   */
  revoke(given: URLSearchParams, readClient: () => PresentedClient, context: AuditContext): Promise<void>
}

const names = ['token', 'token_type_hint', 'client_id', 'client_secret']
const inactive = { active: false } as const

/** Makes it. */
export function createTokenInspection(deps: TokenInspectionDeps): TokenInspection {
  const { authentication, clients, users, tokens, sessions, feed, audit, issuer } = deps

  function tokenOf(given: URLSearchParams): string {
    // Hints change nothing: each kind of token tells itself.
    return requireParameter(readParameters(given, names), 'token')
  }

  /** What the feed may not know of yet: a client that is gone, a user who may do less than when it was issued. */
  async function isCurrent({ sub, client_id: clientId, sid, ver }: AccessClaims): Promise<boolean> {
    const isOwn = clientId === firstPartyClientId
    const client = isOwn ? null : await clients.find(clientId)
    if (!isOwn && (!client || client.disabledAt !== null)) return false
    if (sub === clientId) return true
    const user = await users.find(sub)
    if (!user || user.disabledAt !== null || (ver ?? 0) < user.accessVersion) return false
    const session = sid === undefined ? null : await sessions.find(sid)
    return session?.revokedAt == null
  }

  function maySee(client: ClientRecord, { client_id: clientId, aud }: AccessClaims): boolean {
    if (clientId === client.id) return true
    return (typeof aud === 'string' ? [aud] : aud).some((audience) => client.introspects.includes(audience))
  }

  async function introspectRefresh(token: string, client: ClientRecord): Promise<IntrospectionAnswer | null> {
    const found = await sessions.inspectRefresh(token)
    if (!found) return null
    const { session, user } = found
    if (session.clientId !== client.id || !isOfClient(session.createdAt, client)) return inactive
    return {
      active: true,
      iss: issuer,
      sub: user.id,
      client_id: client.id,
      scope: session.scope ?? '',
      iat: seconds(session.rotatedAt ?? session.createdAt),
      exp: seconds(earlier(session.idleExpiresAt, session.expiresAt)),
    }
  }

  async function introspectAccess(token: string, client: ClientRecord): Promise<IntrospectionAnswer> {
    const claims = await tokens.inspect(token)
    if (!claims || !maySee(client, claims) || !(await isCurrent(claims))) return inactive
    const { iss, sub, aud, exp, iat, jti, client_id, scope, auth_time } = claims
    const times = { exp, iat, ...(auth_time === undefined ? {} : { auth_time }) }
    return { active: true, iss, sub, aud, client_id, scope, jti, token_type: 'Bearer', ...times }
  }

  return {
    async introspect(given, readClient, context) {
      const token = tokenOf(given)
      const presented = readClient()
      const client = await authentication.authenticate(presented, context)
      // Anybody can call themselves a public client (RFC 7662, section 2.1).
      if (client.kind === 'public') throw new OAuthError('invalid_client', 'Introspection needs a confidential client')
      return (await introspectRefresh(token, client)) ?? introspectAccess(token, client)
    },
    async revoke(given, readClient, context) {
      const token = tokenOf(given)
      const client = await authentication.authenticate(readClient(), context)
      const { ip, route } = context
      const sessionId = await sessions.identify(token)
      const session = sessionId === null ? null : await sessions.find(sessionId)
      if (session?.clientId === client.id) {
        const about = { actor: client.id, subject: session.userId, sessionId: session.id, ip, route }
        await sessions.end(session.id, 'logout', { type: 'session.revoked', outcome: 'success', ...about })
      }
      const claims = sessionId === null ? await tokens.recognise(token, { anyAudience: true }) : null
      if (claims?.client_id !== client.id) return
      await feed.announce({ jti: claims.jti })
      await audit.record({ type: 'token.revoked', outcome: 'success', subject: claims.jti, ip, route })
    },
  }
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
