import type { UserRecord } from '../accounts/index.js'
import type { AuditEntry } from '../audit/index.js'
import { AuthError, type AuthErrorCode } from '../errors.js'
import { later } from '../shared/duration.js'
import type { IssuedToken } from '../tokens/index.js'
import { decideRotation } from './decide-rotation.js'
import { closeSessionRows, revokeUserAccess } from './end-user-sessions.js'
import type { ReuseAlert } from './security-alert.js'
import type { SessionDeps } from './session-service.js'
import type { Rotation, RotationOutcome, SessionRecord } from './session-store.js'
import {
  createSessionSecret,
  digestSessionToken,
  formatSessionToken,
  openSuccessor,
  parseSessionToken,
  type SessionToken,
  sealSuccessor,
} from './session-token.js'

/** What a refresh gives. */
export interface RefreshedSession {
  readonly session: SessionRecord
  /** As read at this refresh: roles are never copied from an older token. */
  readonly user: UserRecord
  readonly refreshToken: string
  readonly access: IssuedToken
}

/** What refreshing needs beside the room's own parts. */
export interface RefreshDeps extends SessionDeps {
  /** Signs an access token for the session. */
  readonly issueAccess: (user: UserRecord, session: SessionRecord) => Promise<IssuedToken>
  /** Tells the application. Must not throw. */
  readonly alert: (alert: ReuseAlert) => void
}

/** Where a request came from, for the audit trail. */
export interface RefreshContext {
  readonly ip?: string | undefined
}

/** Exchanges refresh tokens. */
export interface RefreshService {
  /**
   * Exchanges a refresh token for its successor and a new access token. Of N uses of one token one gets the
   * successor; within the retry window all get that same one.
   * @throws AuthError `refresh_invalid`, `refresh_expired`, `refresh_revoked` or `refresh_reused`
   */
  refresh(token: string, context?: RefreshContext): Promise<RefreshedSession>
}

interface Candidate {
  readonly presented: SessionToken
  readonly session: SessionRecord
  readonly user: UserRecord
  readonly rotation: Rotation
  readonly successor: string
}

/** Makes the service. */
export function createRefreshService(deps: RefreshDeps): RefreshService {
  const { sessions, givenUsers, secrets, clock, policy, feed, audit } = deps

  async function prepare(text: string): Promise<Candidate> {
    const presented = await parseSessionToken(text, 'refresh', secrets)
    if (!presented) throw new AuthError('refresh_invalid')
    const found = await sessions.findWithUser(presented.sessionId, givenUsers)
    if (!found) throw new AuthError('refresh_expired')
    const { session, user } = found
    // The feed hears of a session's end first: what it names is over, also where its row could not be marked.
    const isOver = !user || user.disabledAt !== null || feed.isSessionRevoked(session.id)
    if (isOver) throw new AuthError('refresh_revoked')
    const next = { ...presented, generation: presented.generation + 1, secret: createSessionSecret() }
    const successor = await formatSessionToken(next, secrets)
    const now = clock.now()
    const rotation: Rotation = {
      id: session.id,
      carrier: 'refresh',
      clientId: null,
      generation: presented.generation,
      digest: await digestSessionToken(presented),
      successor: {
        digest: await digestSessionToken(next),
        sealed: policy.retryWindowMs > 0 ? await sealSuccessor(presented, successor) : null,
      },
      userEpoch: user.sessionEpoch,
      now,
      retryWindowMs: policy.retryWindowMs,
      idleExpiresAt: later(now, policy.lifetimes.refresh.idleSeconds),
    }
    return { presented, session, user, rotation, successor }
  }

  /**
   * Ends what a reuse ends. `first` found the reuse; a later caller only completes what the first one, having died on
   * the way, left undone: the expected epoch lets at most one of them do it, and none after a newer login.
   */
  async function endForReuse(session: SessionRecord, ip: string | undefined, first: boolean): Promise<void> {
    if (policy.onReuse === 'user' && session.clientId === null) {
      const expected = { sessionEpoch: session.epoch }
      const raised = await revokeUserAccess(deps, { userId: session.userId, ends: 'sessions', expected })
      if (raised) await closeSessionRows(deps, session.userId, raised.sessionEpoch, 'reuse')
      if (!raised && !first) return
    } else {
      await feed.announce({ session: session.id })
      if (!first) return
    }
    record({ type: 'refresh.reused', outcome: 'failure', code: 'refresh_reused' }, session, ip)
    deps.alert({ kind: 'refresh_reused', userId: session.userId, sessionId: session.id, at: clock.now() })
  }

  /** Whether a reuse was found so long ago that whoever found it has died or is done, and not so long that nothing can matter. */
  function isUnfinishedReuse({ revokedReason, revokedAt }: SessionRecord): boolean {
    if (revokedReason !== 'reuse' || !revokedAt) return false
    const now = clock.now()
    return now >= later(revokedAt, reuseGraceSeconds) && now <= feed.entryExpiresAt(revokedAt)
  }

  /** Does what is missing of the end that a reuse brings: all of it, or that the others are told. */
  async function completeReuse(session: SessionRecord, user: UserRecord, ip: string | undefined): Promise<void> {
    const { id, accessVersion, sessionEpoch } = user
    if (policy.onReuse === 'session') {
      if (!feed.isSessionRevoked(session.id)) await endForReuse(session, ip, false)
    } else if (session.epoch === sessionEpoch) await endForReuse(session, ip, false)
    // Tokens below the user's version are over in any case: telling it again takes nothing more back.
    else if (!feed.isUserVersionRevoked(id, accessVersion - 1)) await feed.announce({ user: id, minVersion: accessVersion })
  }

  async function refuse(outcome: RotationOutcome, user: UserRecord, ip: string | undefined): Promise<AuthErrorCode> {
    switch (outcome.outcome) {
      case 'absent':
      case 'expired':
        return 'refresh_expired'
      case 'reused':
        await endForReuse(outcome.session, ip, true)
        return 'refresh_reused'
      case 'rolled_back':
        await feed.announce({ session: outcome.session.id })
        record({ type: 'refresh.store_rollback', outcome: 'failure' }, outcome.session, ip)
        return 'refresh_revoked'
      case 'revoked':
        if (isUnfinishedReuse(outcome.session)) await completeReuse(outcome.session, user, ip)
        return 'refresh_revoked'
      default:
        return 'refresh_invalid'
    }
  }

  /** Not awaited: nothing may stand between a rotation and its answer, and the recorder never rejects. */
  function record(entry: AuditEntry, session: SessionRecord | null, ip: string | undefined): void {
    const about = session ? { actor: session.userId, subject: session.userId, sessionId: session.id } : {}
    void audit.record({ ...entry, ...about, ...(ip === undefined ? {} : { ip }) })
  }

  let erasing = false
  function eraseLater(): void {
    if (erasing || policy.retryWindowMs === 0) return
    erasing = true
    const erase = async (): Promise<void> => {
      await clock.wait(policy.retryWindowMs + 1000)
      erasing = false
      await sessions.eraseSuccessors(new Date(clock.now().getTime() - policy.retryWindowMs), 1000)
    }
    // What this misses, `maintain` erases.
    erase().catch(() => undefined)
  }

  async function exchange(text: string, ip: string | undefined): Promise<RefreshedSession> {
    const { session, user, rotation, presented, successor } = await prepare(text)
    // Signed before the token is spent: after `rotate` nothing may fail.
    const signed = canStillRotate(session, rotation) ? await deps.issueAccess(user, session) : null
    const outcome = await sessions.rotate(rotation)
    if (outcome.outcome === 'rotated') {
      eraseLater()
      const access = signed ?? (await deps.issueAccess(user, outcome.session))
      return { session: outcome.session, user, refreshToken: successor, access }
    }
    if (outcome.outcome === 'retried') {
      const refreshToken = await openSuccessor(presented, outcome.sealedSuccessor)
      const access = signed ?? (await deps.issueAccess(user, outcome.session))
      if (refreshToken) return { session: outcome.session, user, refreshToken, access }
    }
    throw new AuthError(await refuse(outcome, user, ip))
  }

  return {
    async refresh(text, { ip } = {}) {
      try {
        const refreshed = await exchange(text, ip)
        record({ type: 'refresh', outcome: 'success' }, refreshed.session, ip)
        return refreshed
      } catch (error) {
        // What we did not issue reaches no store, this one neither: strangers could fill it.
        const isOurs = error instanceof AuthError && error.code !== 'refresh_invalid'
        if (isOurs && error.code !== 'refresh_reused') {
          record({ type: 'refresh', outcome: 'failure', code: error.code }, null, ip)
        }
        throw error
      }
    },
  }
}

/**
 * Whether a rotation may still succeed, by a row that was read a moment ago. A session of another epoch may be about to
 * be carried over to the new one; what has ended or been spent never comes back.
 */
function canStillRotate(session: SessionRecord, rotation: Rotation): boolean {
  const { outcome } = decideRotation(session, rotation).outcome
  if (outcome === 'revoked') return session.revokedAt === null
  return outcome === 'rotated' || outcome === 'retried' || outcome === 'rolled_back'
}

/** How long whoever found a reuse has to end what it ends before others complete it. */
const reuseGraceSeconds = 5
