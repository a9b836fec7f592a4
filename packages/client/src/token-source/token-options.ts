import { machineClock, type TokenClock } from './clock.js'

/** What tokens are asked for. */
export interface TokenWish {
  /** Scopes (RFC 6749, section 3.3). None: whatever the server gives this client. */
  readonly scopes?: readonly string[]
  /** The services that the token is for, as absolute URIs (RFC 8707). */
  readonly resource?: string | readonly string[]
  /** The same for servers that know no `resource` but an `audience`. */
  readonly audience?: string
}

/** Who asks whom for tokens, and where they go. */
export interface TokenSourceOptions extends TokenWish {
  /** The token endpoint: HTTPS, or HTTP on the machine itself. */
  readonly tokenUrl: string | URL
  readonly clientId: string
  readonly clientSecret: string
  /** How the client proves itself (RFC 6749, section 2.3.1): in a header (default) or in the body. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post'
  /**
   * Origins to which `fetch` sends tokens; requests to others go without. Default: every one over HTTPS and this machine's own. An
   * origin over plain HTTP, as within a cluster, has to be named.
   */
  readonly origins?: readonly string[]
  /** What sends requests; default the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** Default: the machine's. */
  readonly clock?: TokenClock
}

/** Options with every question answered. */
export interface TokenSettings {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly inBody: boolean
  readonly wish: TokenWish
  readonly isAllowed: (origin: string) => boolean
  readonly fetch: typeof globalThis.fetch
  readonly clock: TokenClock
}

/** Reads options. @throws TypeError */
export function readTokenOptions(options: TokenSourceOptions): TokenSettings {
  const { clientId, clientSecret, authentication = 'client_secret_basic', origins, scopes, resource, audience } = options
  const tokenUrl = String(options.tokenUrl)
  if (!URL.canParse(tokenUrl) || !isProtected(tokenUrl))
    throw new TypeError('tokenUrl must be https (http on localhost alone)')
  const { username, password, hash } = new URL(tokenUrl)
  if (username || password || hash) throw new TypeError('tokenUrl must have no user and no fragment')
  for (const [name, value] of Object.entries({ clientId, clientSecret }))
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be a text that is not empty`)
  if (!['client_secret_basic', 'client_secret_post'].includes(authentication))
    throw new TypeError('authentication must be client_secret_basic or client_secret_post')
  for (const origin of origins ?? [])
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new TypeError(`origins: ${origin} is not an origin`)
  const wish = { ...(scopes && { scopes }), ...(resource && { resource }), ...(audience && { audience }) }
  wishKey(wish)
  return {
    tokenUrl,
    clientId,
    clientSecret,
    inBody: authentication === 'client_secret_post',
    wish,
    isAllowed: (origin) => (origins ? origins.includes(origin) : origin !== '' && isProtected(origin)),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: options.clock ?? machineClock,
  }
}

/** The parameters that a wish is sent as, in one order: what is the same wish is the same text. @throws TypeError */
export function wishKey({ scopes = [], resource = [], audience }: TokenWish): string {
  // RFC 6749, appendix A.4; anything else would change what the others mean.
  const wrong = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (wrong !== undefined) throw new TypeError(`scopes: ${JSON.stringify(wrong)} is not a scope`)
  const parameters = new URLSearchParams()
  if (scopes.length > 0) parameters.set('scope', [...new Set(scopes)].sort().join(' '))
  for (const each of [...new Set([resource].flat())].sort()) parameters.append('resource', each)
  if (audience !== undefined) parameters.set('audience', audience)
  return parameters.toString()
}

function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname))
}
