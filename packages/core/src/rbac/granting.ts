import { AuthError } from '../errors.js'
import type { Roles } from './roles.js'
import { missingScopes } from './scopes.js'

/** Whoever changes somebody's roles, with what they may do at this moment. */
export interface Granter {
  /** Whose rights these are: a user's id, or a client's. */
  readonly id: string
  /** Roles held, inherited ones included. */
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
}

/** Whose roles are to change. */
export interface GrantTarget {
  readonly id: string
  /** Roles as they are stored now. */
  readonly roles: readonly string[]
}

/**
 * The roles that make an administrator: those with the scope `*`; where no role has it, those with `users:manage`. One
 * enabled user always keeps such a role, or nobody could grant it again.
 */
export function administratorRoles(roles: Roles): readonly string[] {
  const having = (scope: string): readonly string[] =>
    roles.roleNames.filter((name) => missingScopes(roles.resolve([name]).scopes, [scope]).length === 0)
  const all = having('*')
  return all.length > 0 ? all : having('users:manage')
}

/**
 * Refuses to let somebody manage a user who has more than they: every role that the user holds must be one that they could grant.
 * @throws AuthError `insufficient_scope`
 */
export function checkManages(roles: Roles, granter: Granter, target: GrantTarget): void {
  if (granter.id === target.id) return
  // What exactly the user has is not told: to manage users is not to read about them.
  if (beyond(roles, granter, target.roles).isBeyond)
    throw refused('the user has a role or scope that you do not have', [], [])
}

/**
 * Refuses roles that are not the granter's to give. A role can be granted by whoever holds all of its scopes; one that
 * is only a name, without a scope, by whoever holds it or has `*`. Nobody grants to themselves: their own roles they can only lower.
 * @param next All roles that the user is to have, each of them declared.
 * @throws AuthError `insufficient_scope`
 */
export function checkGrant(roles: Roles, granter: Granter, target: GrantTarget, next: readonly string[]): void {
  checkManages(roles, granter, target)
  const { isBeyond, required, missing } = beyond(roles, granter, next)
  if (isBeyond) throw refused('a role cannot be granted by who does not have all that it gives', required, missing)
  if (granter.id === target.id && !isLowered(roles, target.roles, next))
    throw refused('nobody grants a role to themselves', [], [])
}

/** What of some roles goes beyond the granter's own rights. Names that are not declared give nothing. */
function beyond(
  roles: Roles,
  granter: Granter,
  names: readonly string[],
): { readonly isBeyond: boolean; readonly required: readonly string[]; readonly missing: readonly string[] } {
  const given = roles.resolve(names)
  const missing = missingScopes(granter.scopes, given.scopes)
  const isAnyonesGranter = missingScopes(granter.scopes, ['*']).length === 0
  const bareNames = given.roles.filter((name) => roles.resolve([name]).scopes.length === 0)
  const foreignNames = isAnyonesGranter ? [] : bareNames.filter((name) => !granter.roles.includes(name))
  return { isBeyond: missing.length > 0 || foreignNames.length > 0, required: given.scopes, missing }
}

/** Whether a user has nothing new after a change of roles, or only names of roles and, for them, fewer scopes than before. */
function isLowered(roles: Roles, from: readonly string[], to: readonly string[]): boolean {
  const before = roles.resolve(from)
  const after = roles.resolve(to)
  if (missingScopes(before.scopes, after.scopes).length > 0) return false
  if (after.roles.every((name) => before.roles.includes(name))) return true
  return missingScopes(after.scopes, before.scopes).length > 0
}

function refused(detail: string, requiredScopes: readonly string[], missing: readonly string[]): AuthError {
  return new AuthError('insufficient_scope', { detail, requiredScopes, missingScopes: missing })
}
