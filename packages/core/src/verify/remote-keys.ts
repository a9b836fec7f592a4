import { StoreError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { createSharedRun } from '../shared/shared-run.js'
import { createAllowance, type VerificationKey } from '../signing-keys/index.js'
import type { VerifierKeys } from '../tokens/index.js'

/** Keys as an issuer published them. */
export interface PublishedKeys {
  readonly keys: readonly VerificationKey[]
  /** For how long they are as good as new. */
  readonly maxAgeMs: number
}

/** What the keys of an issuer need. */
export interface RemoteKeysDeps {
  /** Gets them from the issuer. */
  readonly read: () => Promise<PublishedKeys>
  readonly clock: Clock
  /** For how long the last good ones are used while they cannot be read again. */
  readonly keepMs: number
  /** Told each time that they cannot be read. */
  readonly onFailure: (error: unknown) => void
}

interface Loaded {
  readonly byKid: ReadonlyMap<string, VerificationKey>
  readonly identity: string
  readonly readAtMs: number
  readonly maxAgeMs: number
}

/** Between tries while reading fails. */
const retryMs = 5000
/** Reads for the sake of names that are not known, which strangers can make up: three at once, and one more every 20 s. */
const unknownBurst = 3
const unknownEveryMs = 20_000

/**
 * Keeps the keys of an issuer. They are read by one for all who ask, and again once they are older than the issuer says:
 * behind the callers' backs, unless nobody asked for as long again. While they cannot be read, the last good ones serve.
 */
export function createRemoteKeys({ read, clock, keepMs, onFailure }: RemoteKeysDeps): VerifierKeys {
  const allowance = createAllowance(clock, unknownBurst, unknownEveryMs)
  let loaded: Loaded | undefined
  /** How the last attempt ended, where it failed. */
  let failure: { readonly atMs: number; readonly error: StoreError } | undefined
  let isReading = false
  let version = 0

  const reading = createSharedRun(async (): Promise<Loaded> => {
    const readAtMs = clock.monotonicMs()
    isReading = true
    try {
      const { keys, maxAgeMs } = await read()
      const identity = identityOf(keys)
      if (identity !== loaded?.identity) version++
      loaded = { byKid: new Map(keys.map((key) => [key.kid, key])), identity, readAtMs, maxAgeMs }
      failure = undefined
      return loaded
    } catch (cause) {
      const error = new StoreError("The issuer's keys cannot be read", { cause })
      failure = { atMs: clock.monotonicMs(), error }
      onFailure(cause)
      throw error
    } finally {
      isReading = false
    }
  })

  const ageOf = ({ readAtMs }: Loaded): number => clock.monotonicMs() - readAtMs

  /** The failure of an attempt after which it is too early for another. */
  function recentFailure(): StoreError | undefined {
    return failure && clock.monotonicMs() - failure.atMs < retryMs ? failure.error : undefined
  }

  async function current(): Promise<Loaded> {
    const usable = loaded && ageOf(loaded) < keepMs ? loaded : undefined
    const failed = recentFailure()
    if (!usable) {
      if (failed) throw failed
      return reading.join()
    }
    const age = ageOf(usable)
    if (age < usable.maxAgeMs || failed) return usable
    const hasWaited = failure !== undefined
    const renewed = reading.join().catch(() => usable)
    return hasWaited || age < 2 * usable.maxAgeMs ? usable : renewed
  }

  /** The keys, read anew because one is missing. Nobody is refused for keys that could not be looked at. @throws StoreError */
  async function newest(known: Loaded): Promise<Loaded> {
    if (isReading) return reading.join()
    const failed = recentFailure()
    if (failed) throw failed
    if (ageOf(known) >= known.maxAgeMs) return reading.join()
    return allowance.take() ? reading.join() : known
  }

  return {
    get version() {
      return version
    },
    async ready() {
      await current()
    },
    async find(kid) {
      const known = await current()
      return known.byKid.get(kid) ?? (await newest(known)).byKid.get(kid) ?? null
    },
  }
}

/** Changes with any of the keys, also where one takes another's name. */
function identityOf(keys: readonly VerificationKey[]): string {
  return keys
    .map(({ publicJwk }) => JSON.stringify(publicJwk))
    .sort()
    .join()
}
