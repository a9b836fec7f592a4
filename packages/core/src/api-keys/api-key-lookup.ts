import type { UserRecord, UserStore } from '../accounts/index.js'
import { AuthError, type AuthErrorCode } from '../errors.js'
import { createPrincipal, narrowScopes, type Principal, type Roles } from '../rbac/index.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import { equalBytes, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import type { Network } from '../shared/network.js'
import { isInNetworks, parseNetwork } from '../shared/network.js'
import type { Throttle } from '../throttle/index.js'
import type { RevocationFeed } from '../tokens/index.js'
import { digestApiKey } from './api-key-format.js'
import type { ApiKeyNames } from './api-key-names.js'
import type { ApiKeyRecord, ApiKeyStore } from './api-key-store.js'

/** A key whose secret was right, dead or alive, as it stood when it was read. */
export interface FoundKey {
  readonly key: ApiKeyRecord
  /** `null` where its owner was deleted. */
  readonly owner: UserRecord | null
  /** Where it may be used from; `null`: anywhere. */
  readonly networks: readonly Network[] | null
  /** Whom it makes its bearer, with what both it and its owner may do. */
  readonly principal: Principal
  readonly readAtMs: number
}

/** What looking up keys needs. */
export interface ApiKeyLookupDeps {
  readonly store: Pick<ApiKeyStore, 'find'>
  readonly users: Pick<UserStore, 'find'>
  readonly roles: Pick<Roles, 'resolve'>
  readonly feed: RevocationFeed
  readonly clock: Clock
  readonly names: ApiKeyNames
  /** Bounds, in this process, what keys that it does not know may cost. */
  readonly localThrottle: Throttle
  /** Counts failures over all processes. */
  readonly throttle: Throttle
  /** How long a key may be remembered between reads of the store. */
  readonly maxStalenessMs: number
  /** Hears of every refusal of what had the form of a key. Must not throw. */
  readonly onRefused: (code: AuthErrorCode, key: ApiKeyRecord | null, ip: string | undefined) => Promise<void>
}

/** Finds keys by their text. */
export interface ApiKeyLookup {
  /**
   * The key of a text, where it is in force for this address. Reads the stores at most once per `maxStaleness` for one
   * key; between reads the revocation feed decides. What has not the form of a key costs nothing.
   * @throws AuthError `api_key_invalid`; `api_key_expired`, `api_key_revoked` or `credential_not_allowed` only where the
   * secret is right; `too_many_attempts`; StoreError
   */
  authenticate(text: string, ip: string | undefined): Promise<FoundKey>
  /** The key of a text, dead or alive, read now; `null` where there is none with this secret. */
  read(text: string): Promise<FoundKey | null>
}

const rememberedKeys = 10_000

/** Makes the look-up. Only keys whose secret was right are remembered, so hostile ones push nothing out. */
export function createApiKeyLookup(deps: ApiKeyLookupDeps): ApiKeyLookup {
  const { store, users, feed, clock, names, localThrottle, throttle } = deps
  const remembered = createBoundedMap<string, FoundKey>(rememberedKeys)
  const underWay = new Map<string, Promise<FoundKey | null>>()

  async function readKey(text: string, id: string): Promise<FoundKey | ApiKeyRecord | null> {
    const readAtMs = clock.monotonicMs()
    const digest = await digestApiKey(text)
    const key = await store.find(id)
    if (!key || !equalBytes(utf8(key.digest), utf8(digest))) return key
    const owner = await users.find(key.userId)
    const networks = key.allowedIps?.map(parseNetwork).filter((network) => network !== null) ?? null
    return { key, owner, networks, principal: principalOf(key, owner, deps.roles), readAtMs }
  }

  /** Why a key is not in force. What the store says comes before what the feed does: it knows how the key ended. */
  function refusalOf({ key, owner, networks }: FoundKey, ip: string | undefined): AuthErrorCode | null {
    if (key.revokedAt !== null || !owner || owner.disabledAt !== null) return 'api_key_revoked'
    if (key.expiresAt !== null && key.expiresAt <= clock.now()) return 'api_key_expired'
    if (feed.isApiKeyRevoked(key.id)) return 'api_key_revoked'
    return networks && !isInNetworks(ip ?? '', networks) ? 'credential_not_allowed' : null
  }

  function isFresh(found: FoundKey): boolean {
    const { key, owner, readAtMs } = found
    if (clock.monotonicMs() - readAtMs >= deps.maxStalenessMs) return false
    const isOvertaken = feed.isApiKeyRevoked(key.id) || (owner && feed.isUserVersionRevoked(owner.id, owner.accessVersion))
    // What has ended never comes back, whatever the feed adds to it.
    return !isOvertaken || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= clock.now())
  }

  async function fail(named: ApiKeyRecord | null, ip: string | undefined): Promise<never> {
    const attempt = await throttle.begin({ kind: 'api-key', ip })
    await attempt.failed()
    await deps.onRefused('api_key_invalid', named, ip)
    throw new AuthError('api_key_invalid')
  }

  /** A key that this process does not know: its address must not have failed too often, here or elsewhere. */
  async function meet(text: string, id: string, ip: string | undefined): Promise<FoundKey> {
    const attempt = await localThrottle.begin({ kind: 'api-key', ip })
    try {
      await throttle.check({ kind: 'api-key', ip })
      const found = await readKey(text, id)
      if (isFound(found)) return found
      await attempt.failed()
      return await fail(found, ip)
    } finally {
      await attempt.giveBack()
    }
  }

  /** Many requests at once with one key that was forgotten meanwhile, or never met, cost one read if it is good. */
  async function shared(text: string, load: () => Promise<FoundKey>): Promise<FoundKey> {
    // Not awaited where there is none: whoever comes in the same turn must find this one's.
    const joined = underWay.get(text)
    const found = joined && (await joined)
    // It may have been read before a change that this request comes after.
    if (found && isFresh(found)) return found
    const loading = load()
    // A refusal is each caller's own, and counts for each.
    const settled = loading.catch((error: unknown) => {
      if (error instanceof AuthError) return null
      throw error
    })
    underWay.set(text, settled)
    const forget = (): void => {
      if (underWay.get(text) === settled) underWay.delete(text)
    }
    settled.then(forget, forget)
    return loading
  }

  async function reread(text: string, id: string, ip: string | undefined): Promise<FoundKey> {
    const found = await readKey(text, id)
    return isFound(found) ? found : fail(found, ip)
  }

  return {
    async authenticate(text, ip) {
      const id = await names.idOf(text)
      if (id === null) throw new AuthError('api_key_invalid')
      await feed.ensureFresh()
      const known = remembered.get(text)
      const isKnown = known !== undefined
      const found = known && isFresh(known) ? known : await shared(text, () => (isKnown ? reread : meet)(text, id, ip))
      remembered.set(text, found)
      const code = refusalOf(found, ip)
      if (code === null) return found
      await deps.onRefused(code, found.key, ip)
      throw new AuthError(code)
    },
    async read(text) {
      const id = await names.idOf(text)
      const found = id === null ? null : await readKey(text, id)
      return isFound(found) ? found : null
    },
  }
}

function isFound(found: FoundKey | ApiKeyRecord | null): found is FoundKey {
  return found !== null && 'principal' in found
}

function principalOf(
  { id, userId, scopes }: ApiKeyRecord,
  owner: UserRecord | null,
  roles: Pick<Roles, 'resolve'>,
): Principal {
  const owned = roles.resolve(owner?.roles ?? []).scopes
  const both = { roles: [], scopes: narrowScopes(owned, scopes) }
  return createPrincipal({ kind: 'api-key', subject: id, userId, keyId: id, ...both, via: 'api-key' })
}
