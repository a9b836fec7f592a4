import { AuthError } from '../errors.js'
import { decide, type Principal, type Requirement } from '../rbac/index.js'
import type { Clock } from '../shared/clock.js'
import type { AuthLogger } from './problem.js'

/** Lets a caller pass who meets a requirement. @throws AuthError that says which part of it they do not meet */
export async function requireAllowed<Context>(
  principal: Principal,
  requirement: Requirement<string, string, Context>,
  { clock, logger }: { readonly clock: Clock; readonly logger: AuthLogger },
  context?: Context,
): Promise<void> {
  const decision = await decide(principal, requirement, clock.now(), {
    clock,
    ...(context === undefined ? {} : { context }),
    onCheckError: (error) => logger.error({ err: error }, "a requirement's check failed"),
  })
  if (decision.allowed) return
  const { allowed: _, code, ...details } = decision
  throw new AuthError(code, details)
}
