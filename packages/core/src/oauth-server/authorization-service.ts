import type { AuditContext, AuditRecorder } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { UserSession } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import { randomUuid } from '../shared/random.js'
import type { RevocationFeed } from '../tokens/index.js'
import type { AuthorizationCodes } from './authorization-code.js'
import { type AuthorizationRequest, afterSigningIn, readAuthorizationRequest } from './authorization-request.js'
import { isOfClient } from './client.js'
import type { ClientRecord, ClientStore } from './client-store.js'
import { isClientId } from './client-wish.js'
import type { AskedConsent, ConsentRequests } from './consent-request.js'
import { type GrantedAccess, splitScopes } from './granted-access.js'
import { OAuthError, type OAuthErrorCode } from './oauth-error.js'
import { isRegistered, withParameters } from './redirect-uri.js'

/** What is to be asked of a person. */
export interface ConsentQuestion {
  /** For the form: names the request, for this session alone. */
  readonly requestId: string
  readonly clientName: string
  readonly scopes: readonly string[]
  /** The address of the account. */
  readonly email: string
  readonly redirectUri: string
}

/** What comes next for a browser. */
export type AuthorizationStep =
  /** Client or redirect URI are not known: said here, never elsewhere (RFC 6749, section 4.1.2.1). */
  | { readonly step: 'refuse'; readonly reason: 'client_unknown' | 'redirect_uri_unknown' | 'request_over' }
  /** Back to the client, with a code or an error. */
  | { readonly step: 'redirect'; readonly location: string }
  /** To the sign-in page, and from there back to the same request. */
  | { readonly step: 'sign-in'; readonly request: URLSearchParams; readonly isForced: boolean }
  | { readonly step: 'ask'; readonly question: ConsentQuestion }

/** What the service needs. */
export interface AuthorizationDeps {
  readonly store: Pick<ClientStore, 'find'>
  readonly codes: AuthorizationCodes
  readonly consents: ConsentRequests
  readonly access: GrantedAccess
  readonly feed: Pick<RevocationFeed, 'ensureFresh' | 'isClientRevoked'>
  readonly clock: Clock
  readonly audit: AuditRecorder
  readonly issuer: string
  readonly audience: string
}

/** The authorization endpoint (RFC 6749, section 3.1). */
export interface AuthorizationService {
  /** Decides what comes next for a request. `visitor` is who is signed in. */
  begin(given: URLSearchParams, visitor: UserSession | null, context: AuditContext): Promise<AuthorizationStep>
  /**
   * Takes a person's decision, once.
   * @throws AuthError `csrf_rejected` where the question was put to another session
   */
  decide(requestId: string, isAllowed: boolean, visitor: UserSession, context: AuditContext): Promise<AuthorizationStep>
}

/** Where answers go, and what goes with each. */
interface Return {
  readonly redirectUri: string
  /** As it stood in the request; empty where it was left out. */
  readonly sentRedirectUri: string
  readonly state: string | null
}

/** Makes the service. */
export function createAuthorizationService(deps: AuthorizationDeps): AuthorizationService {
  const { store, codes, consents, access, feed, clock, audit, issuer, audience } = deps

  async function findClient(id: string): Promise<ClientRecord | null> {
    await feed.ensureFresh()
    const client = isClientId(id) ? await store.find(id) : null
    return client && client.disabledAt === null && !feed.isClientRevoked(client.id) ? client : null
  }

  function backTo({ redirectUri, state }: Return, parameters: Readonly<Record<string, string>>): AuthorizationStep {
    return { step: 'redirect', location: withParameters(redirectUri, { ...parameters, state, iss: issuer }) }
  }

  async function refuse(
    code: OAuthErrorCode,
    about: { readonly client: ClientRecord; readonly visitor: UserSession | null; readonly context: AuditContext },
  ): Promise<void> {
    const { ip, route } = about.context
    const by = { actor: about.visitor?.user.id, sessionId: about.visitor?.session.id }
    await audit.record({ type: 'oauth.authorization', outcome: 'failure', code, subject: about.client.id, ...by, ip, route })
  }

  async function allow(
    asked: AskedConsent,
    client: ClientRecord,
    visitor: UserSession,
    context: AuditContext,
  ): Promise<string> {
    const { session, user } = visitor
    const { sentRedirectUri, challenge, scope, resource } = asked
    const code = await codes.issue(
      { clientId: client.id, redirectUri: sentRedirectUri, challenge },
      {
        userId: user.id,
        grantId: randomUuid(),
        scope,
        resource,
        epoch: user.sessionEpoch,
        authenticatedAt: session.authenticatedAt,
      },
    )
    const { ip, route } = context
    const by = { actor: user.id, subject: client.id, sessionId: session.id }
    await audit.record({ type: 'oauth.authorization', outcome: 'success', ...by, ip, route })
    return code
  }

  /** What comes next for a request that is in order. @throws OAuthError */
  async function proceed(
    request: AuthorizationRequest,
    { given, client, back }: { readonly given: URLSearchParams; readonly client: ClientRecord; readonly back: Return },
    visitor: UserSession | null,
    context: AuditContext,
  ): Promise<AuthorizationStep> {
    const { isSilent, asksAgain, signedInSince } = request
    const isSignedIn = visitor !== null && (signedInSince === null || visitor.session.authenticatedAt >= signedInSince)
    if (!isSignedIn && isSilent) throw new OAuthError('login_required', 'Nobody is signed in')
    if (!isSignedIn)
      return { step: 'sign-in', request: afterSigningIn(given, request, clock.now()), isForced: visitor !== null }
    const scopes = access.narrow(request.scopes, client, visitor.user)
    if (scopes.length === 0 && request.scopes.length > 0)
      throw new OAuthError('invalid_scope', 'The account has none of the scopes')
    const { resource, challenge } = request
    const asked: AskedConsent = { ...back, clientId: client.id, scope: scopes.join(' '), resource, challenge }
    // Only a client that proves who it is may be trusted beforehand: who calls itself the other kind could be anybody.
    const isTrusted = client.consent === 'implicit' && client.kind === 'confidential' && !asksAgain
    if (isTrusted) return backTo(back, { code: await allow(asked, client, visitor, context) })
    if (isSilent) throw new OAuthError('consent_required', 'The user has to be asked')
    const requestId = await consents.open(asked, visitor)
    const { redirectUri } = back
    return { step: 'ask', question: { requestId, clientName: client.name, scopes, email: visitor.user.email, redirectUri } }
  }

  return {
    async begin(given, visitor, context) {
      const [clientId = '', ...otherIds] = given.getAll('client_id')
      const client = otherIds.length === 0 ? await findClient(clientId) : null
      if (!client) return { step: 'refuse', reason: 'client_unknown' }
      const back = returnOf(given, client)
      if (!back) return { step: 'refuse', reason: 'redirect_uri_unknown' }
      try {
        const request = readAuthorizationRequest(given, client, { audience, now: clock.now() })
        return await proceed(request, { given, client, back }, visitor, context)
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error
        await refuse(error.code, { client, visitor, context })
        return backTo(back, { error: error.code, error_description: error.description })
      }
    },
    async decide(requestId, isAllowed, visitor, context) {
      const closed = await consents.close(requestId, visitor)
      if (closed.outcome === 'foreign') throw new AuthError('csrf_rejected')
      const client = closed.outcome === 'closed' ? await findClient(closed.asked.clientId) : null
      if (closed.outcome !== 'closed' || !client || !isOfClient(closed.createdAt, client))
        return { step: 'refuse', reason: 'request_over' }
      const { asked } = closed
      if (!isRegistered(asked.redirectUri, client.redirectUris)) return { step: 'refuse', reason: 'redirect_uri_unknown' }
      if (
        isAllowed &&
        access.narrow(splitScopes(asked.scope), client, visitor.user).length === splitScopes(asked.scope).length
      )
        return backTo(asked, { code: await allow(asked, client, visitor, context) })
      await refuse('access_denied', { client, visitor, context })
      return backTo(asked, { error: 'access_denied', error_description: 'The user did not allow it' })
    },
  }
}

/** Where answers to a request go; `null` where that is not known for sure. */
function returnOf(given: URLSearchParams, client: ClientRecord): Return | null {
  const [sent = '', ...others] = given.getAll('redirect_uri')
  const [only, ...more] = client.redirectUris
  const redirectUri = sent === '' && more.length === 0 ? only : sent
  if (others.length > 0 || redirectUri === undefined || !isRegistered(redirectUri, client.redirectUris)) return null
  const states = given.getAll('state')
  return { redirectUri, sentRedirectUri: sent, state: states.length === 1 ? (states[0] ?? null) : null }
}
