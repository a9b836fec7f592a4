import { ConfigError } from '../errors.js'
import { inheritedBy, roleProblems } from './role-problems.js'
import type { OwnScope, ResolvedRoles, RoleDefinition, Roles } from './roles.js'
import { isScopeName } from './scopes.js'

const ownScopes: readonly OwnScope[] = ['users:read', 'users:manage', 'audit:read']

/**
 * Declares the roles of an application. Their names and scopes are literal types: a guard that misspells one does not
 * compile.
 * @param more Scopes that guards may ask for although no role names them.
 * @throws ConfigError with every malformed name or scope, unknown role and circle of inheritance
 * @example
 * const roles = defineRoles({ user: { scopes: ['read:orders'] }, admin: { inherits: ['user'], scopes: ['*'] } })
 */
export function defineRoles<
  const RoleName extends string,
  const Scope extends string = never,
  const MoreScope extends string = never,
>(
  definitions: Readonly<Record<RoleName, RoleDefinition<NoInfer<RoleName>, Scope>>>,
  more?: { readonly scopes: readonly MoreScope[] },
): Roles<RoleName, NameIn<Scope> | MoreScope | OwnScope> {
  const problems = roleProblems(definitions, more)
  if (problems.length > 0) throw new ConfigError(problems)
  const grants = resolveEach(definitions)
  const declared = copiesOf(definitions)
  const named = [...grants.values()].flatMap(({ scopes }) => scopes).filter(isScopeName)
  const scopeNames = new Set([...named, ...(more?.scopes ?? []), ...ownScopes])
  return Object.freeze({
    roleNames: Object.freeze([...grants.keys()].sort() as RoleName[]), // The keys of `definitions`.
    scopeNames: Object.freeze([...scopeNames].sort() as (NameIn<Scope> | MoreScope | OwnScope)[]), // Collected from just those.
    has: (name: string) => grants.has(name),
    hasScope: (name: string) => scopeNames.has(name),
    definition: (name: string) => declared.get(name) ?? null,
    resolve: (names: readonly string[]) =>
      together(names.map((name) => grants.get(name)).filter((found) => found !== undefined)),
  })
}

/** The scopes among these that are names and not patterns. */
type NameIn<Scope extends string> = Scope extends `${string}*${string}` ? never : Scope

/** Nobody changes a declaration afterwards. */
function copiesOf(definitions: Readonly<Record<string, RoleDefinition>>): ReadonlyMap<string, RoleDefinition> {
  const copies = Object.entries(definitions).map(([name, { scopes = [], inherits = [] }]): [string, RoleDefinition] => [
    name,
    Object.freeze({ scopes: Object.freeze([...scopes]), inherits: Object.freeze([...inherits]) }),
  ])
  return new Map(copies)
}

function resolveEach<RoleName extends string>(
  definitions: Readonly<Record<RoleName, RoleDefinition>>,
): ReadonlyMap<string, ResolvedRoles<RoleName>> {
  const byName = new Map<string, RoleDefinition>(Object.entries(definitions))
  const parents = new Map([...byName].map(([name, { inherits = [] }]) => [name, inherits]))
  return new Map(
    [...byName.keys()].map((name) => {
      const roles = [name, ...inheritedBy(name, parents)]
      const scopes = roles.flatMap((role) => byName.get(role)?.scopes ?? [])
      return [name, resolved(roles as RoleName[], scopes)] // Declared names: `roleProblems` found none other.
    }),
  )
}

const nothing: ResolvedRoles<never> = resolved([], [])

function together<RoleName extends string>(grants: readonly ResolvedRoles<RoleName>[]): ResolvedRoles<RoleName> {
  // Most users have one role: no new lists for each of their requests.
  if (grants.length <= 1) return grants[0] ?? nothing
  return resolved(
    grants.flatMap(({ roles }) => roles),
    grants.flatMap(({ scopes }) => scopes),
  )
}

function resolved<RoleName extends string>(roles: readonly RoleName[], scopes: readonly string[]): ResolvedRoles<RoleName> {
  return Object.freeze({ roles: sortedOnce(roles), scopes: sortedOnce(scopes) })
}

function sortedOnce<Name extends string>(names: readonly Name[]): readonly Name[] {
  return Object.freeze([...new Set(names)].sort())
}
