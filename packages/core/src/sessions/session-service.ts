import type { UserRecord, UserStore } from '../accounts/index.js'
import {
  type AuditContext,
  type AuditEntry,
  type AuditRecorder,
  type ChangeEvent,
  callerOf,
  recordRefusals,
} from '../audit/index.js'
import { AuthError } from '../errors.js'
import { equalBytes, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { later } from '../shared/duration.js'
import { randomUuid } from '../shared/random.js'
import type { Secrets } from '../shared/secrets.js'
import type { RevocationFeed, RevocationStore } from '../tokens/index.js'
import { earlier, isLive } from './decide-rotation.js'
import { createSessionLookup, type SessionLookup, type UserSession } from './session-lookup.js'
import type { SessionCarrier, SessionEndReason, SessionRecord, SessionStore } from './session-store.js'
import { createSessionSecret, digestSessionToken, formatSessionToken, parseSessionToken } from './session-token.js'

/** Lifetimes of one carrier, in seconds. */
export interface SessionLifetime {
  /** How long it may lie unused. */
  readonly idleSeconds: number
  /** How long it may live however much it is used. */
  readonly absoluteSeconds: number
}

/** What the room is told by the configuration. */
export interface SessionPolicy {
  readonly lifetimes: Readonly<Record<SessionCarrier, SessionLifetime>>
  /** For how long the token before the current one gets the same successor again; 0: never. */
  readonly retryWindowMs: number
  /** What the reuse of a first-party refresh token ends. */
  readonly onReuse: 'user' | 'session'
  /** How long a cookie's session may be remembered between reads of the store. */
  readonly maxStalenessMs: number
}

/** What the room needs. */
export interface SessionDeps {
  readonly sessions: SessionStore
  readonly users: UserStore
  /** The very store that was configured: by it a store of sessions knows whether it keeps the users too. */
  readonly givenUsers: UserStore
  readonly revocations: RevocationStore
  readonly feed: RevocationFeed
  readonly secrets: Secrets
  readonly clock: Clock
  readonly audit: AuditRecorder
  readonly policy: SessionPolicy
}

/** A login about to become a session. */
export interface SessionStart {
  /** As read together with the password that was checked: its epoch is the session's. */
  readonly user: UserRecord
  readonly carrier: SessionCarrier
  /** What the session came of. Whatever is no login has an event of its own. */
  readonly by: 'login' | 'registration' | 'grant'
  /** What the user let an OAuth client do, where the session is the client's. */
  readonly grant?: ClientGrant
  readonly authenticatedAt: Date
  /** Where it came from. */
  readonly context: AuditContext
  readonly userAgent?: string | undefined
}

/** The session of an OAuth client that acts for a user. */
export interface ClientGrant {
  /** Chosen before: whoever revoked it before it began has ended it. */
  readonly id: string
  readonly clientId: string
  readonly scope: string
  readonly resource: string | null
  /** When the user did: by this it is known whether the client is still the one that they granted it to. */
  readonly grantedAt: Date
  /** How long it lives where nothing can renew it; `null`: as long as a refresh token. */
  readonly lifeSeconds: number | null
  /** What its beginning leaves in the trail. */
  readonly entry: AuditEntry
}

/** A session and the secret that carries it. */
export interface CarriedSession {
  readonly session: SessionRecord
  /** The cookie's value or the refresh token. */
  readonly token: string
}

/** A session that went on after its user's epoch was raised. */
export interface CarriedOverSession {
  readonly session: SessionRecord
  /** The cookie's new value; `null` for a refresh token, which stays as it is. */
  readonly token: string | null
}

/** Sessions: continuing logins carried by a cookie or a refresh token. */
export interface SessionService extends SessionLookup {
  /**
   * Starts a session. If the user's epoch was raised since the user was read, the session is dead from the start.
   * @throws AuthError `session_invalid` where its id was revoked before
   */
  start(login: SessionStart): Promise<CarriedSession>
  /** The session a genuine token belongs to, dead or alive and whatever its generation; `null` for any other string. For ending it. */
  identify(token: string): Promise<string | null>
  /** The live session of which this is the current refresh token, and its user; `null` for any other string. Changes nothing. */
  inspectRefresh(token: string): Promise<UserSession | null>
  /**
   * Ends a session, its cookie or refresh tokens and its access tokens. Answers whether it was live. Repeatable.
   * @param entry What that leaves in the trail where it was live.
   */
  end(sessionId: string, reason: SessionEndReason, entry?: AuditEntry): Promise<boolean>
  /** Ends a session at its owner's wish. */
  logout(sessionId: string, context: AuditContext): Promise<void>
  /** Reads a session, dead or alive. */
  find(sessionId: string): Promise<SessionRecord | null>
  /** Lists a user's live sessions, newest first. */
  list(user: UserRecord): Promise<readonly SessionRecord[]>
  /** Ends one of the user's own sessions. @throws AuthError `not_found` where there is no such session of this user */
  endOwn(userId: string, sessionId: string, context: AuditContext): Promise<void>
  /** Ends a live session in the name of the application; answers whether there was one. */
  endLive(sessionId: string): Promise<boolean>
  /** Lets one session go on after its user's epoch was raised; a cookie gets a new value. `null` where it has ended meanwhile. */
  carryOver(session: SessionRecord, toEpoch: number): Promise<CarriedOverSession | null>
}

/** Makes the service. */
export function createSessionService(deps: SessionDeps): SessionService {
  const { sessions, clock, secrets, feed, policy, audit } = deps
  const lookup = createSessionLookup(deps)
  const refused = recordRefusals(audit)

  async function start(login: SessionStart): Promise<CarriedSession> {
    const { user, carrier, by, grant, authenticatedAt, context, userAgent } = login
    const now = clock.now()
    const { idleSeconds, absoluteSeconds } = policy.lifetimes[carrier]
    const token = { carrier, sessionId: grant?.id ?? randomUuid(), generation: 0, secret: createSessionSecret() }
    const expiresAt = later(now, grant?.lifeSeconds ?? absoluteSeconds)
    const session: SessionRecord = {
      id: token.sessionId,
      userId: user.id,
      clientId: grant?.clientId ?? null,
      scope: grant?.scope ?? null,
      resource: grant?.resource ?? null,
      carrier,
      epoch: user.sessionEpoch,
      generation: 0,
      currentDigest: await digestSessionToken(token),
      previousDigest: null,
      sealedSuccessor: null,
      rotatedAt: null,
      createdAt: grant?.grantedAt ?? now,
      authenticatedAt,
      lastSeenAt: now,
      idleExpiresAt: earlier(later(now, idleSeconds), expiresAt),
      expiresAt,
      revokedAt: null,
      revokedReason: null,
      ip: context.ip ?? null,
      userAgent: userAgent ?? null,
    }
    const text = await formatSessionToken(token, secrets)
    const entry = by === 'login' ? entryOf('login', session, context) : grant?.entry
    const make = (event?: ChangeEvent): Promise<boolean> => sessions.insert(session, event)
    const isNew = await (entry ? audit.recordChange({ entry, make }) : make())
    if (!isNew) throw new AuthError('session_invalid')
    return { session, token: text }
  }

  async function end(sessionId: string, reason: SessionEndReason, entry?: AuditEntry): Promise<boolean> {
    // The feed first: once the row is marked, nothing of the session may pass anywhere.
    await feed.announce({ session: sessionId })
    const now = clock.now()
    const make = (event?: ChangeEvent): Promise<boolean> =>
      sessions.revoke({ id: sessionId, reason, now, rememberUntil: later(now, rememberRevokedSeconds), event })
    return entry ? audit.recordChange({ entry, make }) : make()
  }

  return {
    ...lookup,
    start,
    end,
    async identify(text) {
      const token = (await parseSessionToken(text, 'refresh', secrets)) ?? (await parseSessionToken(text, 'cookie', secrets))
      return token?.sessionId ?? null
    },
    async inspectRefresh(text) {
      const token = await parseSessionToken(text, 'refresh', secrets)
      if (!token) return null
      await feed.readNow()
      const found = await sessions.findWithUser(token.sessionId, deps.givenUsers)
      const { session, user = null } = found ?? {}
      if (!session || !user || user.disabledAt !== null || user.sessionEpoch !== session.epoch) return null
      const isCurrent = session.generation === token.generation && session.carrier === 'refresh'
      const isGenuine = equalBytes(utf8(session.currentDigest), utf8(await digestSessionToken(token)))
      const isInForce = isLive(session, clock.now()) && !feed.isSessionRevoked(session.id)
      return isCurrent && isGenuine && isInForce ? { session, user } : null
    },
    async list(user) {
      const live = await sessions.listLive(user.id, clock.now())
      return live.filter((session) => session.epoch === user.sessionEpoch)
    },
    find: (sessionId) => sessions.find(sessionId),
    async logout(sessionId, context) {
      const session = await sessions.find(sessionId)
      await end(sessionId, 'logout', session ? entryOf('logout', session, context) : undefined)
    },
    endOwn: (userId, sessionId, context) =>
      refused('session.revoked', { ...callerOf(context), actor: userId, subject: userId }, async () => {
        const session = await sessions.find(sessionId)
        if (session?.userId !== userId) throw new AuthError('not_found')
        await end(sessionId, 'revoked', entryOf('session.revoked', session, context))
      }),
    async endLive(sessionId) {
      const session = await sessions.find(sessionId)
      if (!session || !isLive(session, clock.now())) return false
      return end(sessionId, 'revoked', { type: 'session.revoked', outcome: 'success', subject: session.userId, sessionId })
    },
    async carryOver(session, toEpoch) {
      const swap = { id: session.id, fromEpoch: session.epoch, toEpoch, now: clock.now() }
      if (session.carrier === 'refresh') {
        return (await sessions.swapEpoch(swap)) ? { session: { ...session, epoch: toEpoch }, token: null } : null
      }
      const { id: sessionId, carrier } = session
      const token = { carrier, sessionId, generation: session.generation + 1, secret: createSessionSecret() }
      const digest = await digestSessionToken(token)
      const text = await formatSessionToken(token, secrets)
      if (!(await sessions.swapEpoch({ ...swap, digest }))) return null
      return { session: { ...session, epoch: toEpoch, generation: token.generation, currentDigest: digest }, token: text }
    },
  }
}

/** What somebody does with a session of their own. */
function entryOf(
  type: 'login' | 'logout' | 'session.revoked',
  { id: sessionId, userId }: SessionRecord,
  context: AuditContext,
): AuditEntry {
  return { type, outcome: 'success', ...callerOf(context), actor: userId, subject: userId, sessionId }
}

/** How long the end of a session that has no row yet is remembered. */
const rememberRevokedSeconds = 3600
