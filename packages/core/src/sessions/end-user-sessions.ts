import type { RaisedVersions, UserRevocation, UserStore } from '../accounts/index.js'
import type { AuditRecorder } from '../audit/index.js'
import type { Clock } from '../shared/clock.js'
import type { RevocationFeed, RevocationStore } from '../tokens/index.js'
import type { SessionEndReason, SessionStore } from './session-store.js'

/** What ending a user's sessions or tokens needs. */
export interface UserAccessDeps {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly revocations: RevocationStore
  readonly feed: RevocationFeed
  readonly clock: Clock
  readonly audit: AuditRecorder
}

/** A change that takes something back from a user. */
export type UserAccessChange = Pick<UserRevocation, 'userId' | 'ends' | 'set' | 'expected' | 'keepsHolderOf' | 'event'>

/**
 * Changes a user and takes back what the change ends: the truth in one statement, then the feed. Both are repeatable;
 * a crash between them already refuses refreshes and cookies, and access tokens live to their `exp`.
 * `null` where there is no such user or an expectation failed: then nothing has changed.
 */
export async function revokeUserAccess(deps: UserAccessDeps, change: UserAccessChange): Promise<RaisedVersions | null> {
  const { users, revocations, feed, clock } = deps
  const raised = await users.revoke({ ...change, feed: revocations, entryExpiresAt: feed.entryExpiresAt(clock.now()) })
  if (!raised) return null
  await feed.announce({ user: change.userId, minVersion: raised.accessVersion }, { alreadyAppended: raised.announced })
  return raised
}

/** Marks the rows of sessions that the epoch has ended already. Housekeeping: a failure changes nothing for anybody. */
export async function closeSessionRows(
  deps: UserAccessDeps,
  userId: string,
  epoch: number | null,
  reason: SessionEndReason,
): Promise<void> {
  await deps.sessions.revokeAll(userId, epoch, reason, deps.clock.now()).catch(() => 0)
}
