import type { AuditRecorder } from '../audit/index.js'
import type { Clock } from '../shared/clock.js'
import type { Secrets } from '../shared/secrets.js'
import { createSharedRun } from '../shared/shared-run.js'
import { withDeadline } from '../shared/store-deadline.js'
import type { SigningAlgorithm } from './algorithms.js'
import { createConfiguredKeys, type KeySource } from './configured-keys.js'
import type { PublicJwk } from './jwk.js'
import type { KeyOrigin, KeyRingLogger, KeySet } from './key-origin.js'
import { createAllowance } from './reload-allowance.js'
import { createSignerKeys, type Signer } from './signer-keys.js'
import type { ActiveKey } from './signing-key.js'
import type { SigningKeyStore } from './signing-key-store.js'
import { createStoredKeys } from './stored-keys.js'
import type { VerificationKey } from './verification-key.js'

/** Where keys come from: made here and kept in a store, given by the application, or held by a signer. */
export type KeyRingSource = { readonly store: SigningKeyStore } | { readonly keys: KeySource } | { readonly signer: Signer }

/** What a ring needs. */
export interface KeyRingDeps {
  readonly source: KeyRingSource
  readonly secrets: Secrets
  readonly clock: Clock
  /** Of keys that are made here, and of those in PEM, which do not name one. */
  readonly algorithm: SigningAlgorithm
  readonly logger: KeyRingLogger
  readonly audit?: AuditRecorder
}

/** The keys of a deployment, as this process knows them: read again about once a minute, when somebody needs them. */
export interface KeyRing {
  /** Rises with every change of the set of keys. */
  readonly version: number
  /** Resolves when there are keys to verify with. Makes the first key where there is none yet. @throws ConfigError, StoreError */
  ready(): Promise<void>
  /**
   * The key that signs now, and never one that is said to be revoked: it looks for another, and makes one where there is none.
   * @throws ConfigError where keys are not made here, StoreError
   */
  active(isRevoked?: (kid: string) => boolean): Promise<ActiveKey>
  /** The key of that name, or `null`. A name that is not known costs at most one read, shared and rationed. @throws ConfigError, StoreError */
  find(kid: string): Promise<VerificationKey | null>
  /** The public keys: those that sign, will sign, or have signed what is still accepted. @throws ConfigError, StoreError */
  jwks(): Promise<{ readonly keys: readonly PublicJwk[] }>
  /**
   * Makes the next key and answers its name. It signs once everybody can know it, or with `immediately` at once. Where
   * one waits already, answers that one.
   * @throws ConfigError where keys are not made here, StoreError
   */
  rotate(options?: { readonly immediately?: boolean }): Promise<string>
  /** Removes a key and everything signed with it; where it signed, another takes its place at once. @throws ConfigError where keys are not made here, StoreError */
  remove(kid: string): Promise<boolean>
  /** Seals all keys under the secret in use; answers how many it changed. @throws StoreError */
  reseal(): Promise<number>
  /** Removes keys that have been gone for a day; answers how many. @throws StoreError */
  maintain(): Promise<number>
}

const storeDeadlineMs = 2000
const refreshMs = 60_000
/** Between tries while reading fails. */
const retryMs = 5000
/** For how long a ring that cannot be read again verifies. What is revoked meanwhile, the revocation feed knows. */
const longestForVerifyingMs = 3_600_000
/**
 * For how long it signs and is shown: a key that it does not know yet signs 8 min after it was made at the earliest, and
 * keeps the ones before it valid for 62 min more, so that every token of at most an hour comes to its natural end.
 */
const longestForSigningMs = 600_000
const reloadBurst = 5
const reloadEveryMs = 10_000

/** Makes a ring. @throws ConfigError where the given keys or signer are not sound, as far as it shows at once */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { clock, logger } = deps
  const origin = originOf(deps)
  const allowance = createAllowance(clock, reloadBurst, reloadEveryMs)
  let loaded: { readonly keys: KeySet; readonly readAtMs: number } | undefined
  let failedAtMs = Number.NEGATIVE_INFINITY
  let version = 0

  const reload = createSharedRun(async (): Promise<KeySet> => {
    const readAtMs = clock.monotonicMs()
    try {
      const keys = await origin.load()
      if (keys.identity !== loaded?.keys.identity) version++
      loaded = { keys, readAtMs }
      return keys
    } catch (error) {
      failedAtMs = clock.monotonicMs()
      if (loaded) logger.warn({ err: error }, 'the signing keys could not be read again')
      throw error
    }
  })

  /** The keys, read again where they are due. Who must have the newest waits for that, but gets older ones if it fails. */
  async function current(longestMs: number, mustBeNew: boolean): Promise<KeySet> {
    const now = clock.monotonicMs()
    if (!loaded || (origin.mayChange && now - loaded.readAtMs >= longestMs)) return reload.join()
    const { keys, readAtMs } = loaded
    if (!origin.mayChange || now - readAtMs < refreshMs || now - failedAtMs < retryMs) return keys
    const refreshed = reload.join().catch(() => keys)
    return mustBeNew ? refreshed : keys
  }

  return {
    get version() {
      return version
    },
    async ready() {
      await current(longestForVerifyingMs, false)
    },
    async active(isRevoked = () => false) {
      const known = await (await current(longestForSigningMs, true)).active(clock.now())
      if (!isRevoked(known.kid)) return known
      const newest = await (await reload.fresh()).active(clock.now())
      if (!isRevoked(newest.kid)) return newest
      // Whoever took it back did not come to put another in its place.
      await origin.rotate(true)
      return (await reload.fresh()).active(clock.now())
    },
    async find(kid) {
      const known = (await current(longestForVerifyingMs, false)).find(kid, clock.now())
      if (known || !origin.mayHold(kid) || !allowance.take()) return known
      return (await reload.fresh()).find(kid, clock.now())
    },
    async jwks() {
      const keys = await current(longestForSigningMs, true)
      return { keys: keys.published(clock.now()) }
    },
    async rotate({ immediately = false } = {}) {
      const kid = await origin.rotate(immediately)
      await reload.fresh()
      return kid
    },
    async remove(kid) {
      const removed = await origin.remove(kid)
      await reload.fresh()
      return removed
    },
    reseal: () => origin.reseal(),
    maintain: () => origin.deleteGone(),
  }
}

function originOf({ source, secrets, clock, algorithm, logger, audit }: KeyRingDeps): KeyOrigin {
  if ('signer' in source) return createSignerKeys(source.signer, clock)
  if ('keys' in source) return createConfiguredKeys(source.keys, algorithm, clock)
  const store = withDeadline(source.store, 'signingKeys', clock, storeDeadlineMs)
  return createStoredKeys({ store, secrets, clock, algorithm, logger, audit })
}
