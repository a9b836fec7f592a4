import { z } from 'zod'
import { readForm } from './body.js'
import type { RequestSource } from './request-source.js'

/** A request that a route has accepted: its shape is right, nothing else has been judged. */
export interface RouteCall<Body> {
  readonly body: Body
  readonly source: RequestSource
  /** The client's address. */
  readonly ip: string | undefined
  /** Method and pattern of the route, for the audit trail. */
  readonly route: string
  /** The `:id` of the path; empty where it has none. */
  readonly id: string
}

/**
 * Whom a route answers: `signed-in` any principal, `user` a person in a session of their own. Its handler sees to it; this
 * is what lists of routes say.
 */
export type RouteCaller = 'anyone' | 'signed-in' | 'user' | { readonly scopes: readonly string[] }

/** One endpoint. */
export interface Route<Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base path; one segment may be `:id`. */
  readonly path: string
  readonly body: z.ZodType<Body>
  readonly who: RouteCaller
  /** What may stand in the place of `:id`; with anything else there is no such route. Default: whatever has the form of an id. */
  readonly accepts?: (id: string) => boolean
  /** Shows a person why a request of theirs is refused, where they ask for a page; `null` where they get what programs get. */
  readonly page?: (error: unknown) => Response | Promise<Response> | null
  /** Reads the body instead of as JSON, for a route that takes a form. @throws AuthError, OAuthError */
  readonly read?: (request: Request) => Promise<Body>
  /** Runs when everything that can be judged without a secret has been. */
  readonly handle: (call: RouteCall<Body>) => Promise<Response>
}

/** What some routes have beside what all have. */
export type RouteOptions = Pick<Route, 'accepts' | 'page'>

/** Makes a route; the schema gives the handler its type. */
export function route<Body>(
  method: Route['method'],
  path: string,
  body: z.ZodType<Body>,
  handle: Route<Body>['handle'],
  who: RouteCaller = 'user',
  options: RouteOptions = {},
): Route {
  return { method, path, body, handle, who, ...options } as Route // The router hands each handler what its own schema made.
}

/** Makes a route that takes a form. What is wrong with its parameters is for its handler to say. */
export function formRoute(
  method: 'POST',
  path: string,
  handle: Route<URLSearchParams>['handle'],
  options?: RouteOptions,
): Route {
  return { ...route(method, path, z.custom<URLSearchParams>(), handle, 'anyone', options), read: readForm }
}
