import { ConfigError, type ConfigProblem } from '../errors.js'

/** How many attempts may fail within a window, and what happens when they do. */
export interface WindowPolicy {
  readonly kind: 'window'
  /** The policy's name, as in `RateLimit-Policy`. */
  readonly name: string
  /** Failures that fit into a window; the next attempt is refused until the oldest of them is out of it. */
  readonly limit: number
  readonly windowSeconds: number
  /** When failures lock for longer than the window; `null`: never. */
  readonly locks: WindowLocks | null
}

/** The longer blocks of who fills one window after another. */
export interface WindowLocks {
  /** Blocks in this span lock: `after` of them, the last one included. */
  readonly after: number
  readonly withinSeconds: number
  /** How long a lock lasts. */
  readonly lockSeconds: number
  /** For this long after a lock began, every further block is a long lock. */
  readonly longWithinSeconds: number
  readonly longLockSeconds: number
}

/** How many attempts may fail one after another, over any time, and how long that locks. */
export interface RunPolicy {
  readonly kind: 'run'
  /** The policy's name, as in `RateLimit-Policy`. */
  readonly name: string
  /** Failures without a success among them that lock, and so the next as many. */
  readonly limit: number
  /** How long the first lock lasts. */
  readonly lockSeconds: number
  /** How long every further one lasts. */
  readonly longLockSeconds: number
  /** So long after the first failure everything is forgotten but a lock in force. */
  readonly forgetSeconds: number
  /** For how long an attempt that neither failed nor came back counts as under way. */
  readonly underWaySeconds: number
}

/** How attempts on one ledger are judged. */
export type AttemptPolicy = WindowPolicy | RunPolicy

const hourSeconds = 3600
const daySeconds = 86_400

/**
 * Passwords from one address: 5 failures a minute; the third such block within an hour locks for 15 minutes, any further
 * one within two hours of a lock for an hour.
 */
export const addressPolicy: WindowPolicy = {
  kind: 'window',
  name: 'password-address',
  limit: 5,
  windowSeconds: 60,
  locks: {
    after: 3,
    withinSeconds: hourSeconds,
    lockSeconds: 900,
    longWithinSeconds: 2 * hourSeconds,
    longLockSeconds: hourSeconds,
  },
}

/** Passwords for one account, from wherever: ten consecutive failures lock for 15 minutes, the next ten for an hour. */
export const accountPolicy: RunPolicy = {
  kind: 'run',
  name: 'password-account',
  limit: 10,
  lockSeconds: 900,
  longLockSeconds: hourSeconds,
  forgetSeconds: daySeconds,
  underWaySeconds: 60,
}

/** Passwords from one device that an account has signed in on: the tenth consecutive failure voids its mark. */
export const devicePolicy: RunPolicy = {
  kind: 'run',
  name: 'password-device',
  limit: 10,
  // Long enough for those who wait in line: who comes later finds the mark void.
  lockSeconds: 60,
  longLockSeconds: 60,
  forgetSeconds: 30 * daySeconds,
  underWaySeconds: 60,
}

/**
 * Secrets that cannot be guessed, from one address: 30 failures a minute, and no locks: a service that goes on with a
 * key that has ended must not shut out its neighbours for longer.
 */
export function secretAddressPolicy(kind: 'api-key' | 'ticket' | 'client-secret' | 'sign-in'): WindowPolicy {
  // What a provider sends back is no secret to be guessed, but each costs it a request, and a state is there for the asking.
  return { kind: 'window', name: `${kind}-address`, limit: kind === 'sign-in' ? 100 : 30, windowSeconds: 60, locks: null }
}

/** How many times an address's limit the network around it has. */
const networkFactor = 10

/**
 * What an IPv6 /48 gets beside its /64s: ten times the limit, and no locks. Its ledger stays short for that, and locks
 * would take nothing from an attacker who has the whole of it and keeps just below the limit.
 */
export function networkPolicy({ name, limit, windowSeconds }: WindowPolicy): WindowPolicy {
  return {
    kind: 'window',
    name: name.replace(/address$/, 'network'),
    limit: limit * networkFactor,
    windowSeconds,
    locks: null,
  }
}

/** No account may be open to more guesses than this in a row (NIST SP 800-63B-4, section 3.2.2). */
export const highestAttemptLimit = 100

/** Refuses a policy that cannot hold what it says. @throws ConfigError */
export function checkAttemptPolicy(policy: AttemptPolicy): void {
  const settings = policy.kind === 'window' ? { ...policy, ...policy.locks } : policy
  const numbers = Object.entries(settings).filter(([name]) => !['kind', 'name', 'locks'].includes(name))
  const problems = numbers.flatMap(([name, value]: [string, unknown]): ConfigProblem[] => {
    const most = name === 'limit' ? highestAttemptLimit : devicePolicy.forgetSeconds
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most) return []
    return [{ path: `throttle.${policy.name}.${name}`, message: `must be a whole number from 1 to ${most}` }]
  })
  if (problems.length > 0) throw new ConfigError(problems)
}

/**
 * How long a slot can still matter: as long as the longest lock it took part in, and the blocks before that by which the
 * lock was judged. A ledger holds no more than `limit` slots for each window in this span: 1,205 by default, for an
 * attacker who fails as often as he can without ever being blocked.
 */
export function slotLifeSeconds({ windowSeconds, locks }: WindowPolicy): number {
  if (!locks) return windowSeconds
  const { withinSeconds, longWithinSeconds, lockSeconds, longLockSeconds } = locks
  return windowSeconds + withinSeconds + longWithinSeconds + Math.max(lockSeconds, longLockSeconds)
}
