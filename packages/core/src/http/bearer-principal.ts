import { createPrincipal, type Principal } from '../rbac/index.js'
import { type AccessClaims, firstPartyClientId } from '../tokens/index.js'

/** The principal of a verified access token. Only the user's own session has roles: tokens for clients carry scopes alone. */
export function bearerPrincipal(claims: AccessClaims): Principal {
  const own = claims.client_id === firstPartyClientId
  const ofClient = claims.sub === claims.client_id
  return createPrincipal({
    kind: ofClient ? 'client' : 'user',
    subject: claims.sub,
    ...(ofClient ? {} : { userId: claims.sub }),
    ...(claims.sid === undefined ? {} : { sessionId: claims.sid }),
    ...(own ? {} : { clientId: claims.client_id }),
    roles: own ? claims.roles : [],
    scopes: claims.scopes,
    via: 'bearer',
    ...(claims.auth_time === undefined ? {} : { authenticatedAt: new Date(claims.auth_time * 1000) }),
  })
}
