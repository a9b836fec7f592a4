import type { UserRecord } from '../accounts/index.js'
import { type AuditContext, type AuditEntry, type AuditSubject, callerOf } from '../audit/index.js'
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

/** An OAuth client that proved who it is. */
export interface RefreshingClient {
  readonly clientId: string
  /** Signs an access token for the grant. What it throws leaves the refresh token as it is. */
  readonly issueAccess: RefreshDeps['issueAccess']
}

/** Exchanges refresh tokens. */
export interface RefreshService {
  /**
   * Exchanges a refresh token for its successor and a new access token. Of N uses of one token one gets the
   * successor; within the retry window all get that same one. A token works for whom it was issued to: the application's
   * own without a `client`, a client's with that client.
   * @throws AuthError `refresh_invalid`, `refresh_expired`, `refresh_revoked` or `refresh_reused`
   */
  refresh(token: string, context?: AuditContext, client?: RefreshingClient): Promise<RefreshedSession>
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

  async function prepare(text: string, context: AuditContext, clientId: string | null): Promise<Candidate> {
    const presented = await parseSessionToken(text, 'refresh', secrets)
    // What we did not issue reaches no store, that of the events neither: strangers could fill it.
    if (!presented) throw new AuthError('refresh_invalid')
    const found = await sessions.findWithUser(presented.sessionId, givenUsers)
    if (!found) throw refusal('refresh_expired', { sessionId: presented.sessionId }, context)
    const { session, user } = found
    // The feed hears of a session's end first: what it names is over, also where its row could not be marked.
    const isOver = !user || user.disabledAt !== null || feed.isSessionRevoked(session.id)
    if (isOver) throw refusal('refresh_revoked', ofSession(session), context)
    const next = { ...presented, generation: presented.generation + 1, secret: createSessionSecret() }
    const successor = await formatSessionToken(next, secrets)
    const now = clock.now()
    const rotation: Rotation = {
      id: session.id,
      carrier: 'refresh',
      clientId,
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
  async function endForReuse(session: SessionRecord, context: AuditContext, first: boolean): Promise<void> {
    const theft = theftOf('refresh.reused', session, 'refresh_reused', context)
    let isRecorded = false
    if (policy.onReuse === 'user' && session.clientId === null) {
      const expected = { sessionEpoch: session.epoch }
      const raised = await audit.recordChange({
        entry: theft,
        async make(event) {
          const versions = await revokeUserAccess(deps, { userId: session.userId, ends: 'sessions', expected, event })
          if (versions) await closeSessionRows(deps, session.userId, versions.sessionEpoch, 'reuse')
          return versions
        },
        waits: false,
      })
      if (!raised && !first) return
      isRecorded = raised !== null
    } else {
      await feed.announce({ session: session.id })
      if (!first) return
    }
    if (!isRecorded) void audit.record(theft)
    const { id: sessionId, userId, clientId } = session
    const whose = clientId === null ? {} : { clientId }
    deps.alert({ kind: 'refresh_reused', userId, sessionId, ...whose, at: clock.now() })
  }

  /** Whether a reuse was found so long ago that whoever found it has died or is done, and not so long that nothing can matter. */
  function isUnfinishedReuse({ revokedReason, revokedAt }: SessionRecord): boolean {
    if (revokedReason !== 'reuse' || !revokedAt) return false
    const now = clock.now()
    return now >= later(revokedAt, reuseGraceSeconds) && now <= feed.entryExpiresAt(revokedAt)
  }

  /** Does what is missing of the end that a reuse brings: all of it, or that the others are told. */
  async function completeReuse(session: SessionRecord, user: UserRecord, context: AuditContext): Promise<void> {
    const { id, accessVersion, sessionEpoch } = user
    if (policy.onReuse === 'session' || session.clientId !== null) {
      if (!feed.isSessionRevoked(session.id)) await endForReuse(session, context, false)
    } else if (session.epoch === sessionEpoch) await endForReuse(session, context, false)
    // Tokens below the user's version are over in any case: telling it again takes nothing more back.
    else if (!feed.isUserVersionRevoked(id, accessVersion - 1)) await feed.announce({ user: id, minVersion: accessVersion })
  }

  async function refuse(outcome: RotationOutcome, user: UserRecord, context: AuditContext): Promise<AuthErrorCode> {
    switch (outcome.outcome) {
      case 'absent':
      case 'expired':
        return 'refresh_expired'
      case 'reused':
        await endForReuse(outcome.session, context, true)
        return 'refresh_reused'
      case 'rolled_back':
        await feed.announce({ session: outcome.session.id })
        void audit.record(theftOf('refresh.store_rollback', outcome.session, 'refresh_revoked', context))
        return 'refresh_revoked'
      case 'revoked':
        if (isUnfinishedReuse(outcome.session)) await completeReuse(outcome.session, user, context)
        return 'refresh_revoked'
      default:
        return 'refresh_invalid'
    }
  }

  /** Records a refusal and gives the error that says so. Not awaited: nothing waits for the trail here, and the recorder never rejects. */
  function refusal(code: AuthErrorCode, about: AuditSubject, context: AuditContext): AuthError {
    void audit.record({ type: 'refresh', outcome: 'failure', code, ...callerOf(context), ...about })
    return new AuthError(code)
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

  async function exchange(
    text: string,
    context: AuditContext,
    { clientId, issueAccess }: { readonly clientId: string | null; readonly issueAccess: RefreshDeps['issueAccess'] },
  ): Promise<RefreshedSession> {
    const { session, user, rotation, presented, successor } = await prepare(text, context, clientId)
    // Signed before the token is spent: after `rotate` nothing may fail.
    const signed = canStillRotate(session, rotation) ? await issueAccess(user, session) : null
    const done = { type: 'refresh', outcome: 'success', ...callerOf(context), ...ofSession(session) } as const
    const outcome = await audit.recordChange({
      entry: done,
      make: (event) => sessions.rotate({ ...rotation, event }),
      isMade: (rotated) => rotated.outcome === 'rotated',
      // Nothing may stand between a rotation and its answer.
      waits: false,
    })
    if (outcome.outcome === 'rotated') {
      eraseLater()
      const access = signed ?? (await issueAccess(user, outcome.session))
      return { session: outcome.session, user, refreshToken: successor, access }
    }
    if (outcome.outcome === 'retried') {
      const refreshToken = await openSuccessor(presented, outcome.sealedSuccessor)
      const access = signed ?? (await issueAccess(user, outcome.session))
      if (refreshToken) {
        void audit.record(done)
        return { session: outcome.session, user, refreshToken, access }
      }
    }
    const code = await refuse(outcome, user, context)
    // A theft has an event of its own.
    const isTheft = outcome.outcome === 'reused' || outcome.outcome === 'rolled_back'
    throw isTheft ? new AuthError(code) : refusal(code, ofSession(session), context)
  }

  return {
    refresh: (text, context = {}, client) =>
      exchange(text, context, client ?? { clientId: null, issueAccess: deps.issueAccess }),
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

function theftOf(
  type: 'refresh.reused' | 'refresh.store_rollback',
  session: SessionRecord,
  code: AuthErrorCode,
  context: AuditContext,
): AuditEntry {
  const about = { outcome: 'failure', code, ...callerOf(context), ...ofSession(session) } as const
  return type === 'refresh.reused' ? { type, ...about } : { type, ...about }
}

function ofSession({ id: sessionId, userId }: SessionRecord): SessionEventFields {
  return { actor: userId, subject: userId, sessionId }
}

interface SessionEventFields {
  readonly actor: string
  readonly subject: string
  readonly sessionId: string
}

/** How long whoever found a reuse has to end what it ends before others complete it. */
const reuseGraceSeconds = 5
