import { isLoopback } from '../shared/loopback.js'
import { type FetchDeps, fetchDocument } from './fetch-json.js'

const wellKnown = '/.well-known/oauth-authorization-server'

/** Where an issuer's metadata is: before its path, where it has one (RFC 8414, section 3.1). */
export function metadataUrl(issuer: string): URL {
  const { origin, pathname } = new URL(issuer)
  return new URL(`${origin}${wellKnown}${pathname === '/' ? '' : pathname}`)
}

/**
 * Asks an issuer where its keys are.
 * @throws Error where the document is not the issuer's own (RFC 8414, section 3.3), or leads to where nobody should ask
 */
export async function discoverKeys(issuer: string, deps: FetchDeps): Promise<URL> {
  const { object } = await fetchDocument(metadataUrl(issuer), deps)
  if (object.issuer !== issuer) throw new Error("the metadata is another issuer's")
  const { jwks_uri: uri } = object
  const problem = urlProblem(uri, isLoopback(new URL(issuer).hostname))
  if (problem !== null) throw new Error(`jwks_uri ${problem}`)
  return new URL(uri as string) // It was just looked at.
}

/** What is wrong with a URL to ask at; `null` where nothing is. */
export function urlProblem(text: unknown, allowsLoopback: boolean): string | null {
  if (typeof text !== 'string' || !URL.canParse(text)) return 'must be a URL'
  const { protocol, hostname, username, password, hash } = new URL(text)
  const isLocal = protocol === 'http:' && isLoopback(hostname) && allowsLoopback
  if (protocol !== 'https:' && !isLocal) return 'must be https (http on localhost alone)'
  return username || password || hash ? 'must have no user and no fragment' : null
}
