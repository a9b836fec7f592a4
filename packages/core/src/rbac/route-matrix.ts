import { ConfigError } from '../errors.js'
import { renderMatrix } from './render-matrix.js'
import type { Requirement } from './requirement.js'
import type { Roles } from './roles.js'
import { missingScopes } from './scopes.js'

/** What a middleware of the SDK declares of the routes that it stands before. */
export type GuardMark =
  | { readonly kind: 'guard'; readonly requirement: Requirement<string, string, never> }
  | { readonly kind: 'optional' }
  | { readonly kind: 'public' }
  /** It is the SDK's own routes. */
  | { readonly kind: 'routes' }

/** A route as an adapter found it in an app. */
export interface FoundRoute {
  /** In upper case; `ALL` for any. */
  readonly method: string
  /** Its pattern, mount paths included, as the framework writes it. */
  readonly path: string
  /** What stands before its handler on every way to it, in order. `routes` alone stands for all of the SDK's own. */
  readonly marks: readonly GuardMark[]
}

/** One route, and who may call it. */
export interface RouteAccess {
  readonly method: string
  readonly path: string
  /**
   * `guarded` behind one guard or more; `public` and `optional` where declared so; else `unguarded`: anybody may call it,
   * and nobody said so.
   */
  readonly access: 'guarded' | 'public' | 'optional' | 'unguarded'
  /** The requirements of its guards, all of which must be met. */
  readonly requirements: readonly Requirement<string, string, never>[]
  /** The declared roles that meet them, each alone and in a session of its user's own. Whatever a `recent` or a `check` asks comes on top. */
  readonly roles: readonly string[]
}

/** Every route of an app with who may call it. */
export interface RouteMatrix {
  /** In the order in which the app has them. */
  readonly routes: readonly RouteAccess[]
  /** Those that have no guard and are not declared public. */
  readonly unguarded: readonly RouteAccess[]
  /** The same as a table of routes and roles, for a terminal. */
  toString(): string
}

/** Makes the matrix of what was found. */
export function createRouteMatrix(found: readonly FoundRoute[], roles: Roles): RouteMatrix {
  const routes = Object.freeze(found.map((route) => accessOf(route, roles)))
  const unguarded = Object.freeze(routes.filter(({ access }) => access === 'unguarded'))
  return Object.freeze({ routes, unguarded, toString: () => renderMatrix(routes, roles.roleNames) })
}

/**
 * For an application's own tests, so that a new route without a guard does not go unseen.
 * @throws ConfigError that names each route which has no guard and is not declared public
 */
export function assertGuarded({ unguarded }: Pick<RouteMatrix, 'unguarded'>): void {
  if (unguarded.length === 0) return
  const message = 'has no guard and is not declared public: put guard() or public() before its handler'
  throw new ConfigError(unguarded.map(({ method, path }) => ({ path: `${method} ${path}`, message })))
}

function accessOf({ method, path, marks }: FoundRoute, roles: Roles): RouteAccess {
  const requirements = Object.freeze(marks.flatMap((mark) => (mark.kind === 'guard' ? [mark.requirement] : [])))
  const kinds = new Set(marks.map(({ kind }) => kind))
  // A guard that stands before a public() refuses all the same.
  const access = (['guard', 'public', 'optional'] as const).find((kind) => kinds.has(kind))
  const meeting = roles.roleNames.filter((role) => requirements.every((asked) => meets(role, asked, roles)))
  return Object.freeze({
    method,
    path,
    access: access === 'guard' ? 'guarded' : (access ?? 'unguarded'),
    requirements,
    roles: Object.freeze(meeting),
  })
}

function meets(role: string, asked: Requirement<string, string, never>, roles: Roles): boolean {
  const held = roles.resolve([role])
  const isRight = asked.roles?.some((name) => held.roles.some((heldRole) => heldRole === name)) ?? true
  return isRight && missingScopes(held.scopes, asked.scopes ?? []).length === 0
}
