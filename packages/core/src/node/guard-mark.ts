import type { GuardMark } from '../rbac/index.js'

const guardMark: symbol = Symbol.for('auth.guard')

/** Writes on a middleware what it declares of its routes, so that a list of routes can tell. Has no part in any decision. */
export function markGuard<Middleware extends object>(middleware: Middleware, mark: GuardMark): Middleware {
  return Object.defineProperty(middleware, guardMark, { value: Object.freeze(mark) })
}

/** What a middleware declares of its routes; `null` for any that is not ours. */
export function guardMarkOf(middleware: object): GuardMark | null {
  // Written by `markGuard` alone, in this or another copy of the package.
  return (Reflect.get(middleware, guardMark) as GuardMark | undefined) ?? null
}
