import type { RoleNameOf, ScopeNameOf } from './auth-config.js'
import type { Authentication, Refusal, RequestSource } from './http/index.js'
import type { FoundRoute, Requirement, Roles, RouteMatrix } from './rbac/index.js'

/** What guards need: an `Auth` has it, and so has the verifier of a service that only accepts an issuer's tokens. */
export interface GuardAuth<R extends Roles = Roles> {
  /**
   * Finds out who is calling and whether they may. Never rejects: a fault is a refusal too, 500 or 503.
   * @param context What the requirement's `check` is told of the request. Default: `source`.
   */
  authenticate<Context = RequestSource>(
    source: RequestSource,
    requirement?: Requirement<RoleNameOf<R>, ScopeNameOf<R>, Context>,
    context?: Context,
  ): Promise<Authentication>
  /** Checks a requirement when a guard is made. @throws ConfigError with all that is wrong */
  checkRequirement<Context = unknown>(
    requirement: Requirement<RoleNameOf<R>, ScopeNameOf<R>, Context>,
  ): Requirement<string, string, Context>
  /**
   * Who may call which route, of what an adapter found in an app. A route marked `routes` stands for all of the SDK's own.
   */
  matrix(found: readonly FoundRoute[]): RouteMatrix
  /** The answer to whatever was thrown: why, for an AuthError; 503 for a StoreError; 500 for anything else, which is reported. */
  refuse(error: unknown): Refusal
}
