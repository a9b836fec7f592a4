export { checkRequirement } from './check-requirement.js'
export { type DecideOptions, decide } from './decide.js'
export { defineRoles } from './define-roles.js'
export {
  type CredentialKind,
  createPrincipal,
  isPrincipal,
  type Principal,
  type PrincipalFields,
} from './principal.js'
export type { Decision, Requirement } from './requirement.js'
export type { OwnScope, ResolvedRoles, RoleDefinition, Roles } from './roles.js'
export { isScopeName, isScopePattern, matchScope, missingScopes, narrowScopes } from './scopes.js'
