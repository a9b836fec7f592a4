import { ConfigError } from '../errors.js'
import type { PasswordHasher } from '../passwords/index.js'
import { lazy } from '../shared/lazy.js'
import { randomId } from '../shared/random.js'
import { readHash } from './hash-formats.js'

/** How imported hashes are checked. */
export interface ImportedHashesOptions {
  /** Makes new hashes, and checks its own: `argon2id()`. */
  readonly hasher: PasswordHasher
  /**
   * One of the imported hashes, or one of the same kind and cost. Whoever has none of them costs as much work at a login as whoever
   * has one, so that the time tells nobody whose account was imported, nor that it is there.
   */
  readonly typical: string
}

/**
 * Checks hashes that another system made as well: bcrypt (`$2a$`, `$2b$`, `$2y$`), scrypt and PBKDF2 as PHC strings, PBKDF2 as Django writes
 * it, and every kind of Argon2. Each is replaced by one of `hasher` at the next login. A hash in no such format, or of more cost
 * than is bearable (bcrypt 14, 2,000,000 rounds of PBKDF2, 256 MiB), is no match. Each login costs one check of `hasher` and one of the
 * old kind, until you take this out again.
 * @throws ConfigError where `typical` is in none of the formats.
 * @example
 * createAuth({ ..., passwords: { hasher: importedHashes({ hasher: argon2id(), typical: '$2b$10$…' }) } })
 */
export function importedHashes({ hasher, typical }: ImportedHashesOptions): PasswordHasher {
  const checkTypical = readHash(typical)
  if (!checkTypical) {
    const message = 'must be a hash as the imported ones: bcrypt, scrypt, PBKDF2 or Argon2 of bearable cost'
    throw new ConfigError([{ path: 'passwords.hasher.typical', message }])
  }
  const dummy = lazy(() => hasher.hash(randomId()))
  return {
    hash: (password) => hasher.hash(password),
    async verify(hash, password) {
      const check = hasher.needsRehash(hash) ? readHash(hash) : null
      // Always both, one after the other: neither the kind of a hash nor its absence changes the work.
      const isOld = await (check ?? checkTypical)(password)
      const isNew = await hasher.verify(check ? await dummy() : hash, password)
      return check ? isOld : isNew
    },
    needsRehash: (hash) => hasher.needsRehash(hash),
  }
}

/** Whether `importedHashes` can check a hash. */
export function isImportableHash(text: unknown): boolean {
  return readHash(text) !== null
}
