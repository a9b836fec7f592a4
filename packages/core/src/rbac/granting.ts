import { AuthError } from '../errors.js'
import type { Roles } from './roles.js'
import { missingScopes } from './scopes.js'

/** Whoever changes somebody's roles, with what they may do at this moment. */
export interface Granter {
  /** Whose rights these are: a user's id, or a client's. */
  readonly id: string
  /** Whether it is the person, in a session of their own, and not a key or a client that acts for them. */
  readonly isInPerson: boolean
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
 * The sets of roles that make administrators: those with the scope `*`, and those with `users:manage`, which are the same
 * ones and more. Of each set that anybody holds one enabled user always remains, or nobody could grant its roles again.
 * So where nobody has `*`, be a role with it declared or not, the last who manages users is kept.
 */
export function administratorRoles(roles: Roles): readonly (readonly string[])[] {
  const having = (scope: string): readonly string[] =>
    roles.roleNames.filter((name) => missingScopes(roles.resolve([name]).scopes, [scope]).length === 0)
  const [all, managing] = [having('*'), having('users:manage')]
  return (all.length === managing.length ? [all] : [all, managing]).filter((names) => names.length > 0)
}

/**
 * Refuses to let somebody manage a user who has more than they: a scope that they lack, or a role that is only a name,
 * without a scope, that they do not hold. Themselves anybody may manage, but in person: a key or a client's token that may do
 * less than its owner has no more power over them than over others.
 * @throws AuthError `insufficient_scope`
 */
export function checkManages(roles: Roles, granter: Granter, target: GrantTarget): void {
  if (granter.isInPerson && granter.id === target.id) return
  // What exactly the user has is not told: to manage users is not to read about them.
  if (beyond(roles, granter, target.roles).isBeyond)
    throw refused('the user has a role or scope that you do not have', [], [])
}

/**
 * Refuses roles that are not the granter's to give. A role can be granted by whoever holds it, be it by inheritance, and
 * all of its scopes, or by whoever has `*`: its name alone opens what asks for the role. Nobody grants to themselves:
 * their own roles they can only lower.
 * @param next All roles that the user is to have, each of them declared.
 * @throws AuthError `insufficient_scope`
 */
export function checkGrant(roles: Roles, granter: Granter, target: GrantTarget, next: readonly string[]): void {
  checkManages(roles, granter, target)
  const { isBeyond, required, missing } = beyond(roles, granter, next)
  const added = roles.resolve(next.filter((name) => !target.roles.includes(name))).roles
  const isForeign = !hasAll(granter.scopes) && added.some((name) => !granter.roles.includes(name))
  if (isBeyond || isForeign)
    throw refused('a role cannot be granted by who does not have all that it gives', required, missing)
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
  const bareNames = given.roles.filter((name) => roles.resolve([name]).scopes.length === 0)
  const foreignNames = hasAll(granter.scopes) ? [] : bareNames.filter((name) => !granter.roles.includes(name))
  return { isBeyond: missing.length > 0 || foreignNames.length > 0, required: given.scopes, missing }
}

/** Whether a user has nothing new after a change of roles. Who had `*` may take the name of a lesser role for it. */
function isLowered(roles: Roles, from: readonly string[], to: readonly string[]): boolean {
  const before = roles.resolve(from)
  const after = roles.resolve(to)
  if (missingScopes(before.scopes, after.scopes).length > 0) return false
  if (after.roles.every((name) => before.roles.includes(name))) return true
  return hasAll(before.scopes) && missingScopes(after.scopes, before.scopes).length > 0
}

function hasAll(scopes: readonly string[]): boolean {
  return missingScopes(scopes, ['*']).length === 0
}

function refused(detail: string, requiredScopes: readonly string[], missing: readonly string[]): AuthError {
  return new AuthError('insufficient_scope', { detail, requiredScopes, missingScopes: missing })
}
