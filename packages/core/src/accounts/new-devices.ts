import type { SessionRecord } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { randomId } from '../shared/random.js'
import type { AttemptStore } from '../throttle/index.js'
import type { NewDeviceAlert } from './security-alerts.js'

/** A session that has just begun. */
export interface SignIn {
  readonly session: SessionRecord
  /** Whether it began on a device that the account has signed in on. */
  readonly isKnownDevice: boolean
}

/** Notices sign-ins on devices that are new to an account. */
export interface NewDevices {
  /**
   * Looks at a sign-in: the first of an account is remembered, a later one on a new device raises an alert. Never rejects:
   * no sign-in fails by it.
   */
  note(signIn: SignIn): Promise<void>
  /** Forgets a user who is gone. */
  forget(userId: string): Promise<void>
}

/** What it needs. */
export interface NewDevicesDeps {
  /** Remembers in a ledger of the user's who has signed in before. */
  readonly attempts: Pick<AttemptStore, 'find' | 'take' | 'clear'>
  readonly clock: Clock
  /** Tells the application. Must not throw. */
  readonly alert: (alert: NewDeviceAlert) => void
  /** Hears of sign-ins that could not be looked at. */
  readonly onError: (error: unknown) => void
}

/** As good as for ever: whoever was away for years has signed in before all the same. */
const rememberedSeconds = 20 * 365 * 86_400

/** Makes it. */
export function createNewDevices({ attempts, clock, alert, onError }: NewDevicesDeps): NewDevices {
  const keyOf = (userId: string): Promise<string> => digestOf('signed-in', userId)

  async function look({ userId, id: sessionId, ip, userAgent }: SessionRecord): Promise<void> {
    const [key, now] = [await keyOf(userId), clock.now()]
    const earlier = await attempts.find(key, now)
    if (earlier.length === 0)
      return void (await attempts.take({ key, slot: randomId(), now, expiresAt: later(now, rememberedSeconds) }))
    alert({
      kind: 'new_device',
      userId,
      sessionId,
      at: now,
      ...(ip === null ? {} : { ip }),
      ...(userAgent === null ? {} : { userAgent }),
    })
  }

  return {
    async note({ session, isKnownDevice }) {
      if (!isKnownDevice) await look(session).catch(onError)
    },
    forget: async (userId) => attempts.clear(await keyOf(userId)),
  }
}
