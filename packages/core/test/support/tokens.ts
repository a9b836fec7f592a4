import { memoryRevocationStore } from '../../src/memory/revocation-store.js'
import { type VirtualClock, virtualClock } from '../../src/testing/virtual-clock.js'
import {
  type AccessTokenGrant,
  createRevocationFeed,
  createTokenService,
  firstPartyClientId,
  type RevocationFeed,
  type RevocationFeedDeps,
  type RevocationStore,
  type TokenService,
  type TokenSettings,
} from '../../src/tokens/index.js'
import { type TestRing, testRing } from './keys.js'

export const issuer = 'https://issuer.example'
export const audience = 'https://api.example'

/** The grant of a person's own login. */
export const grant: AccessTokenGrant = {
  subject: 'a3c5e1f0-0000-4000-8000-000000000001',
  clientId: firstPartyClientId,
  sessionId: 'session-1',
  accessVersion: 3,
  roles: ['user'],
  scopes: ['read:orders', 'write:orders'],
}

/** A process that issues and verifies. */
export interface TestNode {
  readonly clock: VirtualClock
  readonly ring: TestRing
  readonly feed: RevocationFeed
  readonly store: RevocationStore
  readonly tokens: TokenService
  /** `ok`, or the code or name of what was thrown. */
  outcome(token: string): Promise<string>
}

/** What a test changes. */
export interface TestNodeOptions {
  readonly clock?: VirtualClock
  readonly ring?: TestRing
  readonly store?: RevocationStore
  readonly settings?: Partial<TokenSettings>
  readonly feed?: Partial<RevocationFeedDeps>
}

/** Makes a process on a virtual clock. */
export function testNode(options: TestNodeOptions = {}): TestNode {
  const clock = options.clock ?? virtualClock()
  const ring = options.ring ?? testRing({ clock })
  const store = options.store ?? memoryRevocationStore()
  const feed = createRevocationFeed({ store, clock, maxStalenessMs: 5000, ...options.feed })
  const defaults = { issuer, audience, accessTtlSeconds: 900, clockToleranceSeconds: 5 }
  const tokens = createTokenService({ keyRing: ring, feed, clock, ...defaults, ...options.settings })
  return { clock, ring, feed, store, tokens, outcome: (token) => outcomeOf(tokens.verify(token)) }
}

/** `ok`, or the code of a refusal, or the name of any other error. */
export async function outcomeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return 'ok'
  } catch (error) {
    const { code, name } = error as { code?: string; name: string }
    return code ?? name
  }
}
