import type { PublicJwk } from './jwk.js'
import type { ActiveKey } from './signing-key.js'
import type { VerificationKey } from './verification-key.js'

/** All keys of one moment. What each is for may depend on the time. */
export interface KeySet {
  /** Differs from that of every set with other keys. */
  readonly identity: string
  /** The key of that name, if tokens signed with it are accepted now. */
  find(kid: string, now: Date): VerificationKey | null
  /** The public keys to show now. */
  published(now: Date): readonly PublicJwk[]
  /** The key that signs now. @throws StoreError */
  active(now: Date): Promise<ActiveKey>
}

/** Where a ring's keys come from. */
export interface KeyOrigin {
  /** Whether another `load` may give other keys. */
  readonly mayChange: boolean
  /** Whether there can be a key of that name at all. Keeps what is made up from causing a read. */
  mayHold(kid: string): boolean
  /** Reads all keys; makes the first one where keys are made here. @throws ConfigError, StoreError */
  load(): Promise<KeySet>
  /** Makes the next key and answers its name. @throws ConfigError where keys are not made here */
  rotate(immediately: boolean): Promise<string>
  /** Removes a key for good; answers whether there was one. @throws ConfigError where keys are not made here */
  remove(kid: string): Promise<boolean>
  /** Seals all rows under the secret in use; answers how many it changed. */
  reseal(): Promise<number>
  /** Removes keys that have long been gone; answers how many. */
  deleteGone(): Promise<number>
}

/** Where ring and origins report what an operator should look at. */
export interface KeyRingLogger {
  warn(details: object, message: string): void
}
