/** The scopes that the SDK's own routes ask for. */
export type OwnScope = 'users:read' | 'users:manage' | 'audit:read'

/** What one role may do. */
export interface RoleDefinition<RoleName extends string = string, Scope extends string = string> {
  /** Scopes it grants, as in `read:orders`. `*` grants everything; `write:*` and `*:users` stand for one whole segment. */
  readonly scopes?: readonly Scope[]
  /** Roles of which it has all that they have. */
  readonly inherits?: readonly RoleName[]
}

/** What a set of roles comes to. Frozen. */
export interface ResolvedRoles<RoleName extends string = string> {
  /** The roles and all that they inherit, sorted, each once. */
  readonly roles: readonly RoleName[]
  /** All that they may do, sorted, each once; may hold wildcards. */
  readonly scopes: readonly string[]
}

/** The declared roles of an application. Made by `defineRoles`; frozen. */
export interface Roles<RoleName extends string = string, ScopeName extends string = string> {
  /** Every declared role, sorted. */
  readonly roleNames: readonly RoleName[]
  /** Every scope that a guard may ask for, sorted: no patterns, the SDK's own scopes included. */
  readonly scopeNames: readonly ScopeName[]
  /** Whether a role is declared. */
  has(name: string): boolean
  /** Whether a guard may ask for a scope. */
  hasScope(name: string): boolean
  /** A role as it was declared; `null` for one that is not. */
  definition(name: string): RoleDefinition | null
  /** What stored role names grant together. Names that are not declared, or no longer, grant nothing. */
  resolve(names: readonly string[]): ResolvedRoles<RoleName>
}
