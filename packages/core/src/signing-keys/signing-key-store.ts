import type { ChangeEvent } from '../audit/index.js'
import type { StoreBase } from '../shared/deployment-mark.js'
import type { SigningAlgorithm } from './algorithms.js'

/**
 * A signing key as stored. Rows never change but by `swap`, which seals them anew: what a key is used for follows
 * from its times. Everything is authenticated under the deployment's secret, so a writer of the database cannot plant one.
 */
export interface SigningKeyRecord {
  readonly kid: string
  /** 1, 2, 3, …; unique, so that of several creators one wins. */
  readonly ordinal: number
  readonly algorithm: SigningAlgorithm
  /** The public JWK as JSON; `null` for HMAC, which has none. */
  readonly publicJwk: string | null
  /** The private JWK, encrypted. */
  readonly sealedPrivateJwk: string
  readonly createdAt: Date
  /** From when it signs. Verifiers know it from `createdAt` on. */
  readonly activeFrom: Date
  /** Authenticates all other fields. */
  readonly tag: string
}

/** Where signing keys live. */
export interface SigningKeyStore extends StoreBase {
  /** Lists all keys by ordinal. */
  list(): Promise<readonly SigningKeyRecord[]>
  /** Adds a key; `false` where its kid or its ordinal exists. Of N racers with one ordinal exactly one gets `true`. */
  insert(key: SigningKeyRecord, event?: ChangeEvent): Promise<boolean>
  /** Replaces a row only while its tag is still `fromTag`. */
  swap(fromTag: string, key: SigningKeyRecord): Promise<boolean>
  /** Removes a key. */
  delete(kid: string, event?: ChangeEvent): Promise<boolean>
}
