import type { UserRecord, UserStore } from '../accounts/index.js'
import { type AuditContext, type AuditRecorder, type ChangeEvent, callerOf, recordRefusals } from '../audit/index.js'
import { AuthError, type AuthErrorCode } from '../errors.js'
import { missingScopes, type Principal, type Roles } from '../rbac/index.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import type { AttemptStore, Throttle } from '../throttle/index.js'
import type { RevocationFeed } from '../tokens/index.js'
import { type ApiKey, type IssuedApiKey, publicApiKey } from './api-key.js'
import { createApiKey, digestApiKey, maskApiKey } from './api-key-format.js'
import { createApiKeyImport, type ImportedApiKey } from './api-key-import.js'
import { createApiKeyLookup } from './api-key-lookup.js'
import { createApiKeyNames } from './api-key-names.js'
import type { ApiKeySettings } from './api-key-settings.js'
import type { ApiKeyRecord, ApiKeyStore } from './api-key-store.js'
import { type ApiKeyWish, checkApiKeyWish } from './api-key-wish.js'
import { mostKeys, tooManyKeys } from './key-count.js'
import { createKeyMeter } from './key-meter.js'
import { type ApiKeyLeak, createLeakReports, type LeakAlert } from './leak-reports.js'
import { createRotateKey } from './rotate-key.js'

/** What the room needs. */
export interface ApiKeyDeps {
  readonly store: ApiKeyStore
  readonly users: UserStore
  readonly attempts: AttemptStore
  readonly roles: Roles
  readonly feed: RevocationFeed
  readonly clock: Clock
  readonly audit: AuditRecorder
  /** Bounds, in this process, what unknown keys may cost. */
  readonly localThrottle: Throttle
  /** Counts failures over all processes. */
  readonly throttle: Throttle
  readonly settings: ApiKeySettings
  readonly maxStalenessMs: number
  /** Tells the application. Must not throw. */
  readonly alert: (alert: LeakAlert) => void
  /** Hears of counts of uses that could not be written. */
  readonly onUsesError: (error: unknown) => void
}

/** Where a request came from, and who is calling. */
export type ApiKeyContext = AuditContext

/** A key about to be made. */
export interface NewApiKey extends ApiKeyWish {
  /** After how many seconds it ends; absent: never. */
  readonly expiresInSeconds?: number | undefined
}

/** API keys. Whose they are is the caller's to know: nothing here asks who is calling. */
export interface ApiKeyService {
  /** Whether a bearer credential claims to be a key, by how it begins. */
  claims(text: string): boolean
  /** @throws AuthError `api_key_invalid`, `api_key_expired`, `api_key_revoked`, `credential_not_allowed`, `too_many_attempts`; StoreError */
  verify(text: string, context: ApiKeyContext): Promise<Principal>
  /** Makes a key for a user who was just read. @throws AuthError `validation_failed`, `insufficient_scope`, `token_revoked` */
  create(owner: UserRecord, wish: NewApiKey, context?: ApiKeyContext): Promise<IssuedApiKey>
  /** Reads a key, dead or alive. */
  find(id: string): Promise<ApiKey | null>
  /** Lists a user's keys, dead or alive, newest first. */
  list(userId: string): Promise<readonly ApiKey[]>
  /** Whether a user has keys that are in force. */
  hasAny(userId: string): Promise<boolean>
  /** Replaces a user's key. @throws AuthError `not_found` where the user has no such key in force */
  rotate(userId: string, id: string, overlapSeconds: number, context?: ApiKeyContext): Promise<IssuedApiKey>
  /** Ends a user's key on every node; answers whether it was not revoked before. @throws AuthError `not_found` */
  revoke(userId: string, id: string, context?: ApiKeyContext): Promise<boolean>
  /** Ends all keys of a user: part of disabling or deleting them. Repeatable. @throws StoreError */
  revokeAll(userId: string): Promise<void>
  /** Takes over a key that was issued elsewhere. @throws AuthError `validation_failed`, `not_found`; `token_revoked` where its owner was disabled meanwhile */
  import(key: ImportedApiKey): Promise<ApiKey>
  /** Ends a key that was found where it should not be; `null` where there is no such key. */
  reportLeak(text: string, source: string): Promise<ApiKeyLeak | null>
  /** Writes what was gathered of uses. @throws StoreError */
  flushUses(): Promise<void>
}

const rememberedRefusals = 10_000
const refusalEveryMs = 60_000

/** Makes the service. */
export function createApiKeyService(deps: ApiKeyDeps): ApiKeyService {
  const { store, users, roles, clock, audit, settings, feed } = deps
  const names = createApiKeyNames(settings)
  const meter = createKeyMeter(deps)
  const refusals = createBoundedMap<string, number>(rememberedRefusals)

  const refused = recordRefusals(audit)

  /** Does something to a key of an owner and records it, unless it answers `false`, and the refusal of it. */
  async function recorded<T>(
    type: 'api_key.rotated' | 'api_key.revoked',
    owner: string,
    id: string,
    context: ApiKeyContext,
    make: (event: ChangeEvent | undefined) => Promise<T>,
  ): Promise<T> {
    const about = { ...callerOf(context), actor: owner, subject: id }
    const entry = { type, outcome: 'success', ...about } as const
    return refused(type, about, () => audit.recordChange({ entry, make, isMade: (done) => done !== false }))
  }

  /** One event a minute for a key that is refused again and again; unknown ones are bounded by their address's limit. */
  async function onRefused(code: AuthErrorCode, key: ApiKeyRecord | null, ip: string | undefined): Promise<void> {
    const name = `${key?.id}:${code}`
    const nowMs = clock.monotonicMs()
    if (code !== 'api_key_invalid') {
      if (nowMs - (refusals.get(name) ?? Number.NEGATIVE_INFINITY) < refusalEveryMs) return
      refusals.set(name, nowMs)
    }
    // Without the right secret nobody has shown to be the owner.
    const actor = code === 'api_key_invalid' ? undefined : key?.userId
    await audit.record({ type: 'api_key.refused', outcome: 'failure', code, actor, subject: key?.id, ip })
  }

  const lookup = createApiKeyLookup({ ...deps, names, onRefused })
  const rotateKey = createRotateKey({ store, clock, settings, revoke: end })
  const importKey = createApiKeyImport({ store, users, clock, audit, settings, requireSame })

  /** The row first: it is the truth, and every node reads it within `maxStaleness`. The feed brings it to them sooner. */
  async function end({ id, userId }: Pick<ApiKeyRecord, 'id' | 'userId'>, event?: ChangeEvent): Promise<boolean> {
    const wasLive = await store.revoke(id, userId, clock.now(), event)
    await feed.announce({ apiKey: id })
    return wasLive
  }

  const reportLeak = createLeakReports({ lookup, end, clock, audit, alert: deps.alert })

  async function own(userId: string, id: string): Promise<ApiKeyRecord> {
    const key = await store.find(id)
    if (key?.userId !== userId) throw new AuthError('not_found')
    return key
  }

  /** What was true when the key was asked for must be true once it is there: whoever ended it meanwhile did not see the key. */
  async function requireSame(owner: UserRecord, id: string): Promise<void> {
    const now = await users.find(owner.id)
    if (now && now.disabledAt === null && now.sessionEpoch === owner.sessionEpoch) return
    await audit.recordChange({
      entry: { type: 'api_key.revoked', outcome: 'success', actor: owner.id, subject: id },
      make: (event) => end({ id, userId: owner.id }, event),
    })
    throw new AuthError('token_revoked')
  }

  async function issue(owner: UserRecord, wish: NewApiKey, context: ApiKeyContext): Promise<IssuedApiKey> {
    const { name, scopes, allowedIps = null } = checkApiKeyWish(wish)
    const missing = missingScopes(roles.resolve(owner.roles).scopes, scopes)
    if (missing.length > 0) throw new AuthError('insufficient_scope', { requiredScopes: scopes, missingScopes: missing })
    const made = createApiKey(settings.prefixes[0])
    const createdAt = clock.now()
    const key: ApiKeyRecord = {
      id: made.id,
      userId: owner.id,
      prefix: maskApiKey(made),
      name,
      digest: await digestApiKey(made.key),
      scopes,
      allowedIps,
      createdAt,
      expiresAt: wish.expiresInSeconds === undefined ? null : later(createdAt, wish.expiresInSeconds),
      lastUsedAt: null,
      uses: 0,
      revokedAt: null,
      replacedBy: null,
    }
    const outcome = await audit.recordChange({
      entry: { type: 'api_key.issued', outcome: 'success', ...callerOf(context), actor: owner.id, subject: key.id },
      make: (event) => store.insert(key, mostKeys, event),
      isMade: (inserted) => inserted === 'inserted',
    })
    if (outcome === 'limit') throw tooManyKeys()
    if (outcome !== 'inserted') throw new Error('an id of 95 random bits is taken')
    await requireSame(owner, key.id)
    return { ...publicApiKey(key), key: made.key }
  }

  return {
    claims: names.claims,
    async verify(text, { ip }) {
      const { key, principal } = await lookup.authenticate(text, ip)
      await meter.use(key).catch(async (error: unknown) => {
        if (error instanceof AuthError) await onRefused(error.code, key, ip)
        throw error
      })
      return principal
    },
    create(owner, wish, context = {}) {
      const about = { ...callerOf(context), actor: owner.id, subject: owner.id }
      return refused('api_key.issued', about, () => issue(owner, wish, context))
    },
    async find(id) {
      const key = await store.find(id)
      return key && publicApiKey(key)
    },
    list: async (userId) => (await store.list(userId)).map(publicApiKey),
    async hasAny(userId) {
      const now = clock.now()
      return (await store.list(userId)).some((key) => !key.revokedAt && (key.expiresAt === null || key.expiresAt > now))
    },
    rotate: (userId, id, overlapSeconds, context = {}) =>
      recorded('api_key.rotated', userId, id, context, async (event) => {
        const { old, successor } = await rotateKey(await own(userId, id), overlapSeconds, event)
        // With an overlap the old key's row says when it ends; without one, it has ended now.
        if (overlapSeconds === 0) await feed.announce({ apiKey: old.id })
        return successor
      }),
    revoke: (userId, id, context = {}) =>
      recorded('api_key.revoked', userId, id, context, async (event) => end(await own(userId, id), event)),
    async revokeAll(userId) {
      await store.revokeAll(userId, clock.now())
    },
    async import(key) {
      return publicApiKey(await refused('api_key.imported', { actor: key.userId }, () => importKey(key)))
    },
    reportLeak,
    flushUses: () => meter.flush(),
  }
}
