import type { SigningAlgorithm } from '../signing-keys/index.js'
import { type FetchDeps, fetchDocument } from './fetch-json.js'
import { discoverKeys } from './issuer-metadata.js'
import { readKeySet } from './key-set.js'
import type { PublishedKeys } from './remote-keys.js'

/** Whose keys are read, and how. */
export interface IssuerKeysDeps extends FetchDeps {
  readonly issuer: string
  /** Where the keys are; `null` where the issuer is to be asked. */
  readonly jwksUri: URL | null
  readonly algorithms: readonly SigningAlgorithm[]
  /** Told where the issuer, once found, cannot be asked again. */
  readonly onFailure: (error: unknown) => void
}

/** For how long the place of the keys is known. */
const placeMaxAgeMs = 3_600_000
/** Bounds of what an issuer may say of its keys' age, and what counts where it says nothing. */
const leastMaxAgeSeconds = 60
const mostMaxAgeSeconds = 3600
const defaultMaxAgeSeconds = 300

/** Makes the function that reads an issuer's keys. */
export function readIssuerKeys(deps: IssuerKeysDeps): () => Promise<PublishedKeys> {
  const { issuer, jwksUri, algorithms, clock, onFailure } = deps
  let found: { readonly url: URL; readonly atMs: number } | undefined

  async function place(): Promise<URL> {
    if (jwksUri) return jwksUri
    if (found && clock.monotonicMs() - found.atMs < placeMaxAgeMs) return found.url
    try {
      found = { url: await discoverKeys(issuer, deps), atMs: clock.monotonicMs() }
    } catch (error) {
      if (!found) throw error
      // Keys rarely move: those at the old place are better than none.
      onFailure(error)
    }
    return found.url
  }

  return async () => {
    const { object, maxAgeSeconds } = await fetchDocument(await place(), deps)
    const keys = await readKeySet(object, algorithms)
    const seconds = maxAgeSeconds ?? defaultMaxAgeSeconds
    return { keys, maxAgeMs: Math.min(mostMaxAgeSeconds, Math.max(leastMaxAgeSeconds, seconds)) * 1000 }
  }
}
