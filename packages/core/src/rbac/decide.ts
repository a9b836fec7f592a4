import { AuthError } from '../errors.js'
import { type Clock, systemClock } from '../shared/clock.js'
import { callHook } from '../shared/hook.js'
import { soundRequirement } from './check-requirement.js'
import { isPrincipal, type Principal } from './principal.js'
import type { Decision, Requirement } from './requirement.js'
import { missingScopes } from './scopes.js'

/** How a decision deals with the application's own `check`. */
export interface DecideOptions<Context = unknown> {
  /** Measures the 5 seconds that a `check` may take. Default: the machine's. */
  readonly clock?: Clock
  /** Hears of a `check` that threw, rejected, hung or answered no boolean: each of them denies. */
  readonly onCheckError?: (error: unknown) => void
  /** What a `check` is told of the request. */
  readonly context?: Context
}

const checkDeadlineMs = 5000
const clockSkewMs = 60_000

/**
 * Decides whether a principal meets a requirement: credential, roles, scopes, recency, then the application's own
 * check, which sees only principals that meet the rest. The first part that does not hold is the reason. Never rejects:
 * a malformed requirement, a look-alike of a principal and every fault deny.
 *
 * A role is met by name. `Principal.roles` holds inherited roles too, so an `admin` that inherits `user` meets
 * `roles: ['user']`; delegated credentials have no roles and meet none.
 */
export async function decide<Context>(
  principal: Principal,
  requirement: Requirement<string, string, Context>,
  now: Date,
  options: DecideOptions<Context> = {},
): Promise<Decision> {
  try {
    const asked = soundRequirement(requirement)
    if (!asked || !isPrincipal(principal)) return denied
    const reason = reasonAgainst(principal, asked, now)
    if (reason) return reason
    return asked.check ? await judge(asked.check, principal, options) : allowed
  } catch {
    return denied
  }
}

const allowed: Decision = Object.freeze({ allowed: true })
const denied: Decision = Object.freeze({
  allowed: false,
  code: 'insufficient_scope',
  requiredScopes: Object.freeze([]),
  missingScopes: Object.freeze([]),
})

const notThere: Decision = Object.freeze({ allowed: false, code: 'not_found' })

function reasonAgainst(
  principal: Principal,
  { allow, roles, scopes, recent }: Requirement<string, string, never>,
  now: Date,
): Decision | null {
  if (allow && !allow.includes(principal.via)) return { allowed: false, code: 'credential_not_allowed' }
  if (roles && !roles.some((role) => principal.roles.includes(role)))
    return { allowed: false, code: 'insufficient_role', requiredRoles: roles }
  const missing = scopes ? missingScopes(principal.scopes, scopes) : []
  if (scopes && missing.length > 0)
    return { allowed: false, code: 'insufficient_scope', requiredScopes: scopes, missingScopes: missing }
  if (recent !== undefined && !isRecent(principal.authenticatedAt, recent, now))
    return { allowed: false, code: 'recent_login_required' }
  return null
}

/** An instant in the future is no proof of anything; some is allowed for clocks that differ. */
export function isRecent(authenticatedAt: Date | undefined, seconds: number, now: Date): boolean {
  if (!authenticatedAt) return false
  const ageMs = now.getTime() - authenticatedAt.getTime()
  return ageMs >= -clockSkewMs && ageMs <= seconds * 1000
}

async function judge<Context>(
  check: NonNullable<Requirement<string, string, Context>['check']>,
  principal: Principal,
  { clock = systemClock, onCheckError, context }: DecideOptions<Context>,
): Promise<Decision> {
  try {
    const answer: unknown = await inTime(check(principal, context as Context), clock) // Whoever has no context decides on checks that need none.
    if (typeof answer !== 'boolean') throw new TypeError("a requirement's check answered neither true nor false")
    return answer ? allowed : denied
  } catch (error) {
    if (error instanceof AuthError && error.code === 'not_found') return notThere
    if (onCheckError) callHook(() => onCheckError(error))
    return denied
  }
}

async function inTime(answer: boolean | Promise<boolean>, clock: Clock): Promise<boolean> {
  if (typeof answer === 'boolean') return answer
  const settled = new AbortController()
  const late = clock.wait(checkDeadlineMs, settled.signal).then(() => {
    throw new Error(`a requirement's check did not answer within ${checkDeadlineMs} ms`)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    settled.abort()
  }
}
