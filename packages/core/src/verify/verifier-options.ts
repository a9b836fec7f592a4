import { ConfigError, type ConfigProblem } from '../errors.js'
import type { AuthLogger } from '../http/index.js'
import type { Roles } from '../rbac/index.js'
import { type Clock, systemClock } from '../shared/clock.js'
import { type Duration, durationSeconds } from '../shared/duration.js'
import { callHook } from '../shared/hook.js'
import type { SigningAlgorithm } from '../signing-keys/index.js'
import { maxClockToleranceSeconds } from '../tokens/index.js'
import type { Fetch } from './fetch-json.js'
import { urlProblem } from './issuer-metadata.js'

/** Whose tokens are accepted, and how. */
export interface VerifierOptions<R extends Roles = Roles> {
  /** The issuer, exactly as it stands in its tokens: the `issuer` of its `createAuth`. */
  readonly issuer: string
  /** What this service is called in the tokens for it: their `aud`. Tokens for anybody else are refused. */
  readonly audience: string
  /** Where the issuer's keys are. Default: where its metadata says (RFC 8414). HTTPS, or HTTP on the machine itself. */
  readonly jwksUri?: string
  /** The issuer's roles and scopes, so that a misspelt one in a guard does not compile and is refused at the start. */
  readonly roles?: R
  /** Algorithms that tokens may be signed with; a key for any other is left aside. Default: RS256, PS256, ES256 and EdDSA. */
  readonly algorithms?: readonly VerifierAlgorithm[]
  /** How far clocks may differ, up to a minute. Default `'5s'`. */
  readonly clockTolerance?: Duration
  /**
   * For how long the last good keys serve while the issuer cannot be asked; from then on callers get 503. From a minute to a
   * week. Default `'24h'`. A key that the issuer withdraws meanwhile is accepted for as long.
   */
  readonly keepKeys?: Duration
  /** The URL of this service's own metadata, told to whoever comes without a good token (RFC 9728, section 5.1): see `protectedResource`. */
  readonly resourceMetadata?: string
  /** Told of keys that cannot be read and of faults, in pino's shape. Default: the console. */
  readonly logger?: AuthLogger
  /** Asks the issuer. Default: the platform's `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** What tokens of another service may be signed with: nothing that it would have to share a secret for. */
export type VerifierAlgorithm = Exclude<SigningAlgorithm, 'HS256'>

/** Options with every default in place. */
export interface ResolvedOptions {
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: URL | null
  readonly roles: Roles | null
  readonly algorithms: readonly VerifierAlgorithm[]
  readonly clockToleranceSeconds: number
  readonly keepMs: number
  readonly resourceMetadata: string | null
  readonly logger: AuthLogger
  readonly fetch: Fetch
  readonly clock: Clock
}

const accepted: readonly VerifierAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA']
const weekSeconds = 604_800

type Check = (value: unknown) => string | null

/** What is right for each option; `undefined` is asked about too. */
const checks: Readonly<Record<keyof VerifierOptions, Check>> = {
  issuer: issuerProblem,
  audience: (value) => (typeof value === 'string' && value !== '' ? null : 'must be a text that is not empty'),
  jwksUri: optional((value) => urlProblem(value, true)),
  roles: optional(portProblem('resolve', 'has', 'hasScope')),
  algorithms: optional((value) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => accepted.some((known) => known === name))
      ? null
      : `must be a list of ${accepted.join(', ')}: shared secrets are none`,
  ),
  clockTolerance: optional(durationProblem(0, maxClockToleranceSeconds)),
  keepKeys: optional(durationProblem(60, weekSeconds)),
  resourceMetadata: optional((value) => urlProblem(value, true)),
  logger: optional(portProblem('warn', 'error')),
  fetch: optional((value) => (typeof value === 'function' ? null : 'must be a function')),
  clock: optional(portProblem('now', 'monotonicMs', 'wait')),
}

/** Checks options once and puts the defaults in place. @throws ConfigError with every mistake */
export function parseOptions(options: VerifierOptions): ResolvedOptions {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(checks, name))
  const problems: ConfigProblem[] = unknown.map((path) => ({ path, message: 'is no setting' }))
  for (const [path, check] of Object.entries(checks)) {
    const message = check(Reflect.get(options, path))
    if (message !== null) problems.push({ path, message })
  }
  if (problems.length > 0) throw new ConfigError(problems)
  const { jwksUri, clockTolerance = '5s', keepKeys = '24h', logger = consoleLogger, fetch } = options
  return Object.freeze({
    issuer: options.issuer,
    audience: options.audience,
    jwksUri: jwksUri === undefined ? null : new URL(jwksUri),
    roles: options.roles ?? null,
    algorithms: [...(options.algorithms ?? accepted)],
    clockToleranceSeconds: durationSeconds(clockTolerance) ?? 0,
    keepMs: (durationSeconds(keepKeys) ?? 0) * 1000,
    resourceMetadata: options.resourceMetadata ?? null,
    logger: {
      warn: (details: object, message: string) => callHook(() => logger.warn(details, message)),
      error: (details: object, message: string) => callHook(() => logger.error(details, message)),
    },
    // Looked up at each call: what watches requests may replace it later.
    fetch: fetch ?? ((url: string, init: RequestInit) => globalThis.fetch(url, init)),
    clock: options.clock ?? systemClock,
  })
}

const consoleLogger: AuthLogger = {
  warn: (details, message) => console.warn(`[auth] ${message}`, details),
  error: (details, message) => console.error(`[auth] ${message}`, details),
}

/** RFC 8414, section 2. A slash at its end is allowed: some issuers have one. */
function issuerProblem(value: unknown): string | null {
  const problem = urlProblem(value, true)
  if (problem !== null) return problem
  return /[?#]/.test(String(value)) ? 'must have no query and no fragment' : null
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value))
}

function durationProblem(minimum: number, maximum: number): Check {
  return (value) => {
    const seconds = durationSeconds(value)
    return seconds !== null && seconds >= minimum && seconds <= maximum
      ? null
      : `must be a duration from ${minimum} to ${maximum} seconds`
  }
}

function portProblem(...methods: readonly string[]): Check {
  return (value) =>
    typeof value === 'object' && value !== null && methods.every((name) => typeof Reflect.get(value, name) === 'function')
      ? null
      : `must have the methods ${methods.join(', ')}`
}
