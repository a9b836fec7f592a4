import type { UserRecord, UserStore } from '../accounts/index.js'
import type { AuditRecorder } from '../audit/index.js'
import { AuthError, ConfigError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { importedKeyId, readSha256 } from './api-key-format.js'
import type { ApiKeySettings } from './api-key-settings.js'
import type { ApiKeyRecord, ApiKeyStore } from './api-key-store.js'
import { type ApiKeyWish, checkApiKeyWish } from './api-key-wish.js'

/** A key that was issued elsewhere and goes on here. */
export interface ImportedApiKey extends ApiKeyWish {
  readonly userId: string
  /** SHA-256 of the whole key as its bearer sends it, in hexadecimal or base64url. */
  readonly sha256: string
  /**
   * What the key begins with, for people: the `prefix` of one of `apiKeys.imported`, and more of the key where that is no
   * secret. Keys of another deployment of this SDK: one of `apiKeys.prefix`.
   */
  readonly prefix: string
  /** Of a key of another deployment of this SDK: its id there, which its text names. Absent for any other. */
  readonly id?: string
  readonly createdAt?: Date
  readonly expiresAt?: Date
}

/** What importing needs. */
export interface ApiKeyImportDeps {
  readonly store: Pick<ApiKeyStore, 'insert' | 'find'>
  readonly users: Pick<UserStore, 'find'>
  readonly clock: Clock
  readonly audit: AuditRecorder
  readonly settings: ApiKeySettings
  /** Ends the key, and throws, where its owner is no more what they were. */
  readonly requireSame: (owner: UserRecord, id: string) => Promise<void>
}

/**
 * Makes the function that imports keys. What is imported can be verified: a key of no known format is refused with a
 * ConfigError, instead of being stored where nobody would look for it. Importing a key again changes nothing.
 * Scopes beyond the owner's are kept and, as with every key, count for nothing until the owner has them.
 */
export function createApiKeyImport(deps: ApiKeyImportDeps): (key: ImportedApiKey) => Promise<ApiKeyRecord> {
  const { store, users, clock, audit, settings, requireSame } = deps

  function requireFormat({ prefix, id }: ImportedApiKey): void {
    const own = settings.prefixes.some((known) => prefix === known || prefix.startsWith(`${known}_`))
    const isKnown = id === undefined ? settings.imported.some((format) => prefix.startsWith(format.prefix)) : own
    if (isKnown) return
    const path = id === undefined ? 'apiKeys.imported' : 'apiKeys.prefix'
    throw new ConfigError([{ path, message: 'names no format for the prefix of a key to be imported' }])
  }

  return async (key) => {
    requireFormat(key)
    const digest = readSha256(key.sha256)
    const issue = { path: 'sha256', code: 'invalid_value', message: 'must be a SHA-256 in hexadecimal or base64url' }
    if (!digest) throw new AuthError('validation_failed', { issues: [issue] })
    const { name, scopes, allowedIps = null } = checkApiKeyWish(key)
    const owner = await users.find(key.userId)
    if (!owner || owner.disabledAt) throw new AuthError('not_found')
    const imported: ApiKeyRecord = {
      id: key.id ?? (await importedKeyId(digest)),
      userId: owner.id,
      prefix: key.prefix,
      name,
      digest,
      scopes,
      allowedIps,
      createdAt: key.createdAt ?? clock.now(),
      expiresAt: key.expiresAt ?? null,
      lastUsedAt: null,
      uses: 0,
      revokedAt: null,
      replacedBy: null,
    }
    const entry = { type: 'api_key.imported', outcome: 'success', actor: owner.id, subject: imported.id } as const
    const outcome = await audit.recordChange({
      entry,
      // Without a limit: what was in force elsewhere goes on, however many keys there are.
      make: (event) => store.insert(imported, undefined, event),
      isMade: (inserted) => inserted === 'inserted',
    })
    if (outcome === 'inserted') {
      await requireSame(owner, imported.id)
      return imported
    }
    const there = await store.find(imported.id)
    if (there?.userId === owner.id && there.digest === digest) {
      await audit.record(entry)
      return there
    }
    const taken = { path: 'sha256', code: 'taken', message: 'is the key of somebody else, or its id is taken' }
    throw new AuthError('validation_failed', { issues: [taken] })
  }
}
