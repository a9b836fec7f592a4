import { ConfigError } from '../errors.js'
import { urlProblem } from './issuer-metadata.js'

/** What a service tells of itself to clients that do not know it yet. */
export interface ProtectedResourceOptions {
  /** The service's identifier: an HTTPS URL, which its tokens have as their `aud` (RFC 9728, section 1.2). */
  readonly resource: string
  /** Who issues tokens for it. */
  readonly issuer: string
  /** Scopes that clients may need here. */
  readonly scopes?: readonly string[]
  /** The service's name, for people. */
  readonly name?: string
  /** A page for developers. */
  readonly documentation?: string
}

/** The metadata of a service, and where it is to be served. */
export interface ProtectedResource {
  /** Where clients look for it: `resourceMetadata` of `createVerifier`. */
  readonly url: string
  /** The path of that URL, for a public route of the service. */
  readonly path: string
  /** What is to be served there, as `application/json`. */
  readonly document: Readonly<Record<string, unknown>>
}

const wellKnown = '/.well-known/oauth-protected-resource'

/**
 * The metadata of a service that accepts an issuer's tokens (RFC 9728, sections 2 and 3.1).
 * @throws ConfigError where the resource is no HTTPS URL
 * @example
 * const resource = protectedResource({ resource: 'https://orders.example.com', issuer: 'https://app.example.com' })
 * app.get(resource.path, web.public(), (_req, res) => res.json(resource.document))
 */
export function protectedResource(options: ProtectedResourceOptions): ProtectedResource {
  const { resource, issuer, scopes, name, documentation } = options
  const problems = Object.entries({ resource, issuer }).flatMap(([path, value]) => {
    const message = urlProblem(value, true)
    return message === null ? [] : [{ path, message }]
  })
  if (problems.length > 0) throw new ConfigError(problems)
  const { origin, pathname, search } = new URL(resource)
  const path = `${wellKnown}${pathname === '/' ? '' : pathname}`
  return Object.freeze({
    url: `${origin}${path}${search}`,
    path,
    document: Object.freeze({
      resource,
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      ...(scopes && { scopes_supported: [...scopes] }),
      ...(name !== undefined && { resource_name: name }),
      ...(documentation !== undefined && { resource_documentation: documentation }),
    }),
  })
}
