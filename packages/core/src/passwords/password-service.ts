import { AuthError, ConfigError, type ConfigProblem, type ValidationIssue } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import { lazy } from '../shared/lazy.js'
import { randomId } from '../shared/random.js'
import { createBlockList } from './block-list.js'
import { type BreachedPasswordChecker, createBreachCheck } from './breach-check.js'
import { canonicalPassword, maxPasswordBytes } from './canonical-password.js'
import { createHashPool } from './hash-pool.js'
import type { PasswordHasher } from './password-hasher.js'

/** What is being set and by whom. */
export interface NewPasswordContext {
  /** Where the password stands in the request's body, for the issue. */
  readonly path: string
  /** Words that the password must not merely consist of: the local part of the e-mail address, the user's name. */
  readonly context: readonly string[]
}

/** Judges new passwords, hashes them and verifies them, within bounds of memory and time. */
export interface PasswordService {
  /**
   * Accepts a password that somebody wants to set. There are no rules of composition.
   * @throws AuthError `validation_failed` with one issue: `password_too_short`, `password_too_long`, `password_blocked` or
   * `password_breached`.
   */
  checkNew(password: string, options: NewPasswordContext): Promise<void>
  /**
   * The part of `checkNew` that asks nobody outside: all but the list of breached passwords.
   * @throws AuthError as `checkNew`.
   */
  checkRules(password: string, options: NewPasswordContext): Promise<void>
  /**
   * The other part: asks the list, where there is one.
   * @throws AuthError as `checkNew`.
   */
  checkBreached(password: string, options: Pick<NewPasswordContext, 'path'>): Promise<void>
  /**
   * Hashes a password that `checkNew` accepted.
   * @throws AuthError `overloaded`; RangeError over the byte limit, which `checkNew` would have refused.
   */
  hash(password: string): Promise<string>
  /**
   * Whether the hash was made of this password. `null`, for a user who does not exist or has no password, does the same
   * work and answers `false`. A password over the byte limit is `false` at once, whatever the hash.
   * @throws AuthError `overloaded`
   */
  verify(hash: string | null, password: string): Promise<boolean>
  /** Whether a hash should be replaced now that its password is known. */
  needsRehash(hash: string): boolean
}

/** What the service needs. */
export interface PasswordDeps {
  readonly hasher: PasswordHasher
  /** Fewest Unicode code points, from 8 to 64; default 8. */
  readonly minLength?: number
  /** The service's name, which makes no password. */
  readonly serviceName: string
  /** A list of breached passwords to ask about new ones. */
  readonly breached?: BreachedPasswordChecker | undefined
  /** Told why a new password was accepted without an answer of `breached`. */
  readonly onBreachedUnavailable?: ((cause: unknown) => void) | undefined
  /** Hashes at the same time; default 2, which leaves half of Node's threads to signatures and files. */
  readonly concurrency?: number
  /** Hashes that may wait; default 256. */
  readonly queue?: number
  readonly clock: Clock
}

const lowestMinLength = 8
/** Everyone may use a password of 64 characters (NIST SP 800-63B-4, section 3.1.1.2), so no minimum asks for more. */
const highestMinLength = 64

/** Makes the service. @throws ConfigError */
export function createPasswordService(deps: PasswordDeps): PasswordService {
  const { hasher, minLength = lowestMinLength, serviceName, breached, clock, concurrency = 2, queue = 256 } = deps
  checkSettings({ minLength, concurrency, queue })
  const blockList = createBlockList()
  const isBreached = breached && createBreachCheck({ checker: breached, clock, onUnavailable: deps.onBreachedUnavailable })
  const pool = createHashPool({ concurrency, queue })
  const dummyHash = lazy(() => pool.run(() => hasher.hash(randomId())))

  const checkRules: PasswordService['checkRules'] = async (password, { path, context }) => {
    const canonical = canonicalPassword(password)
    if (canonical === null) throw refusal(path, 'password_too_long', `must have at most ${maxPasswordBytes} bytes`)
    if ([...canonical].length < minLength)
      throw refusal(path, 'password_too_short', `must have at least ${minLength} characters`)
    if (await blockList.has(canonical, [serviceName, ...context]))
      throw refusal(path, 'password_blocked', 'is too easy to guess')
  }

  const checkBreached: PasswordService['checkBreached'] = async (password, { path }) => {
    const canonical = canonicalPassword(password)
    if (canonical !== null && (await isBreached?.(canonical)))
      throw refusal(path, 'password_breached', 'is known from a data breach')
  }

  return {
    async checkNew(password, options) {
      await checkRules(password, options)
      await checkBreached(password, options)
    },
    checkRules,
    checkBreached,
    async hash(password) {
      const canonical = canonicalPassword(password)
      if (canonical === null) throw new RangeError('The password was not checked: it is over the byte limit')
      return pool.run(() => hasher.hash(canonical))
    },
    async verify(hash, password) {
      const canonical = canonicalPassword(password)
      if (canonical === null) return false
      // Asked for known users too: else the first unknown one would be told by the time it takes to make it.
      const dummy = await dummyHash()
      const matches = await pool.run(() => hasher.verify(hash ?? dummy, canonical))
      return matches && hash !== null
    },
    needsRehash: (hash) => hasher.needsRehash(hash),
  }
}

function refusal(path: string, code: ValidationIssue['code'], message: string): AuthError {
  return new AuthError('validation_failed', { issues: [{ path, code, message }] })
}

function checkSettings({
  minLength,
  concurrency,
  queue,
}: Required<Pick<PasswordDeps, 'minLength' | 'concurrency' | 'queue'>>): void {
  const problems: ConfigProblem[] = []
  const expect = (path: string, value: number, lowest: number, highest: number): void => {
    if (Number.isSafeInteger(value) && value >= lowest && value <= highest) return
    problems.push({ path: `passwords.${path}`, message: `must be a whole number from ${lowest} to ${highest}` })
  }
  expect('minLength', minLength, lowestMinLength, highestMinLength)
  expect('concurrency', concurrency, 1, 64)
  expect('queue', queue, 0, 10_000)
  if (problems.length > 0) throw new ConfigError(problems)
}
