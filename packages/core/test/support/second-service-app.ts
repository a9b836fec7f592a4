import type { Principal, Requirement, RoleNameOf, ScopeNameOf } from '@auth/core'
import { defineRoles, type OwnScope, type Roles } from '@auth/core'
import type { Verifier } from '@auth/core/verify'

/** What the issuer and the service agree on. */
export const serviceRoles: Roles<'user' | 'admin', OwnScope | 'read:orders' | 'write:orders'> = defineRoles({
  user: { scopes: ['read:orders', 'write:orders'] },
  admin: { inherits: ['user'], scopes: ['*'] },
})

/** The roles of the issuer. */
export type ServiceRoles = typeof serviceRoles

/** What stands before a route of the service: `guard(…)`, `optional()` or `public()`. */
export type Standing = Requirement<RoleNameOf<ServiceRoles>, ScopeNameOf<ServiceRoles>> | 'optional' | 'public'

/** The routes of the service, the same on each framework. Each answers who is calling, as `callerView`. */
export const serviceRoutes: Readonly<Record<string, Standing>> = {
  '/me': {},
  '/orders': { scopes: ['read:orders'] },
  '/admin': { roles: ['admin'] },
  '/recent': { recent: 60 },
  '/own': { check: (principal: Principal) => principal.kind === 'user' && principal.clientId === undefined },
  '/maybe': 'optional',
  '/open': 'public',
}

/** What the handlers answer. */
export function callerView(principal: Principal | null): object {
  return { caller: principal && { kind: principal.kind, subject: principal.subject, roles: principal.roles } }
}

/** The service on one framework. */
export interface RunningService {
  readonly url: string
  /** What it says of its routes: method and path, access. */
  readonly matrix: readonly (readonly [string, string])[]
}

/** Starts the service on a free port until the test ends. */
export type StartService = (verifier: Verifier<ServiceRoles>) => Promise<RunningService>
