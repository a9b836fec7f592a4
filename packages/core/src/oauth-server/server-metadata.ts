/** Where the server's documents and endpoints are. */
export interface ServerPlaces {
  readonly issuer: URL
  /** The issuer as it stands in tokens. */
  readonly issuerId: string
  readonly basePath: string
  readonly audience: string
}

/** A document that anybody may read. */
export interface PublicDocument {
  /** From the root. */
  readonly path: string
  readonly content: object
}

/**
 * The authorization server's metadata (RFC 8414), at the root's well-known path: before the path of an issuer that has one
 * (section 3.1). All of it comes from the configuration, and it names only what is there.
 */
export function serverMetadata({ issuer, issuerId, basePath }: ServerPlaces): PublicDocument {
  const base = `${issuer.origin}${basePath}`
  const secretMethods = ['client_secret_basic', 'client_secret_post']
  return {
    path: wellKnown('oauth-authorization-server', issuer),
    content: {
      issuer: issuerId,
      authorization_endpoint: `${base}/oauth/authorize`,
      token_endpoint: `${base}/oauth/token`,
      introspection_endpoint: `${base}/oauth/introspect`,
      revocation_endpoint: `${base}/oauth/revoke`,
      jwks_uri: `${base}/jwks.json`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: [...secretMethods, 'none'],
      introspection_endpoint_auth_methods_supported: secretMethods,
      revocation_endpoint_auth_methods_supported: [...secretMethods, 'none'],
      authorization_response_iss_parameter_supported: true,
    },
  }
}

/**
 * The metadata of the application as a protected resource (RFC 9728); `null` where its audience is no URL of the issuer's origin,
 * so that no client could tell that the document is its own (section 3.3).
 */
export function resourceMetadata({ issuer, issuerId, audience }: ServerPlaces): PublicDocument | null {
  const resource = URL.canParse(audience) ? new URL(audience) : null
  if (resource?.origin !== issuer.origin || resource.search || resource.hash) return null
  return {
    path: wellKnown('oauth-protected-resource', resource),
    content: { resource: audience, authorization_servers: [issuerId], bearer_methods_supported: ['header'] },
  }
}

/** RFC 8414, section 3.1: the name stands between the host and the path, which ends without a slash. */
function wellKnown(name: string, { pathname }: URL): string {
  return `/.well-known/${name}${pathname.replace(/\/$/, '')}`
}
