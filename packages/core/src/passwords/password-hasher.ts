/** Hashes passwords. `argon2id()` of `@auth/core/argon2` is the default; write one to keep hashes elsewhere or otherwise. */
export interface PasswordHasher {
  /**
   * Hashes under a fresh random salt. The whole of the password counts, what follows a NUL too; nothing is cut. Resolves
   * to a PHC string.
   */
  hash(password: string): Promise<string>
  /**
   * Whether the hash was made of this password. Any other string in `hash` (empty, cut, of another algorithm, of absurd
   * cost) gives `false` after bounded work. Rejects only where the machine fails, which is never a match nor a mismatch.
   */
  verify(hash: string, password: string): Promise<boolean>
  /** Whether the hash is weaker than, or of another kind than, what `hash` makes now. Never throws. */
  needsRehash(hash: string): boolean
}
