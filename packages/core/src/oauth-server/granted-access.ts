import type { UserRecord } from '../accounts/index.js'
import { missingScopes, type Roles } from '../rbac/index.js'
import type { SessionRecord } from '../sessions/index.js'
import type { IssuedToken, TokenService } from '../tokens/index.js'
import { isOfClient } from './client.js'
import type { ClientRecord } from './client-store.js'
import { OAuthError } from './oauth-error.js'
import { requestedResource } from './parameters.js'

/** What a user let a client do. */
export type Granted = Pick<SessionRecord, 'id' | 'scope' | 'resource' | 'authenticatedAt' | 'createdAt'>

/** Issues access tokens for what users have granted. */
export interface GrantedAccess {
  /**
   * Those of the scopes that the client may still ask for and the user has now.
   */
  narrow(scopes: readonly string[], client: ClientRecord, user: UserRecord): readonly string[]
  /**
   * Signs a token for a grant: never more than was granted, than the client may have, and than the user has now.
   * @param given The request: `scope` and `resource` narrow this token and not the grant (RFC 6749, section 6; RFC 8707, section 2.2).
   * @throws OAuthError `invalid_grant`, `invalid_scope`, `invalid_target`
   */
  issue(given: URLSearchParams, client: ClientRecord, user: UserRecord, granted: Granted): Promise<IssuedToken>
}

/** Makes it. */
export function createGrantedAccess(deps: {
  readonly tokens: Pick<TokenService, 'issue'>
  readonly roles: Pick<Roles, 'resolve'>
  readonly audience: string
}): GrantedAccess {
  const { tokens, roles, audience } = deps

  function narrow(scopes: readonly string[], client: ClientRecord, user: UserRecord): readonly string[] {
    const owned = roles.resolve(user.roles).scopes
    return scopes.filter((scope) => client.scopes.includes(scope) && missingScopes(owned, [scope]).length === 0)
  }

  return {
    narrow,
    async issue(given, client, user, { id, scope, resource, authenticatedAt, createdAt }) {
      if (!isOfClient(createdAt, client)) throw new OAuthError('invalid_grant', 'The grant is not for this client')
      const granted = splitScopes(scope ?? '')
      const wanted = splitScopes(given.get('scope') ?? '')
      if (!wanted.every((name) => granted.includes(name))) throw new OAuthError('invalid_scope', 'A scope was not granted')
      const target = grantedResource(given, resource, { audience, client })
      return tokens.issue({
        subject: user.id,
        clientId: client.id,
        sessionId: id,
        authenticatedAt,
        accessVersion: user.accessVersion,
        roles: [],
        scopes: narrow(wanted.length > 0 ? wanted : granted, client, user),
        ...(target === null ? {} : { audience: target }),
      })
    },
  }
}

/** The scopes of a text with spaces between them, each once. */
export function splitScopes(text: string): readonly string[] {
  return [...new Set(text.split(' ').filter((scope) => scope !== ''))]
}

/** The resource that was granted, which the request may name again. @throws OAuthError `invalid_target` */
function grantedResource(
  given: URLSearchParams,
  granted: string | null,
  { audience, client }: { readonly audience: string; readonly client: ClientRecord },
): string | null {
  const isNamed = given.getAll('resource').some((resource) => resource !== '')
  if (granted !== null && !client.resources.includes(granted))
    throw new OAuthError('invalid_target', 'The resource is not for this client any more')
  if (!isNamed || requestedResource(given, audience, client.resources) === granted) return granted
  throw new OAuthError('invalid_target', 'The resource was not granted')
}
