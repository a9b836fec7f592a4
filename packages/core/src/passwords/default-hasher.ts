import { argon2Defaults, isOutdatedArgon2Hash } from '../shared/argon2-hash.js'
import { lazy } from '../shared/lazy.js'
import type { PasswordHasher } from './password-hasher.js'

/** Hashes with `argon2id()` under its defaults. What that needs is loaded at the first hash, so that importing costs nothing. */
export function defaultHasher(): PasswordHasher {
  const hasher = lazy(async () => (await import('../argon2/index.js')).argon2id())
  return {
    async hash(password) {
      return (await hasher()).hash(password)
    },
    async verify(hash, password) {
      return (await hasher()).verify(hash, password)
    },
    needsRehash: (hash) => isOutdatedArgon2Hash(hash, argon2Defaults),
  }
}
