import type { z } from 'zod'
import type { RequestSource } from './request-source.js'

/** A request that a route has accepted: its shape is right, nothing else has been judged. */
export interface RouteCall<Body> {
  readonly body: Body
  readonly source: RequestSource
  /** The client's address. */
  readonly ip: string | undefined
  /** The `:id` of the path; empty where it has none. */
  readonly id: string
}

/** One endpoint. */
export interface Route<Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base path; may have `:id` as its last segment or the one before. */
  readonly path: string
  readonly body: z.ZodType<Body>
  /** Runs when everything that can be judged without a secret has been. */
  readonly handle: (call: RouteCall<Body>) => Promise<Response>
}

/** Makes a route; the schema gives the handler its type. */
export function route<Body>(
  method: Route['method'],
  path: string,
  body: z.ZodType<Body>,
  handle: Route<Body>['handle'],
): Route {
  return { method, path, body, handle } as Route // The router hands each handler what its own schema made.
}
