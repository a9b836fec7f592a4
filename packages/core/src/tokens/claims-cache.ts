import { type BoundedMap, createBoundedMap } from '../shared/bounded-map.js'
import type { AccessClaims } from './access-claims.js'

/** Claims of tokens that were verified, so that a token's signature is checked once in a process. */
export interface ClaimsCache {
  /** The claims and key of this very token; the caller judges time and revocation anew. */
  get(token: string): VerifiedToken | undefined
  /** Remembers a token that was verified. Long ones are not worth their place. */
  set(token: string, verified: VerifiedToken): void
  /** Forgets everything. */
  clear(): void
}

/** What a verified token came to. */
export interface VerifiedToken {
  readonly claims: AccessClaims
  readonly kid: string | undefined
}

const mostEntries = 10_000
const longestToken = 2048
const mostCharacters = 16 * 1024 * 1024

/** Makes the cache. Keyed by the whole token: no two tokens share an entry. Only verified tokens enter, so hostile ones push none out. */
export function createClaimsCache(): ClaimsCache {
  const entries: BoundedMap<string, VerifiedToken> = createBoundedMap(Math.min(mostEntries, mostCharacters / longestToken))
  return {
    get: (token) => (token.length <= longestToken ? entries.get(token) : undefined),
    set(token, verified) {
      if (token.length <= longestToken) entries.set(token, verified)
    },
    clear: () => entries.clear(),
  }
}
