import type { UserRecord, UserStore } from '../accounts/index.js'
import type { RecordRefusal } from '../audit/index.js'
import { AuthError, ConfigError } from '../errors.js'
import type { Principal } from '../rbac/index.js'
import { type Duration, durationSeconds } from '../shared/duration.js'
import type { ApiKey, IssuedApiKey } from './api-key.js'
import type { ImportedApiKey } from './api-key-import.js'
import type { ApiKeyService } from './api-key-service.js'
import type { ApiKeyWish } from './api-key-wish.js'
import type { ApiKeyLeak } from './leak-reports.js'

/** A key to be made by the application itself. */
export interface ApiKeyRequest extends ApiKeyWish {
  readonly userId: string
  /** Absent: it never ends by itself. At most ten years. */
  readonly expiresIn?: Duration
}

/** The longest that a key may be given to live, and to overlap with its successor. */
export const maxKeyLifeSeconds: number = 3650 * 86_400
/** How long an old key may stay valid beside its successor. */
export const maxOverlapSeconds: number = 90 * 86_400

/** API keys, for the application's own code: nothing here asks who is calling. Everything throws a ConfigError where they are off. */
export interface ApiKeys {
  /** Makes a key: the only time it is shown. @throws AuthError `not_found`, `validation_failed`, `insufficient_scope` */
  create(key: ApiKeyRequest): Promise<IssuedApiKey>
  /** Lists a user's keys, dead or alive, newest first. */
  list(userId: string): Promise<readonly ApiKey[]>
  /** Reads a key by its id, dead or alive. */
  find(id: string): Promise<ApiKey | null>
  /**
   * Checks a key as a guard does, limits and networks included, and tells whom it makes its bearer.
   * @param key As received, untrusted and unparsed.
   * @throws AuthError `api_key_invalid`, `api_key_expired`, `api_key_revoked`, `credential_not_allowed`, `too_many_attempts`
   */
  verify(key: string, options?: { readonly ip?: string }): Promise<Principal>
  /**
   * Replaces a key by a new one with a new id, the same scopes and networks, and as long a life as it was meant to have.
   * @param options.overlap How long both are valid; never beyond the old key's own end. Default 0, at most `90d`.
   * @throws AuthError `not_found` where the key is not in force, or was replaced already
   */
  rotate(id: string, options?: { readonly overlap?: Duration }): Promise<IssuedApiKey>
  /** Ends a key on every node; answers whether it was not revoked before. */
  revoke(id: string): Promise<boolean>
  /**
   * Takes over a key that was issued elsewhere, by its SHA-256: its bearers go on as before. Repeatable.
   * @throws AuthError `validation_failed`, `not_found`; ConfigError for a key of no configured format, which nobody could verify
   */
  import(key: ImportedApiKey): Promise<ApiKey>
  /**
   * Ends a key that was found in public, records who found it, and tells `onSecurityAlert`, which tells the owner. Issues
   * nothing in its place. `null` where there is no such key. Safe to call with whatever a scanner sends.
   */
  reportLeak(key: string, report: { readonly source: string }): Promise<ApiKeyLeak | null>
  /** Writes the counts of uses that this process has gathered: for a shutdown that loses none. @throws StoreError */
  flushUses(): Promise<void>
}

/** Makes what the application calls. */
export function createApiKeys(
  service: ApiKeyService | null,
  users: Pick<UserStore, 'find'>,
  refused: RecordRefusal,
): ApiKeys {
  function on(): ApiKeyService {
    if (!service) throw new ConfigError([{ path: 'stores.apiKeys', message: 'is needed for API keys' }])
    return service
  }

  async function ownerOf(id: string): Promise<string> {
    const key = await on().find(id)
    if (!key) throw new AuthError('not_found')
    return key.userId
  }

  async function enabled(userId: string): Promise<UserRecord> {
    const user = await users.find(userId)
    if (!user || user.disabledAt) throw new AuthError('not_found')
    return user
  }

  return {
    async create({ userId, expiresIn, ...wish }) {
      const keys = on()
      const [owner, expiresInSeconds] = await refused('api_key.issued', { subject: userId }, async () => [
        await enabled(userId),
        expiresIn === undefined ? undefined : secondsOf('expiresIn', expiresIn, 1, maxKeyLifeSeconds),
      ])
      return keys.create(owner, { ...wish, expiresInSeconds })
    },
    list: async (userId) => on().list(userId),
    find: async (id) => on().find(id),
    verify: async (key, { ip } = {}) => on().verify(key, { ip }),
    async rotate(id, { overlap = 0 } = {}) {
      const keys = on()
      const [owner, seconds] = await refused('api_key.rotated', { subject: id }, async () => [
        await ownerOf(id),
        secondsOf('overlap', overlap, 0, maxOverlapSeconds),
      ])
      return keys.rotate(owner, id, seconds)
    },
    async revoke(id) {
      const key = await on().find(id)
      return key !== null && on().revoke(key.userId, id)
    },
    import: async (key) => on().import(key),
    reportLeak: async (key, { source }) => on().reportLeak(key, source),
    flushUses: async () => on().flushUses(),
  }
}

function secondsOf(path: string, duration: Duration, least: number, most: number): number {
  const seconds = durationSeconds(duration)
  if (seconds !== null && seconds >= least && seconds <= most) return seconds
  const issue = { path, code: 'invalid_value', message: `must be a duration of ${least} to ${most} seconds` }
  throw new AuthError('validation_failed', { issues: [issue] })
}
