import { OAuthError } from './oauth-error.js'

/** Parameters of a request, each once. */
export interface Parameters {
  /** The value; `null` where it is absent or empty, which is the same (RFC 6749, section 3.1). */
  get(name: string): string | null
}

/**
 * Reads parameters. Unknown ones are ignored, also where they are repeated.
 * @throws OAuthError `invalid_request` where one of `names` is there more than once
 */
export function readParameters(given: URLSearchParams, names: readonly string[]): Parameters {
  for (const name of names)
    if (given.getAll(name).length > 1) throw new OAuthError('invalid_request', `${name} was sent more than once`)
  return { get: (name) => given.get(name) || null }
}

/** @throws OAuthError `invalid_request` where it is absent */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === null) throw new OAuthError('invalid_request', `${name} is missing`)
  return value
}

/**
 * The scopes of a request: each once, in the order they came (RFC 6749, section 3.3); all that are allowed where it names none.
 * @throws OAuthError `invalid_scope` where one is not among the allowed
 */
export function requestedScopes(text: string | null, allowed: readonly string[]): readonly string[] {
  if (text === null) return allowed
  const wanted = [...new Set(text.split(' ').filter((scope) => scope !== ''))]
  if (wanted.every((scope) => allowed.includes(scope))) return wanted
  throw new OAuthError('invalid_scope', 'A scope is unknown, or not for this client')
}

/**
 * The resource that a token is asked for (RFC 8707, section 2); `null` for the deployment's own. One token is for one resource.
 * @param own The deployment's audience, which any client may name.
 * @throws OAuthError `invalid_target`
 */
export function requestedResource(given: URLSearchParams, own: string, allowed: readonly string[]): string | null {
  const [resource = '', ...others] = given.getAll('resource')
  if (resource === '' && others.length === 0) return null
  if (others.length === 0 && resource === own) return null
  if (others.length === 0 && allowed.includes(resource)) return resource
  throw new OAuthError('invalid_target', 'The resource is unknown, not for this client, or not the only one')
}
