import { type AuditContext, type AuditEntry, type AuditRecorder, type ChangeEvent, recordRefusals } from '../audit/index.js'
import { AuthError } from '../errors.js'
import type { Roles } from '../rbac/index.js'
import type { Clock } from '../shared/clock.js'
import type { Digest } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { randomId } from '../shared/random.js'
import type { RevocationFeed } from '../tokens/index.js'
import { type OAuthClient, publicClient } from './client.js'
import { createClientSecret, digestClientSecret, digestKnownSecret } from './client-secret.js'
import type { ClientRecord, ClientSecret, ClientStore } from './client-store.js'
import {
  type ClientFields,
  type ClientSettings,
  checkIdentity,
  clientFields,
  isClientId,
  isSha256,
  issueAt,
  type NewOAuthClient,
} from './client-wish.js'

/** A client whose secret is shown, the only time. */
export interface IssuedClient extends OAuthClient {
  /** `null` for a public client, and where the secret was issued elsewhere. */
  readonly secret: string | null
}

/** What the service needs. */
export interface ClientServiceDeps {
  readonly store: ClientStore
  readonly feed: RevocationFeed
  readonly roles: Pick<Roles, 'hasScope'>
  readonly clock: Clock
  readonly audit: AuditRecorder
}

/** A new secret for a client. */
export interface SecretRotation {
  /** For how long the secret before is accepted beside the new one. */
  readonly overlapSeconds: number
  /** SHA-256 in hexadecimal of a secret that was issued elsewhere. */
  readonly secretSha256?: string | undefined
}

/** Registered OAuth clients. */
export interface ClientService {
  /** Registers a client. @throws AuthError `validation_failed`, with `taken` at `id` where the id exists */
  create(wish: NewOAuthClient): Promise<IssuedClient>
  /** Reads a client. */
  find(id: string): Promise<OAuthClient | null>
  /** Lists clients by id. */
  list(after: string | null, limit: number): Promise<readonly OAuthClient[]>
  /** Replaces settings. What it loses, its tokens keep until they are renewed. @throws AuthError `not_found`, `validation_failed` */
  update(id: string, changes: Partial<ClientSettings>): Promise<OAuthClient>
  /** Gives it a new secret; of older ones, the newest is accepted for a while. @throws AuthError `not_found`, `validation_failed` */
  rotateSecret(id: string, rotation: SecretRotation, context?: AuditContext): Promise<IssuedClient>
  /** Ends its tokens on every node and refuses it from now on. @throws AuthError `not_found` */
  disable(id: string): Promise<void>
  /** Accepts it again. @throws AuthError `not_found` */
  enable(id: string): Promise<void>
  /** Removes it and ends its tokens on every node; answers whether there was one. */
  remove(id: string): Promise<boolean>
}

const mostTries = 20

/** Makes the service. */
export function createClientService({ store, feed, roles, clock, audit }: ClientServiceDeps): ClientService {
  const refused = recordRefusals(audit)

  /** Changes a record as it is now, again where another change came first. */
  async function change(
    id: string,
    edit: (client: ClientRecord) => ClientRecord,
    event: ChangeEvent | undefined,
  ): Promise<Changed> {
    for (let tries = 0; tries < mostTries; tries++) {
      const client = isClientId(id) ? await store.find(id) : null
      if (!client) throw new AuthError('not_found')
      const edited = edit(client)
      if (edited === client) return { client, isSwapped: false }
      const next = { ...edited, version: client.version + 1 }
      if (await store.swap(client.version, next, event)) return { client: next, isSwapped: true }
    }
    throw new AuthError('overloaded', { retryAfterSeconds: 1 })
  }

  /** A change that is recorded: once where it is made, and once where there was nothing to change. */
  async function changing(
    entry: AuditEntry,
    id: string,
    edit: (client: ClientRecord) => ClientRecord,
    afterwards: () => Promise<void> = async () => undefined,
  ): Promise<ClientRecord> {
    const { client, isSwapped } = await audit.recordChange({
      entry,
      async make(event) {
        const changed = await change(id, edit, event)
        await afterwards()
        return changed
      },
      isMade: (changed) => changed.isSwapped,
    })
    if (!isSwapped) await audit.record(entry)
    return client
  }

  async function insert(wish: NewOAuthClient): Promise<IssuedClient> {
    const fields = clientFields(wish, roles)
    checkIdentity(wish)
    const id = wish.id ?? `client_${randomId()}`
    const now = clock.now()
    const secret = fields.kind === 'confidential' && !wish.secretSha256 ? createClientSecret() : null
    const digest = await digestOfNew(id, secret, wish.secretSha256)
    const secrets = digest === null ? [] : [{ digest, createdAt: now, expiresAt: null }]
    const client = { ...fields, id, secrets, createdAt: now, disabledAt: null, grantsSince: null, version: 1 }
    const entry = done('oauth_client.created', id)
    const isNew = await audit.recordChange({ entry, make: (event) => store.insert(client, event) })
    if (isNew) return { ...publicClient(client), secret }
    throw new AuthError('validation_failed', { issues: [issueAt('id', 'belongs to another client', 'taken')] })
  }

  return {
    create: (wish) => refused('oauth_client.created', {}, () => insert(wish)),
    async find(id) {
      const client = isClientId(id) ? await store.find(id) : null
      return client && publicClient(client)
    },
    list: async (after, limit) => (await store.list(after, limit)).map(publicClient),
    async update(id, changes) {
      const next = await refused('oauth_client.updated', { subject: id }, () =>
        changing(done('oauth_client.updated', id), id, (client) => ({
          ...client,
          ...changedFields(client, changes, roles),
        })),
      )
      return publicClient(next)
    },
    async rotateSecret(id, { overlapSeconds, secretSha256 }, context = {}) {
      const now = clock.now()
      const made = secretSha256 === undefined ? createClientSecret() : null
      const next = await refused('oauth_client.secret_rotated', { ...context, subject: id }, async () => {
        if (secretSha256 !== undefined && !isSha256(secretSha256))
          throw new AuthError('validation_failed', { issues: [issueAt('secretSha256', 'must be 64 hexadecimal digits')] })
        const digest = await digestOfNew(id, made, secretSha256)
        const entry = done('oauth_client.secret_rotated', id, context)
        return changing(entry, id, (client) => withSecret(client, digest, now, later(now, overlapSeconds)))
      })
      return { ...publicClient(next), secret: made }
    },
    async disable(id) {
      const disabled = (client: ClientRecord): ClientRecord =>
        client.disabledAt ? client : { ...client, disabledAt: clock.now() }
      await refused('oauth_client.disabled', { subject: id }, () =>
        // Nothing is issued any more: what was, ends. Repeatable, so that whoever died on the way can be helped.
        changing(done('oauth_client.disabled', id), id, disabled, () => feed.announce({ client: id })),
      )
    },
    async enable(id) {
      // What was granted up to this very instant stays over: refresh tokens would otherwise outlive what they were taken for.
      const grantsSince = new Date(clock.now().getTime() + 1)
      const enabled = (client: ClientRecord): ClientRecord =>
        client.disabledAt ? { ...client, disabledAt: null, grantsSince } : client
      await refused('oauth_client.enabled', { subject: id }, () => changing(done('oauth_client.enabled', id), id, enabled))
    },
    async remove(id) {
      if (!isClientId(id)) return false
      const make = async (event: ChangeEvent | undefined): Promise<boolean> => {
        const removed = await store.delete(id, event)
        // Also where it was gone: whoever removed it may have died before this.
        await feed.announce({ client: id })
        return removed
      }
      return audit.recordChange({ entry: done('oauth_client.removed', id), make })
    },
  }
}

interface Changed {
  readonly client: ClientRecord
  /** `false` where it was as it should be. */
  readonly isSwapped: boolean
}

function done(
  type: `oauth_client.${'created' | 'updated' | 'secret_rotated' | 'disabled' | 'enabled' | 'removed'}`,
  subject: string,
  { actor, sessionId, ip, route }: AuditContext = {},
): AuditEntry {
  return { type, outcome: 'success', subject, actor, sessionId, ip, route }
}

/** The record with a secret in front; the newest of the others goes on to `until`, never beyond its own end. */
function withSecret(client: ClientRecord, digest: Digest | null, now: Date, until: Date): ClientRecord {
  if (client.kind === 'public' || digest === null)
    throw new AuthError('validation_failed', { issues: [issueAt('kind', 'public clients have no secret')] })
  const [newest] = client.secrets
  // The same secret again, as when several processes bring one in: nothing is to be done.
  if (newest?.digest === digest && newest.expiresAt === null) return client
  const before: ClientSecret[] = []
  if (newest && until > now && (newest.expiresAt === null || newest.expiresAt > now))
    before.push({ ...newest, expiresAt: newest.expiresAt && newest.expiresAt < until ? newest.expiresAt : until })
  return { ...client, secrets: [{ digest, createdAt: now, expiresAt: null }, ...before] }
}

async function digestOfNew(id: string, secret: string | null, sha256Hex: string | undefined): Promise<Digest | null> {
  if (secret !== null) return digestClientSecret(id, secret)
  return sha256Hex === undefined ? null : digestKnownSecret(id, sha256Hex)
}

/** @throws AuthError `validation_failed`, also for what is decided once and for all */
function changedFields(
  client: ClientRecord,
  changes: Partial<ClientSettings>,
  roles: Pick<Roles, 'hasScope'>,
): ClientFields {
  const fixed = ['id', 'kind', 'secretSha256'].filter((name) => Object.hasOwn(changes, name))
  if (fixed.length > 0)
    throw new AuthError('validation_failed', {
      issues: fixed.map((path) => issueAt(path, 'cannot be changed', 'unknown_field')),
    })
  return clientFields({ ...settingsOf(client), ...changes }, roles)
}

function settingsOf(client: ClientRecord): NewOAuthClient {
  const { name, kind, redirectUris, grants, scopes, authMethods, resources, introspects, consent } = publicClient(client)
  return { name, kind, redirectUris, grants, scopes, authMethods, resources, introspects, consent }
}
