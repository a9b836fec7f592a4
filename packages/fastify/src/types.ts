import type { Auth, Principal, Requirement, RoleNameOf, ScopeNameOf } from '@auth/core'
import type { NodeRequestHead, UnreadRequest } from '@auth/core/node'
import type { Verifier } from '@auth/core/verify'
import type { FastifyRequest } from 'fastify'

/**
 * Tells the plugin's types of your roles and scopes, so that a misspelt one in a guard does not compile.
 * @example
 * declare module '@auth/fastify' {
 *   interface FastifyAuthTypes { auth: typeof auth }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: an application fills it in.
export interface FastifyAuthTypes {}

/** A requirement with the names that the application declared, where it told of them. A `check` is given the request. */
export type AppRequirement = FastifyAuthTypes extends { auth: Auth<infer R> | Verifier<infer R> }
  ? Requirement<RoleNameOf<R>, ScopeNameOf<R>, FastifyRequest>
  : Requirement<string, string, FastifyRequest>

/** What of a Fastify request is looked at; any request is one, whatever its type parameters. */
export interface GuardedRequest {
  readonly raw: NodeRequestHead & object
  readonly ip: string
  readonly originalUrl: string
  readonly routeOptions: { readonly url?: string | undefined }
}

/** What of a Fastify reply is written. */
export interface GuardedReply {
  readonly raw: { once(event: 'finish', listener: () => void): unknown }
  readonly sent: boolean
  code(status: number): unknown
  getHeader(name: string): number | string | string[] | undefined
  header(name: string, value: string | string[]): unknown
  removeHeader(name: string): unknown
  send(payload?: unknown): unknown
}

/** A hook for `onRequest`, `preParsing`, `preValidation` or `preHandler`, of one route or of many. */
export type AuthHook = (request: GuardedRequest, reply: GuardedReply) => Promise<void>

/** What `register` takes. */
export interface FastifyAuthOptions {
  /** What `createAuth` made, or `createVerifier` in a service that accepts another's access tokens. */
  readonly auth: FastifyAuthTypes extends { auth: infer A } ? A : Auth | Verifier
  /** Where given, the same as the `basePath` of `createAuth`. */
  readonly prefix?: string
  /** The property of a request that shows who is calling. Default `auth`. Nothing of ours reads it. */
  readonly decorator?: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * A hook that lets through whoever meets the requirement; without one, whoever is signed in. Everybody else gets 401
     * or 403 as a problem, and the handler does not run. The caller is then `getAuth(request)`.
     * @throws ConfigError where the requirement names what is not declared
     */
    authGuard(requirement?: AppRequirement): AuthHook
    /** A hook that finds out who is calling without refusing anybody: `peekAuth(request)` may be `null`. A store that is down is answered 503. */
    authOptional(): AuthHook
    /** A hook that declares a route public, and does nothing. */
    authPublic(): AuthHook
    /** An error handler for `setErrorHandler` that answers errors as problems (RFC 9457). */
    authErrors(): AuthErrorHandler
  }
  interface FastifyRequest {
    /** Who is calling, as a guard found out: for reading. `getAuth(request)` gives the same and cannot be set by others. */
    auth?: Principal | undefined
  }
  interface FastifyContextConfig {
    /** Guards the route, as `authGuard` would. `{}` asks for a signed-in caller. */
    auth?: AppRequirement
  }
}

/** An error handler; what is not its to word, it throws on to the handler around it. */
export type AuthErrorHandler = (
  error: unknown,
  request: { readonly raw: UnreadRequest },
  reply: GuardedReply,
) => Promise<void>
