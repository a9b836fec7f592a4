import type { FoundRoute, GuardMark } from '../rbac/index.js'
import type { Route, RouteCaller } from './route.js'

const marks: { readonly [Who in Extract<RouteCaller, string>]: GuardMark } = {
  anyone: { kind: 'public' },
  'signed-in': { kind: 'guard', requirement: {} },
  // Keys and clients are refused: what a person alone may do comes with a session of theirs.
  user: { kind: 'guard', requirement: { allow: ['bearer', 'cookie'] } },
}

/**
 * The SDK's own routes as a list of routes has them.
 * @param documents Whole paths of what anybody may read.
 */
export function ownRoutes(basePath: string, routes: readonly Route[], documents: readonly string[]): readonly FoundRoute[] {
  return [
    ...routes.map(({ method, path, who }) => ({
      method,
      path: `${basePath}${path}`,
      marks: [typeof who === 'string' ? marks[who] : ({ kind: 'guard', requirement: who } as const)],
    })),
    ...documents.map((path) => ({ method: 'GET', path, marks: [marks.anyone] })),
  ]
}
