import * as oauth from 'oauth4webapi'
import type { Clock } from '../shared/clock.js'
import { isLoopback } from '../shared/loopback.js'
import { createSharedRun } from '../shared/shared-run.js'
import type { OAuthProvider } from './provider.js'
import { ProviderFault, type ProviderFetch } from './provider-http.js'

/** Where a provider's endpoints are. */
export interface ProviderMetadata extends oauth.AuthorizationServer {
  readonly authorization_endpoint: string
  readonly token_endpoint: string
}

/** How long a discovery document is used before it is asked for again. */
const freshMs = 3_600_000
/** How long a provider that did not answer is left alone. */
const coolDownMs = 5000

/** What ID tokens may be signed with: keys that the provider publishes, never a secret and never nothing. */
const signatureAlgorithms = [
  'RS256',
  'PS256',
  'ES256',
  'EdDSA',
  'Ed25519',
  'RS384',
  'RS512',
  'PS384',
  'PS512',
  'ES384',
  'ES512',
]

/**
 * Makes the lookup of a provider's endpoints. One that is discovered is accepted only where it calls itself as the
 * configuration does (OpenID Connect Discovery, section 4.3); one that cannot be had leaves the last one in use.
 */
export function createProviderMetadata(
  provider: OAuthProvider,
  { clock, fetch }: { readonly clock: Clock; readonly fetch: ProviderFetch },
): () => Promise<ProviderMetadata> {
  const { issuer, oauth2 } = provider
  if (oauth2) {
    const { authorizationEndpoint, tokenEndpoint, userinfo } = oauth2
    const fixed = {
      issuer,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
      userinfo_endpoint: userinfo.endpoint,
    }
    return async () => fixed
  }
  let known: { readonly metadata: ProviderMetadata; readonly atMs: number } | undefined
  let failed: { readonly fault: unknown; readonly atMs: number } | undefined

  const discovery = createSharedRun(async () => {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const response = await fetch(url, {})
    const found = await oauth.processDiscoveryResponse(new URL(issuer), response).catch((cause: unknown) => {
      throw new ProviderFault('has no usable discovery document', { cause })
    })
    // The library compares parsed URLs; an issuer is compared character by character.
    if (found.issuer !== issuer) throw new ProviderFault('calls itself otherwise than it is configured')
    known = { metadata: checked(found, new URL(issuer)), atMs: clock.monotonicMs() }
    failed = undefined
    return known.metadata
  })

  return async () => {
    const nowMs = clock.monotonicMs()
    if (known && nowMs - known.atMs < freshMs) return known.metadata
    if (failed && nowMs - failed.atMs < coolDownMs) {
      if (known) return known.metadata
      throw failed.fault
    }
    try {
      return await discovery.join()
    } catch (fault) {
      failed = { fault, atMs: clock.monotonicMs() }
      if (known) return known.metadata
      throw fault
    }
  }
}

function checked(found: oauth.AuthorizationServer, issuer: URL): ProviderMetadata {
  const { authorization_endpoint, token_endpoint } = found
  if (authorization_endpoint === undefined || token_endpoint === undefined) throw new ProviderFault('has no endpoints')
  for (const url of [authorization_endpoint, token_endpoint, found.userinfo_endpoint, found.jwks_uri])
    if (url !== undefined && !isAllowed(url, issuer)) throw new ProviderFault('has an endpoint that is not on https')
  const offered = found.id_token_signing_alg_values_supported ?? ['RS256']
  const usable = offered.filter((algorithm) => signatureAlgorithms.includes(algorithm))
  return { ...found, authorization_endpoint, token_endpoint, id_token_signing_alg_values_supported: usable }
}

function isAllowed(url: string, issuer: URL): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && issuer.protocol === 'http:' && isLoopback(hostname))
}
