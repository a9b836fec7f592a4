export { checkRequirement } from './check-requirement.js'
export { type DecideOptions, decide } from './decide.js'
export { defineRoles } from './define-roles.js'
export { explain } from './explain.js'
export type { ExplainedPart, Explanation, ScopeGrant } from './explanation.js'
export { administratorRoles, checkGrant, checkManages, type Granter } from './granting.js'
export {
  type CredentialKind,
  createPrincipal,
  isOwnSession,
  isPrincipal,
  type Principal,
  type PrincipalFields,
} from './principal.js'
export type { Decision, Requirement } from './requirement.js'
export type { OwnScope, ResolvedRoles, RoleDefinition, Roles } from './roles.js'
export {
  assertGuarded,
  createRouteMatrix,
  type FoundRoute,
  type GuardMark,
  type RouteAccess,
  type RouteMatrix,
} from './route-matrix.js'
export { isScopeName, isScopePattern, matchScope, missingScopes, narrowScopes } from './scopes.js'
