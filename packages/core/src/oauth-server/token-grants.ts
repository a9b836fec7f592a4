import type { UserStore } from '../accounts/index.js'
import type { AuditContext, AuditEntry, AuditRecorder } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { RefreshService, SessionService } from '../sessions/index.js'
import type { IssuedToken, TokenService } from '../tokens/index.js'
import { type AuthorizationCodes, type CodeGrant, challengeOf, type PresentedCode } from './authorization-code.js'
import type { ClientAuthentication, PresentedClient } from './client-authentication.js'
import type { ClientRecord } from './client-store.js'
import type { GrantedAccess } from './granted-access.js'
import { OAuthError } from './oauth-error.js'
import { type Parameters, readParameters, requestedResource, requestedScopes, requireParameter } from './parameters.js'

/** A successful answer of the token endpoint (RFC 6749, section 5.1). */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope: string
}

/** What the grants need. */
export interface TokenGrantDeps {
  readonly authentication: ClientAuthentication
  readonly codes: AuthorizationCodes
  readonly access: GrantedAccess
  readonly tokens: Pick<TokenService, 'issue'>
  readonly users: Pick<UserStore, 'find'>
  readonly sessions: Pick<SessionService, 'start' | 'end'>
  readonly refresh: RefreshService
  readonly audit: AuditRecorder
  readonly audience: string
}

/** The token endpoint (RFC 6749, section 3.2). */
export interface TokenGrants {
  /**
   * Answers a token request.
   * @param readClient Reads how the client presents itself, once the rest of the request has its shape.
   * @throws OAuthError; AuthError `too_many_attempts`; StoreError
   */
  answer(given: URLSearchParams, readClient: () => PresentedClient, context: AuditContext): Promise<TokenAnswer>
}

interface TokenRequest {
  readonly given: URLSearchParams
  readonly parameters: Parameters
  readonly client: ClientRecord
  readonly context: AuditContext
}

const names = ['grant_type', 'code', 'redirect_uri', 'code_verifier', 'refresh_token', 'scope', 'client_id', 'client_secret']
/** RFC 7636, section 4.1. */
const verifierPattern = /^[A-Za-z0-9._~-]{43,128}$/

/** Makes them. */
export function createTokenGrants(deps: TokenGrantDeps): TokenGrants {
  const { authentication, codes, access, tokens, users, sessions, refresh, audit, audience } = deps

  async function forItself({ given, parameters, client, context }: TokenRequest): Promise<TokenAnswer> {
    const resource = requestedResource(given, audience, client.resources)
    const scopes = requestedScopes(parameters.get('scope'), client.scopes)
    const as = { subject: client.id, clientId: client.id, roles: [], scopes }
    const token = await tokens.issue({ ...as, ...(resource === null ? {} : { audience: resource }) })
    await audit.record(issuedTo(client, { subject: client.id }, context))
    return answerOf(token)
  }

  async function present({ parameters, client }: TokenRequest): Promise<PresentedCode> {
    const code = requireParameter(parameters, 'code')
    const verifier = parameters.get('code_verifier') ?? ''
    if (!verifierPattern.test(verifier)) throw new OAuthError('invalid_grant', 'code_verifier is missing or malformed')
    const challenge = await challengeOf(verifier)
    const binding = { clientId: client.id, redirectUri: parameters.get('redirect_uri') ?? '', challenge }
    return (await codes.present(code, binding)) ?? refuseCode()
  }

  /** Everything that may fail, before the code is spent. Without a grant the code is not good, and its use says why. */
  async function prepare(request: TokenRequest, code: PresentedCode) {
    const found = await codes.read(code)
    if (!found) return null
    const { grant, createdAt } = found
    const user = await users.find(grant.userId)
    if (!user || user.disabledAt !== null || user.sessionEpoch !== grant.epoch) return refuseCode()
    const { given, client } = request
    const { grantId: id, scope, resource, authenticatedAt } = grant
    const token = await access.issue(given, client, user, { id, scope, resource, authenticatedAt, createdAt })
    return { user, token }
  }

  async function byCode(request: TokenRequest): Promise<TokenAnswer> {
    const { client, context } = request
    const code = await present(request)
    const prepared = await prepare(request, code)
    const used = await codes.consume(code)
    if (used.outcome === 'replayed') return endReplayed(used.grant, client, context)
    if (used.outcome !== 'consumed' || !prepared) return refuseCode()
    const { user, token } = prepared
    const { grant: granted, createdAt } = used
    const { grantId: id, scope, resource, authenticatedAt } = granted
    const isRefreshable = client.grants.includes('refresh_token')
    const lifeSeconds = isRefreshable ? null : token.expiresIn
    const entry = issuedTo(client, { subject: user.id, sessionId: id }, context)
    const grant = { id, clientId: client.id, scope, resource, grantedAt: createdAt, lifeSeconds, entry }
    // A replay that came meanwhile has ended the grant before it began: then this finds it taken.
    const started = await sessions
      .start({ user, carrier: 'refresh', by: 'grant', grant, authenticatedAt, context })
      .catch((error: unknown) => (error instanceof AuthError ? refuseCode() : Promise.reject(error)))
    return answerOf(token, isRefreshable ? started.token : undefined)
  }

  /** A code that was used twice is in two hands: what it led to ends, and what it was about to lead to (RFC 6749, section 4.1.2). */
  async function endReplayed({ grantId, userId }: CodeGrant, client: ClientRecord, context: AuditContext): Promise<never> {
    const { ip, route } = context
    const about = { actor: client.id, subject: userId, sessionId: grantId, ip, route }
    const entry = { type: 'oauth.code_replayed', outcome: 'failure', code: 'invalid_grant', ...about } as const
    if (!(await sessions.end(grantId, 'reuse', entry))) await audit.record(entry)
    throw new RecordedRefusal('invalid_grant', 'The code was used before')
  }

  async function byRefresh({ given, parameters, client, context }: TokenRequest): Promise<TokenAnswer> {
    const presented = requireParameter(parameters, 'refresh_token')
    const { refreshToken, access: token } = await refresh
      .refresh(presented, context, {
        clientId: client.id,
        issueAccess: (user, session) => access.issue(given, client, user, session),
      })
      .catch((error: unknown) => {
        if (!(error instanceof AuthError)) throw error
        throw new RecordedRefusal('invalid_grant', 'The refresh token is not good, or not for this client')
      })
    return answerOf(token, refreshToken)
  }

  const grants: Readonly<Record<string, (request: TokenRequest) => Promise<TokenAnswer>>> = {
    client_credentials: forItself,
    authorization_code: byCode,
    refresh_token: byRefresh,
  }

  async function judge(grantType: string, request: TokenRequest): Promise<TokenAnswer> {
    const { client, context } = request
    try {
      if (!client.grants.includes(grantType))
        throw new OAuthError('unauthorized_client', 'The client may not use this grant')
      return await (grants[grantType] as (request: TokenRequest) => Promise<TokenAnswer>)(request) // One of them: looked up before.
    } catch (error) {
      const { ip, route } = context
      if (error instanceof OAuthError && !(error instanceof RecordedRefusal))
        await audit.record({ type: 'oauth.token_issued', outcome: 'failure', code: error.code, actor: client.id, ip, route })
      throw error
    }
  }

  return {
    async answer(given, readClient, context) {
      const parameters = readParameters(given, names)
      const grantType = requireParameter(parameters, 'grant_type')
      if (!Object.hasOwn(grants, grantType))
        throw new OAuthError('unsupported_grant_type', 'The grant type is not supported')
      const client = await authentication.authenticate(readClient(), context)
      return judge(grantType, { given, parameters, client, context })
    },
  }
}

/** One whose event is there already. */
class RecordedRefusal extends OAuthError {}

function issuedTo(
  { id: actor }: ClientRecord,
  about: { readonly subject: string; readonly sessionId?: string },
  { ip, route }: AuditContext,
): AuditEntry {
  return { type: 'oauth.token_issued', outcome: 'success', actor, ...about, ip, route }
}

function refuseCode(): never {
  throw new OAuthError('invalid_grant', 'The code is not good, or not for this request')
}

function answerOf({ token, claims, expiresIn }: IssuedToken, refreshToken?: string): TokenAnswer {
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: expiresIn,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    scope: claims.scope,
  }
}
