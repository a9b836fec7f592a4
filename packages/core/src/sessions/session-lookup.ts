import type { UserRecord } from '../accounts/index.js'
import { AuthError } from '../errors.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import { equalBytes, utf8 } from '../shared/bytes.js'
import { later } from '../shared/duration.js'
import { earlier, isUnexpired } from './decide-rotation.js'
import type { SessionDeps } from './session-service.js'
import type { SessionRecord } from './session-store.js'
import { digestSessionToken, parseSessionToken } from './session-token.js'

/** A live session and its user, read at about the same time. */
export interface UserSession {
  readonly session: SessionRecord
  readonly user: UserRecord
}

/** Finds the session of a cookie. */
export interface SessionLookup {
  /**
   * The live session that a cookie's value carries, and its user. Reads the stores at most once per `maxStaleness`
   * for one cookie; between reads the revocation feed decides.
   * @throws AuthError `session_invalid` or `session_expired`
   */
  authenticate(token: string): Promise<UserSession>
}

interface Remembered extends UserSession {
  readonly readAtMs: number
}

const touchEverySeconds = 60
const rememberedCookies = 10_000

/** Makes the look-up. Only cookies that were found valid are remembered, so hostile ones push nothing out. */
export function createSessionLookup({ sessions, givenUsers, feed, secrets, clock, policy }: SessionDeps): SessionLookup {
  const remembered = createBoundedMap<string, Remembered>(rememberedCookies)

  function isRevoked({ session, user }: UserSession): boolean {
    return feed.isSessionRevoked(session.id) || feed.isUserVersionRevoked(user.id, user.accessVersion)
  }

  async function read(text: string): Promise<Remembered> {
    const token = await parseSessionToken(text, 'cookie', secrets)
    if (!token) throw new AuthError('session_invalid')
    const readAtMs = clock.monotonicMs()
    const found = await sessions.findWithUser(token.sessionId, givenUsers)
    if (!found) throw new AuthError('session_expired')
    const { session, user } = found
    const current =
      session.carrier === 'cookie' &&
      session.revokedAt === null &&
      session.generation === token.generation &&
      equalBytes(utf8(session.currentDigest), utf8(await digestSessionToken(token)))
    if (!current) throw new AuthError('session_invalid')
    if (!isUnexpired(session, clock.now())) throw new AuthError('session_expired')
    if (!user || user.disabledAt || user.sessionEpoch !== session.epoch) throw new AuthError('session_invalid')
    return { session, user, readAtMs }
  }

  /** Moves the idle end at most once a minute. That it could not is no reason to refuse the request. */
  async function touch(found: Remembered): Promise<Remembered> {
    const now = clock.now()
    const { session } = found
    const { idleSeconds } = policy.lifetimes.cookie
    if (now < later(session.lastSeenAt, Math.min(touchEverySeconds, idleSeconds / 2))) return found
    const idleExpiresAt = earlier(later(now, idleSeconds), session.expiresAt)
    const touched = await sessions.touch(session.id, now, idleExpiresAt).catch(() => null)
    if (touched === false) throw new AuthError('session_invalid')
    return touched ? { ...found, session: { ...session, lastSeenAt: now, idleExpiresAt } } : found
  }

  return {
    async authenticate(text) {
      await feed.ensureFresh()
      const known = remembered.get(text)
      const fresh =
        known &&
        clock.monotonicMs() - known.readAtMs < policy.maxStalenessMs &&
        isUnexpired(known.session, clock.now()) &&
        !isRevoked(known)
      if (known && !fresh) remembered.delete(text)
      const found = fresh ? known : await read(text)
      if (feed.isSessionRevoked(found.session.id)) throw new AuthError('session_invalid')
      const touched = await touch(found)
      remembered.set(text, touched)
      return touched
    },
  }
}
