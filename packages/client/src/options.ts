import type { AuthState } from './auth-client.js'
import type { SignedOutReason } from './saved-state.js'

/** What a client is made with. */
export interface AuthClientOptions {
  /**
   * Where the SDK's routes are: `https://app.example.com`, which means its `/auth`, or a URL with a path, which is taken as
   * it is. In a page it may be relative to it, such as `/auth`.
   */
  readonly baseUrl: string | URL
  /**
   * What carries the session. `bearer` (default): tokens, which this client holds. `cookie`: a cookie that no script can
   * read, and nothing is held but who is signed in. Take `cookie` where page and server share a site.
   */
  readonly transport?: 'bearer' | 'cookie'
  /**
   * Where tokens are kept. `memory` (default): in this tab, until it is left or reloaded; each tab signs in for itself.
   * `localStorage`: in all tabs of the origin, over restarts, **and within reach of every script that runs there**: a single
   * injected script can take the session elsewhere for as long as it lives. Where the browser has no Web Locks, or
   * forbids storage, it is `memory` all the same; `client.storage` says which.
   */
  readonly storage?: 'memory' | 'localStorage'
  /** Origins beside that of `baseUrl` to which `client.fetch` sends the credential. None by default. */
  readonly origins?: readonly string[]
  /** Seconds before its end at which a token is renewed by the call that needs it; at most a quarter of its life. Default 10; 0 waits until it has run out. */
  readonly refreshAhead?: number
  /** What sends requests; default the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** Called once in each tab when whoever was signed in no longer is. */
  readonly onSignedOut?: (reason: SignedOutReason) => void
  /** Called in each tab after every sign-in, refresh and sign-out; `null` where nobody is signed in. */
  readonly onChange?: (state: AuthState | null) => void
}

/** Options with every question answered. */
export interface Settings {
  readonly transport: 'bearer' | 'cookie'
  readonly fetch: typeof globalThis.fetch
  /** `baseUrl` as given, without a slash at its end. */
  readonly name: string
  /** The URL of a route. */
  readonly url: (path: string) => string
  /** What a relative URL is relative to. */
  readonly base: () => string
  readonly isAllowed: (origin: string) => boolean
  readonly aheadMs: number
}

/** Reads options. Touches nothing of a page: a server may import what calls this. @throws TypeError */
export function readOptions(options: AuthClientOptions): Settings {
  const { transport = 'bearer', refreshAhead = 10, origins = [] } = options
  const name = String(options.baseUrl).replace(/\/+$/, '')
  const withPath = /^https?:\/\/[^/]+$/i.test(name) ? `${name}/auth` : name
  if (/^[a-z][a-z\d+.-]*:/i.test(name) && !isWebUrl(name)) throw new TypeError('baseUrl must be a URL of http or https')
  if (/[?#]/.test(name)) throw new TypeError('baseUrl must have neither query nor fragment')
  if (!(refreshAhead >= 0)) throw new TypeError('refreshAhead must be a number of seconds')
  for (const origin of origins) {
    if (!isWebUrl(origin) || new URL(origin).origin !== origin) throw new TypeError(`origins: ${origin} is not an origin`)
  }
  const base = (): string => {
    const { location, document } = globalThis
    // Not the document's base where the page has an address: whoever can write a `<base>` into it would be sent the tokens.
    return location && isWebUrl(location.href) ? location.href : document?.baseURI
  }
  const root = (): string => new URL(withPath, base()).href
  return {
    transport,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    name: withPath,
    url: (path) => root() + path,
    base: () => base() ?? root(),
    isAllowed: (origin) => origins.includes(origin) || origin === new URL(root()).origin,
    aheadMs: refreshAhead * 1000,
  }
}

function isWebUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
