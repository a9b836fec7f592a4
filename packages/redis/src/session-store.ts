import type { RotationOutcome, SessionRecord, SessionStore } from '@auth/core'
import type { Database } from './database.js'
import { deleteDue, openDueIndex } from './due-index.js'
import { decodeText, defineFields, encodeInteger, encodeMaybe, encodeText, encodeTime } from './fields.js'
import { lifeUntil } from './lives.js'
import { type OwnedRecord, openOwnerIndex } from './owner-index.js'
import { type Reply, type RunOptions, type Script, toList, toText } from './scripts.js'
import * as lua from './session-scripts.js'

const listLimit = 1000
const readAtOnce = 200
/** How long ago an end has to be before the session counts as over for every node: no clock is that wrong. */
const doubtMs = 3_600_000

const fields = defineFields<SessionRecord>({
  id: 'text',
  userId: 'text',
  clientId: 'text',
  scope: 'text',
  resource: 'text',
  carrier: 'text',
  epoch: 'integer',
  generation: 'integer',
  currentDigest: 'text',
  previousDigest: 'text',
  sealedSuccessor: 'text',
  rotatedAt: 'time',
  createdAt: 'time',
  authenticatedAt: 'time',
  lastSeenAt: 'time',
  idleExpiresAt: 'time',
  expiresAt: 'time',
  revokedAt: 'time',
  revokedReason: 'text',
  ip: 'text',
  userAgent: 'text',
})

/** Keeps sessions in Redis: a hash for each, which every method reads and writes in one script. */
export function createSessionStore({ scripts, keys, deployment }: Database): SessionStore {
  const ofUsers = openOwnerIndex(scripts, keys, 'user-sessions')
  const toKey = (name: string) => keys.named('session', name)
  const ends = openDueIndex(scripts, keys, 'session-ends', toKey)
  const seals = openDueIndex(scripts, keys, 'session-seals', toKey)

  async function run(script: Script, id: string, args: readonly string[], options?: RunOptions): Promise<Reply> {
    const { key, part } = keys.record('session', id)
    return (await scripts.run(script, [key, ends.key(part), seals.key(part)], args, options)).reply
  }

  async function does(script: Script, id: string, args: readonly string[], options?: RunOptions): Promise<boolean> {
    return (await run(script, id, args, options)) === '1'
  }

  async function find(id: string): Promise<SessionRecord | null> {
    const flat = await run(lua.findRecord, id, [])
    // The memory of an end is no session, and has no id.
    return toList(flat).includes('id') ? readSession(id, flat) : null
  }

  /** The user's live sessions, newest first, at most 1,000. What it sees to be over nobody reads for a list again. */
  async function listLive(userId: string, now: Date): Promise<readonly SessionRecord[]> {
    const noted = await ofUsers.list(userId)
    const found: SessionRecord[] = []
    for (let first = 0; first < noted.length && found.length < listLimit; first += readAtOnce) {
      const some = noted.slice(first, first + readAtOnce)
      const sessions = await Promise.all(some.map(({ id }) => find(id)))
      for (const session of sessions) if (session?.userId === userId && isLive(session, now)) found.push(session)
      // What is not there may be about to be inserted.
      ofUsers.drop(
        userId,
        some.filter((_, index) => isOver(sessions[index], now)),
      )
    }
    return found.slice(0, listLimit)
  }

  return {
    deployment,
    find,
    async findWithUser(id, users) {
      const session = await find(id)
      return session && { session, user: await users.find(session.userId) }
    },
    async insert(session) {
      const life = lifeUntil(session.expiresAt, session.createdAt)
      const sealedAt = session.sealedSuccessor !== null && session.rotatedAt ? encodeTime(session.rotatedAt) : ''
      const written = fields.write(session)
      const since = performance.now()
      await ofUsers.add(session.userId, session.id, session.createdAt, life, { since })
      return does(lua.insertSession, session.id, [life, encodeTime(session.expiresAt), sealedAt, ...written], { since })
    },
    listLive,
    async rotate({ id, successor, ...rotation }) {
      const reply = await run(lua.rotateSession, id, [
        rotation.carrier,
        encodeMaybe(rotation.clientId),
        encodeInteger(rotation.generation),
        encodeText(rotation.digest),
        encodeText(successor.digest),
        encodeMaybe(successor.sealed),
        encodeInteger(rotation.userEpoch),
        encodeTime(rotation.now),
        `${rotation.retryWindowMs}`,
        encodeTime(rotation.idleExpiresAt),
      ])
      const outcome = toOutcome(id, reply)
      if (outcome.outcome === 'reused' || outcome.outcome === 'rolled_back') {
        const { userId, createdAt } = outcome.session
        ofUsers.drop(userId, [{ id, createdAt: createdAt.getTime() }])
      }
      return outcome
    },
    async touch(id, now, idleExpiresAt) {
      return does(lua.touchSession, id, [encodeTime(now), encodeTime(idleExpiresAt)])
    },
    async swapEpoch({ id, fromEpoch, toEpoch, digest, now }) {
      const epochs = [encodeInteger(fromEpoch), encodeInteger(toEpoch)]
      return does(lua.swapSessionEpoch, id, [encodeTime(now), ...epochs, digest === undefined ? '' : encodeText(digest)])
    },
    async revoke({ id, reason, now, rememberUntil }) {
      const args = [encodeTime(now), reason, encodeTime(rememberUntil), lifeUntil(rememberUntil, now)]
      const [ended, userId, createdAt] = toList(await run(lua.revokeSession, id, args, { isReplicated: true }))
      if (userId !== undefined) ofUsers.drop(decodeText(toText(userId)), [{ id, createdAt: Number(toText(createdAt)) }])
      return toText(ended) === '1'
    },
    async revokeAll(userId, epoch, reason, now) {
      const args = [encodeTime(now), reason, encodeText(userId), epoch === null ? '' : encodeInteger(epoch)]
      const noted = await ofUsers.list(userId)
      const revoke = ({ id }: OwnedRecord): Promise<Reply> => run(lua.revokeSessionOfUser, id, args, { isReplicated: true })
      let ended = 0
      for (let first = 0; first < noted.length; first += readAtOnce) {
        const some = noted.slice(first, first + readAtOnce)
        const answers = await Promise.all(some.map(revoke))
        ended += answers.filter((answer) => answer === 'ended').length
        ofUsers.drop(
          userId,
          some.filter((_, index) => answers[index] !== 'kept'),
        )
      }
      return ended
    },
    async eraseSuccessors(rotatedBefore, limit) {
      const last = encodeTime(rotatedBefore)
      return seals.settle(last, limit, async (named, dues, left) => {
        const { reply } = await scripts.run(lua.eraseSealed, named, [last, `${left}`, ...dues])
        return Number(reply)
      })
    },
    async deleteExpired(before, limit) {
      const end = encodeTime(before)
      return ends.settle(`(${end}`, limit, async (named, dues, left) => {
        const { reply } = await scripts.run(deleteDue, named, [end, `${left}`, ...dues])
        return Number(reply)
      })
    },
  }
}

function isLive({ revokedAt, idleExpiresAt, expiresAt }: SessionRecord, now: Date): boolean {
  return revokedAt === null && now < idleExpiresAt && now < expiresAt
}

/** Whether a session was ended, or its time is up by the clock of every node: no such one comes back. */
function isOver(session: SessionRecord | null | undefined, now: Date): boolean {
  return !!session && (session.revokedAt !== null || !isLive(session, new Date(now.getTime() - doubtMs)))
}

/** @throws Error where the record is another's, which no reply may be trusted with. */
function readSession(id: string, flat: Reply | undefined): SessionRecord {
  const session = fields.read(flat)
  if (session?.id !== id) throw new Error('Redis gave the session of another id')
  return session
}

function toOutcome(id: string, reply: Reply): RotationOutcome {
  const [told, flat] = toList(reply)
  const outcome = toText(told)
  switch (outcome) {
    case 'absent':
    case 'invalid':
    case 'expired':
      return { outcome }
    case 'revoked':
    case 'rotated':
    case 'reused':
    case 'rolled_back':
      return { outcome, session: readSession(id, flat) }
    case 'retried': {
      const session = readSession(id, flat)
      return { outcome, session, sealedSuccessor: session.sealedSuccessor ?? '' }
    }
    default:
      throw new Error('Redis told no outcome of a rotation')
  }
}
