import { unlessAborted } from '../waiting.js'
import { requestToken } from './request-token.js'
import { createTokenFetch } from './token-fetch.js'
import { createTokenHolder, type TokenHolder } from './token-holder.js'
import { readTokenOptions, type TokenSourceOptions, type TokenWish, wishKey } from './token-options.js'

/** A service's own access tokens, for calling other services. */
export interface TokenSource {
  /**
   * A token that is good for a while yet. There is one request to the server for all who ask, and a new one while the old is still
   * good; where the server gives none then, the old one goes on to the end of its life.
   * @param wish What the token is for, where it differs from the source's own; each is kept by itself.
   * @throws AuthClientError with the server's `error` (RFC 6749, section 5.2), `network` or `unexpected_answer`; the signal's reason
   */
  token(wish?: TokenWish & { readonly signal?: AbortSignal }): Promise<string>
  /**
   * `fetch` with the source's token. A 401 brings another token and a second attempt, where the body can be sent twice. Redirects
   * are errors, unless the caller says `manual`.
   */
  readonly fetch: typeof globalThis.fetch
}

/** More kinds of token than any service needs. */
const mostKinds = 100

/**
 * Makes a source of tokens by client credentials (RFC 6749, section 4.4). Make one and share it: what asks the server less is
 * that everybody asks the same source.
 * @throws TypeError where an option is not usable
 * @example
 * const orders = createTokenSource({ tokenUrl: 'https://app.example.com/auth/oauth/token', clientId, clientSecret, scopes: ['read:orders'] })
 * const answer = await orders.fetch('https://orders.example.com/orders')
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const settings = readTokenOptions(options)
  const { wish: own, clock } = settings
  const makeHolder = (key: string): TokenHolder => createTokenHolder({ ask: () => requestToken(settings, key), clock })
  const ownKey = wishKey(own)
  const ownHolder = makeHolder(ownKey)
  const others = new Map<string, TokenHolder>()

  function holderOf(wish: TokenWish): TokenHolder {
    const key = wishKey(wish)
    if (key === ownKey) return ownHolder
    const holder = others.get(key) ?? makeHolder(key)
    // What was not asked for the longest goes first.
    others.delete(key)
    others.set(key, holder)
    const [oldest = key] = others.keys()
    if (others.size > mostKinds) others.delete(oldest)
    return holder
  }

  return Object.freeze({
    token: async ({ signal, ...wish }: TokenWish & { readonly signal?: AbortSignal } = {}) =>
      unlessAborted(holderOf({ ...own, ...wish }).get(), signal),
    fetch: createTokenFetch(settings, ownHolder),
  })
}
