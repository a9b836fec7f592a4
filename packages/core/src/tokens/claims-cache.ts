import type { AccessClaims } from './access-claims.js'

/** What is remembered of a verified token: its claims, and never a decision. */
export interface VerifiedToken {
  readonly claims: AccessClaims
  /** The key that it is signed with. */
  readonly kid: string
}

/** Remembers verified tokens by their whole text. */
export interface ClaimsCache {
  /** What was verified under this very set of keys. Forgets everything when the set is another. */
  get(token: string, keyVersion: number): VerifiedToken | undefined
  /** Remembers what was verified under a set of keys, unless that is the current one no more. */
  set(token: string, verified: VerifiedToken, keyVersion: number): void
}

/** How much is remembered. */
export interface ClaimsCacheLimits {
  readonly entries: number
  /** Of all tokens together, each counted twice: once for its claims. */
  readonly bytes: number
  /** Longer tokens are verified each time. */
  readonly tokenBytes: number
}

const defaults: ClaimsCacheLimits = { entries: 10_000, bytes: 16 * 1024 * 1024, tokenBytes: 2048 }

/** Makes the memory. What was not asked for the longest goes first. */
export function createClaimsCache(limits: ClaimsCacheLimits = defaults): ClaimsCache {
  const remembered = new Map<string, VerifiedToken>()
  let bytes = 0
  let version = 0

  function forget(token: string): void {
    if (remembered.delete(token)) bytes -= sizeOf(token)
  }

  function useVersion(keyVersion: number): void {
    if (keyVersion === version) return
    remembered.clear()
    bytes = 0
    version = keyVersion
  }

  return {
    get(token, keyVersion) {
      useVersion(keyVersion)
      const verified = remembered.get(token)
      if (!verified) return undefined
      remembered.delete(token)
      remembered.set(token, verified)
      return verified
    },
    set(token, verified, keyVersion) {
      if (keyVersion !== version || token.length > limits.tokenBytes) return
      forget(token)
      remembered.set(token, verified)
      bytes += sizeOf(token)
      for (const oldest of remembered.keys()) {
        if (remembered.size <= limits.entries && bytes <= limits.bytes) break
        forget(oldest)
      }
    },
  }
}

/** A token is ASCII. */
function sizeOf(token: string): number {
  return 2 * token.length
}
