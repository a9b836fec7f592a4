import type { CredentialKind, Principal } from './principal.js'

/** What a route asks of its caller. All parts that are given must hold; an empty one asks for any caller with a credential. */
export interface Requirement<Role extends string = string, Scope extends string = string, Context = unknown> {
  /** Any one of these roles, inherited ones included. */
  readonly roles?: readonly Role[]
  /** All of these scopes: names, never patterns. */
  readonly scopes?: readonly Scope[]
  /** The kinds of credential that will do; absent: any. */
  readonly allow?: readonly CredentialKind[]
  /** At most this many seconds since a person proved who they are. A refresh does not count. */
  readonly recent?: number
  /**
   * A decision of the application's own, asked last, about an object of this request. Only `true` allows: anything else,
   * a throw, a rejection or 5 seconds without an answer denies. An AuthError `not_found` denies with just that, so that
   * somebody else's object answers like a missing one.
   * @param context The request as the adapter knows it: Express's `req`, say; a `RequestSource` where there is no other.
   */
  readonly check?: (principal: Principal, context: Context) => boolean | Promise<boolean>
}

/** Why a decision went the way it did. Where a `check` or a fault denied, it is `insufficient_scope` with empty lists. */
export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'credential_not_allowed' }
  | { readonly allowed: false; readonly code: 'insufficient_role'; readonly requiredRoles: readonly string[] }
  | {
      readonly allowed: false
      readonly code: 'insufficient_scope'
      readonly requiredScopes: readonly string[]
      readonly missingScopes: readonly string[]
    }
  | { readonly allowed: false; readonly code: 'recent_login_required' }
  /** By a check: to this caller, the object is not there. */
  | { readonly allowed: false; readonly code: 'not_found' }
