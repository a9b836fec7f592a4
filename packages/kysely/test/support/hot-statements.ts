import type { ChangeEvent, Rotation } from '@auth/core'
import type { kyselyStores } from '../../src/index.js'
import { at, digestNamed, later, session, user } from './samples.js'

type Stores = ReturnType<typeof kyselyStores>

const id = 'id-1'
const digest = digestNamed('digest')
const longAgo = later(-86_400 * 365)
const record = { id: 'event', type: 'login', at, outcome: 'success', subject: id } as const
const eventFor = ({ audit: trail }: Stores): ChangeEvent => ({ record, trail, kept: () => undefined })
const [next, binding] = [digestNamed('next'), digestNamed('binding')]
const rotation: Rotation = {
  ...{ id, carrier: 'refresh', clientId: null, generation: 0, digest, userEpoch: 0, retryWindowMs: 0 },
  ...{ successor: { digest: next, sealed: null }, now: at, idleExpiresAt: later(60) },
}

/** Everything that requests and housekeeping ask for. */
export const hotStatements: Readonly<Record<string, (stores: Stores, cursor: string) => Promise<unknown>>> = {
  'users.find': ({ users }) => users.find(id),
  'users.findByEmailKey': ({ users }) => users.findByEmailKey(id),
  'users.insert': ({ users }) => users.insert(user()),
  'users.list': ({ users }) => users.list({ after: id, limit: 100 }),
  'users.swapPasswordHash': ({ users }) => users.swapPasswordHash(id, 'a', 'b'),
  'users.swapEmail': ({ users }) =>
    users.swapEmail({ userId: id, from: id, sessionEpoch: 1, email: id, emailKey: id, verifiedAt: at }),
  'users.revoke': ({ users, revocations }) =>
    users.revoke({ userId: id, ends: 'sessions', set: {}, feed: revocations, entryExpiresAt: later(60) }),
  'users.revoke with its event': (stores) => {
    const change = { userId: id, ends: 'sessions', set: {}, feed: stores.revocations, entryExpiresAt: later(60) } as const
    return stores.users.revoke({ ...change, event: eventFor(stores) })
  },
  'sessions.insert with its event': (stores) =>
    stores.sessions.insert(session({ id: 'next', expiresAt: later(86_400 * 60) }), eventFor(stores)),
  'sessions.find': ({ sessions }) => sessions.find(id),
  'sessions.findWithUser': ({ sessions, users }) => sessions.findWithUser(id, users),
  'sessions.listLive': ({ sessions }) => sessions.listLive(id, at),
  'sessions.rotate': ({ sessions }) => sessions.rotate(rotation),
  'sessions.rotate with its event': (stores) => stores.sessions.rotate({ ...rotation, event: eventFor(stores) }),
  'sessions.touch': ({ sessions }) => sessions.touch(id, at, later(60)),
  'sessions.swapEpoch': ({ sessions }) => sessions.swapEpoch({ id, fromEpoch: 0, toEpoch: 1, now: at }),
  'sessions.revoke': ({ sessions }) => sessions.revoke({ id, reason: 'logout', now: at, rememberUntil: later(60) }),
  'sessions.revoke with its event': (stores) =>
    stores.sessions.revoke({ id, reason: 'logout', now: at, rememberUntil: later(60), event: eventFor(stores) }),
  'sessions.revokeAll': ({ sessions }) => sessions.revokeAll(id, 1, 'revoked', at),
  'sessions.eraseSuccessors': ({ sessions }) => sessions.eraseSuccessors(longAgo, 10),
  'sessions.deleteExpired': ({ sessions }) => sessions.deleteExpired(longAgo, 10),
  'revocations.append': ({ revocations }) => revocations.append({ id, target: { session: id }, expiresAt: later(60) }),
  'revocations.read': ({ revocations }, cursor) => revocations.read(cursor, at),
  'revocations.deleteExpired': ({ revocations }) => revocations.deleteExpired(longAgo, 10),
  'attempts.find': ({ attempts }) => attempts.find(id, at),
  'attempts.take': ({ attempts }) => attempts.take({ key: id, slot: id, now: at, expiresAt: later(-3600) }),
  'attempts.settle': ({ attempts }) => attempts.settle(id, id, at),
  'attempts.giveBack': ({ attempts }) => attempts.giveBack(id, 'another'),
  'attempts.deleteExpired': ({ attempts }) => attempts.deleteExpired(at, 10),
  'attempts.clear': ({ attempts }) => attempts.clear(id),
  'tickets.find': ({ tickets }) => tickets.find(digest, 'purpose', at),
  'tickets.consume': ({ tickets }) => tickets.consume({ digest, purpose: 'purpose', binding, now: at }),
  'tickets.consume with its event': (stores) =>
    stores.tickets.consume({ digest, purpose: 'purpose', binding, now: at, event: eventFor(stores) }),
  'tickets.revokeAll': ({ tickets }) => tickets.revokeAll('purpose', id),
  'tickets.deleteExpired': ({ tickets }) => tickets.deleteExpired(longAgo, 10),
  'apiKeys.find': ({ apiKeys }) => apiKeys.find(id),
  'apiKeys.list': ({ apiKeys }) => apiKeys.list(id),
  'apiKeys.rotate': ({ apiKeys }) => {
    const none = { allowedIps: null, expiresAt: null, lastUsedAt: null, revokedAt: null, replacedBy: null }
    const successor = { ...none, id: 'next', userId: id, prefix: 'p', name: 'n', digest, scopes: [], createdAt: at, uses: 0 }
    return apiKeys.rotate({ id, userId: id, successor, validUntil: at, now: at })
  },
  'apiKeys.revoke': ({ apiKeys }) => apiKeys.revoke(id, id, at),
  'apiKeys.revokeAll': ({ apiKeys }) => apiKeys.revokeAll(id, at),
  'apiKeys.recordUses': ({ apiKeys }) => apiKeys.recordUses([{ id, lastUsedAt: at, uses: 1 }]),
  'apiKeys.deleteExpired': ({ apiKeys }) => apiKeys.deleteExpired(longAgo, 10),
  'audit.list': ({ audit }) => audit.list({ limit: 10 }),
  'audit.list by type': ({ audit }) => audit.list({ type: 'login', after: id, limit: 10 }),
  'audit.list by subject': ({ audit }) => audit.list({ subject: id, after: id, limit: 10 }),
  'audit.list by both': ({ audit }) => audit.list({ type: 'login', subject: id, after: id, limit: 10 }),
  'audit.deleteExpired': ({ audit }) => audit.deleteExpired(longAgo, 10),
}
