import type { ApiKeyRecord, AuthStores, ClientRecord, SigningKeyRecord } from '@auth/core'
import { at, digestNamed, later, session, user } from './samples.js'

const digest = digestNamed('first')
const binding = digestNamed('binding')

/** Calls every method of every store, one after the other, always with the same values. */
export async function useEveryMethod(stores: Required<AuthStores>): Promise<void> {
  await useUsers(stores)
  await useSessions(stores)
  await useAttempts(stores)
  await useTickets(stores)
  await useApiKeys(stores)
  await useRest(stores)
  await cleanUp(stores)
}

async function useUsers({ users, revocations }: Required<AuthStores>): Promise<void> {
  await users.insert(user())
  await users.insert(user({ id: 'user-2' }))
  await users.find('user-1')
  await users.findByEmailKey('ann@example.com')
  const ann = { email: 'Ann@example.com', emailKey: 'ann@example.com' }
  const swap = { ...ann, userId: 'user-1', from: ann.emailKey, sessionEpoch: null, verifiedAt: at }
  await users.swapEmail(swap)
  await users.swapEmail({ ...swap, from: 'another@example.com', sessionEpoch: 1 })
  await users.swapPasswordHash('user-1', '$argon2id$…', '$argon2id$…2')
  const set = { roles: ['admin'], passwordHash: null, emailVerifiedAt: at, disabledAt: at }
  const entryExpiresAt = later(3900)
  await users.revoke({ userId: 'user-1', ends: 'sessions', set, feed: revocations, entryExpiresAt })
  const expected = { emailKey: 'ann@example.com', passwordHash: null, sessionEpoch: 1 }
  const foreign = { ...revocations }
  await users.revoke({ userId: 'user-1', ends: 'tokens', expected, feed: foreign, entryExpiresAt })
  await users.find('user-1')
  await users.list({ after: null, limit: 10 })
  await users.revoke({
    userId: 'user-1',
    ends: 'tokens',
    keepsHolderOf: [['owner'], ['admin']],
    feed: revocations,
    entryExpiresAt,
  })
  await users.delete('user-1')
  await users.find('user-1')
}

async function useSessions({ sessions }: Required<AuthStores>): Promise<void> {
  const rotation = { id: 'session-1', carrier: 'refresh', clientId: null, userEpoch: 0, retryWindowMs: 10_000 } as const
  const times = { now: later(1), idleExpiresAt: later(60) }
  const successor = { digest: digestNamed('second'), sealed: 'sealed' }
  await sessions.insert(session())
  await sessions.find('session-1')
  await sessions.rotate({ ...rotation, ...times, generation: 0, digest, successor })
  await sessions.rotate({ ...rotation, ...times, generation: 0, digest, successor })
  await sessions.touch('session-1', later(2), later(62))
  await sessions.swapEpoch({ id: 'session-1', fromEpoch: 0, toEpoch: 1, now: later(3) })
  await sessions.swapEpoch({ id: 'session-1', fromEpoch: 1, toEpoch: 2, now: later(3), digest: digestNamed('third') })
  await sessions.listLive('user-1', later(4))
  await sessions.rotate({ ...rotation, ...times, userEpoch: 2, retryWindowMs: 0, generation: 0, digest, successor })
  await sessions.revoke({ id: 'session-2', reason: 'logout', now: later(5), rememberUntil: later(600) })
  await sessions.insert(session({ id: 'session-2' }))
  await sessions.insert(session({ id: 'session-3' }))
  await sessions.revoke({ id: 'session-3', reason: 'logout', now: later(5), rememberUntil: later(600) })
  await sessions.insert(session({ id: 'session-4' }))
  await sessions.revokeAll('user-1', 1, 'password', later(6))
  await sessions.revokeAll('user-1', null, 'password', later(6))
  await sessions.find('session-4')
}

async function useAttempts({ attempts }: Required<AuthStores>): Promise<void> {
  for (const slot of ['a', 'b']) await attempts.take({ key: 'key', slot, now: at, expiresAt: later(60) })
  await attempts.settle('key', 'a', at)
  await attempts.giveBack('key', 'b')
  await attempts.find('key', later(1))
  await attempts.clear('key')
}

async function useTickets({ tickets }: Required<AuthStores>): Promise<void> {
  const ends = { createdAt: at, expiresAt: later(60), rememberUntil: later(120) }
  const ticket = { digest, purpose: 'test', binding, userId: 'user-1', grantId: 'grant', payload: '{}', ...ends }
  await tickets.insert(ticket)
  await tickets.find(digest, 'test', at)
  for (const now of [at, later(1)]) await tickets.consume({ digest, purpose: 'test', binding, now })
  await tickets.insert({ ...ticket, digest: digestNamed('second') })
  await tickets.revokeAll('test', 'user-1')
}

async function useApiKeys({ apiKeys }: Required<AuthStores>): Promise<void> {
  const none = { allowedIps: ['10.0.0.0/8'], expiresAt: null, lastUsedAt: null, revokedAt: null, replacedBy: null, uses: 0 }
  const key: ApiKeyRecord = {
    ...none,
    id: 'key-1',
    userId: 'user-1',
    prefix: 'p',
    name: 'n',
    digest,
    scopes: ['a'],
    createdAt: at,
  }
  await apiKeys.insert(key)
  await apiKeys.insert(key, 10)
  await apiKeys.recordUses([{ id: 'key-1', lastUsedAt: later(1), uses: 2 }])
  await apiKeys.find('key-1')
  const successor = { ...key, id: 'key-2', createdAt: later(2) }
  await apiKeys.rotate({ id: 'key-1', userId: 'user-1', successor, validUntil: later(60), now: later(2) })
  await apiKeys.list('user-1')
  await apiKeys.revoke('key-1', 'user-1', later(3))
  await apiKeys.revokeAll('user-1', later(4))
}

async function useRest({ signingKeys, clients, audit, revocations, users }: Required<AuthStores>): Promise<void> {
  const times = { createdAt: at, activeFrom: later(60) }
  const key: SigningKeyRecord = {
    kid: 'k',
    ordinal: 1,
    algorithm: 'RS256',
    publicJwk: '{}',
    sealedPrivateJwk: 's',
    tag: 't',
    ...times,
  }
  await signingKeys.insert(key)
  await signingKeys.swap('t', { ...key, tag: 'u' })
  await signingKeys.list()
  await signingKeys.delete('k')
  const lists = {
    secrets: [{ digest, createdAt: at, expiresAt: null }],
    redirectUris: ['https://a.example'],
    grants: [],
    scopes: [],
    authMethods: [],
    resources: [],
    introspects: [],
  }
  const client: ClientRecord = {
    id: 'c',
    name: 'c',
    kind: 'confidential',
    ...lists,
    consent: 'explicit',
    createdAt: at,
    disabledAt: null,
    grantsSince: null,
    version: 1,
  }
  await clients.insert(client)
  await clients.swap(1, { ...client, version: 2 })
  await clients.find('c')
  await clients.list(null, 10)
  await clients.list('a', 10)
  await clients.delete('c')
  await audit.insert({ id: 'e', type: 'login', at, outcome: 'success', subject: 'user-1' })
  for (const query of [{}, { type: 'login' }, { subject: 'user-1' }, { after: 'e' }] as const) {
    await audit.list({ ...query, limit: 10 })
  }
  await revocations.append({ id: 'r', target: { session: 's' }, expiresAt: later(60) })
  await revocations.read(null, at)
  await users.deployment?.claim('deployment', 'id')
}

async function cleanUp(stores: Required<AuthStores>): Promise<void> {
  const before = later(86_400 * 9)
  await stores.sessions.eraseSuccessors(before, 10)
  for (const name of ['sessions', 'revocations', 'attempts', 'tickets', 'apiKeys', 'audit'] as const) {
    await stores[name].deleteExpired(before, 10)
  }
}
