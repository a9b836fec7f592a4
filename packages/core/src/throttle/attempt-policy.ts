import { ConfigError, type ConfigProblem } from '../errors.js'

/** How many attempts may fail, and what happens when they do. */
export interface AttemptPolicy {
  /** The policy's name, as in `RateLimit-Policy`. */
  readonly name: string
  /** Failures that fit into a window; the next attempt is refused until the oldest of them is out of it. */
  readonly limit: number
  readonly windowSeconds: number
  /** Blocks in this span lock: `lockAfter` of them, the last one included. */
  readonly lockAfter: number
  readonly lockWithinSeconds: number
  /** How long a lock lasts. */
  readonly lockSeconds: number
  /** For this long after a lock began, every further block is a long lock. */
  readonly longLockWithinSeconds: number
  readonly longLockSeconds: number
}

/**
 * Passwords from one address: 5 failures a minute; the third such block within an hour locks for 15 minutes, any further
 * one within two hours of a lock for an hour.
 */
export const addressPolicy: AttemptPolicy = {
  name: 'password-address',
  limit: 5,
  windowSeconds: 60,
  lockAfter: 3,
  lockWithinSeconds: 3600,
  lockSeconds: 900,
  longLockWithinSeconds: 7200,
  longLockSeconds: 3600,
}

/**
 * API keys from one address: 30 failures a minute, and no locks: their secrets cannot be guessed, and a service that goes
 * on with a key that has ended must not shut out its neighbours for longer. (A hundred blocks within a second cannot be.)
 */
export const apiKeyAddressPolicy: AttemptPolicy = {
  name: 'api-key-address',
  limit: 30,
  windowSeconds: 60,
  lockAfter: 100,
  lockWithinSeconds: 1,
  lockSeconds: 1,
  longLockWithinSeconds: 1,
  longLockSeconds: 1,
}

/** No account may be open to more guesses than this in a row (NIST SP 800-63B-4, section 3.2.2). */
const highestLimit = 100
const daySeconds = 86_400

/** Refuses a policy that cannot hold what it says. @throws ConfigError */
export function checkAttemptPolicy(policy: AttemptPolicy): void {
  const highest = {
    limit: highestLimit,
    windowSeconds: daySeconds,
    lockAfter: highestLimit,
    lockWithinSeconds: daySeconds,
    lockSeconds: daySeconds,
    longLockWithinSeconds: daySeconds,
    longLockSeconds: daySeconds,
  }
  const problems: ConfigProblem[] = []
  for (const [name, most] of Object.entries(highest)) {
    const value = policy[name as keyof typeof highest] // A key of `highest`, as the line above says.
    if (Number.isSafeInteger(value) && value >= 1 && value <= most) continue
    problems.push({ path: `throttle.${name}`, message: `must be a whole number from 1 to ${most}` })
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

/**
 * How long a slot can still matter: as long as the longest lock it took part in, and the blocks before that by which the
 * lock was judged. A ledger holds no more than `limit` slots for each window in this span: 1,205 by default, for an
 * attacker who fails as often as he can without ever being blocked.
 */
export function slotLifeSeconds(policy: AttemptPolicy): number {
  const { windowSeconds, lockWithinSeconds, lockSeconds, longLockWithinSeconds, longLockSeconds } = policy
  return windowSeconds + lockWithinSeconds + longLockWithinSeconds + Math.max(lockSeconds, longLockSeconds)
}
