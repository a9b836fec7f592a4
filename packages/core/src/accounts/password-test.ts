import type { AuditRecorder } from '../audit/index.js'
import type { PasswordService } from '../passwords/index.js'
import type { Clock } from '../shared/clock.js'
import { lazy } from '../shared/lazy.js'
import type { Attempt, DeviceMarks, Throttle } from '../throttle/index.js'
import type { RequestContext } from './account-service.js'
import type { LockoutAlert } from './security-alerts.js'
import type { UserRecord } from './user-store.js'

/** A password about to be tested. */
export interface PasswordTry {
  /** The canonical address of the account that it is tried on, known or not. */
  readonly account: string
  /** Reads the account. Asked once at most. */
  readonly load: () => Promise<UserRecord | null>
  readonly password: string
  readonly context: RequestContext
}

/** Whose password was right. */
export interface PasswordOwner {
  /** As read together with the hash that was checked. */
  readonly user: UserRecord
  /** Whether it came from a device that the account has signed in on. */
  readonly isKnownDevice: boolean
}

/** What testing passwords needs. */
export interface PasswordTestDeps {
  readonly throttle: Throttle
  readonly passwords: PasswordService
  readonly deviceMarks: DeviceMarks
  readonly clock: Clock
  readonly audit: AuditRecorder
  /** Tells the application. Must not throw. */
  readonly alert: (alert: LockoutAlert) => void
}

/**
 * Tests a password under the throttle; `null` where it is wrong. The slots come back when it is right, or when none was
 * tested. Unknown, disabled and passwordless accounts cost the same work and lock alike.
 * @throws AuthError `too_many_attempts`, `overloaded`
 */
export type PasswordTest = (tried: PasswordTry) => Promise<PasswordOwner | null>

/** The id of no user. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** Makes the test. */
export function createPasswordTest(deps: PasswordTestDeps): PasswordTest {
  const { throttle, passwords, deviceMarks, clock, audit, alert } = deps

  /** A session of the user's own says as much as a mark: the account has signed in there. */
  async function deviceOf(
    { deviceMark, sessionId }: RequestContext,
    load: () => Promise<UserRecord | null>,
  ): Promise<string | null> {
    if (sessionId !== undefined) return `session:${sessionId}`
    if (deviceMark === undefined) return null
    const user = await load()
    // A mark is looked at for nobody, too: the time that it takes must not tell who has an account.
    const device = await deviceMarks.identify(deviceMark, user?.id ?? nobody, user?.sessionEpoch ?? 0)
    return user && device && `mark:${user.id}:${device}`
  }

  async function recordLock(user: UserRecord | null, lockedUntil: Date, { ip, route }: RequestContext): Promise<void> {
    await audit.record({ type: 'lockout', outcome: 'success', subject: user?.id, ip, route })
    if (user?.disabledAt !== null) return
    alert({ kind: 'lockout', userId: user.id, lockedUntil, at: clock.now(), ...(ip === undefined ? {} : { ip }) })
  }

  return async ({ account, load, password, context }) => {
    const loadOnce = lazy(load)
    const device = () => deviceOf(context, loadOnce)
    const attempt = await throttle.begin({ kind: 'password', ip: context.ip, account, device })
    const { user, isRight } = await attempting(attempt, async () => {
      const user = await loadOnce()
      const isRight = await passwords.verify(user?.disabledAt ? null : (user?.passwordHash ?? null), password)
      return { user, isRight: isRight && user?.disabledAt === null }
    })
    if (isRight && user) {
      await attempt.succeeded()
      return { user, isKnownDevice: attempt.isKnownDevice }
    }
    const { lockedUntil } = await attempt.failed()
    if (lockedUntil) await recordLock(user, lockedUntil, context)
    return null
  }
}

/** Runs what an attempt is for; where it fails before anything was tested, the slots come back. */
export async function attempting<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await attempt.giveBack().catch(() => undefined)
    throw error
  }
}
