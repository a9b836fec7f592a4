import type { Principal, Requirement, RoleNameOf, Roles, ScopeNameOf } from '@auth/core'
import type { NextRequest, NextResponse } from 'next/server.js'
import type { AuthActions } from './action-types.js'

/** What a route handler of Next is given beside the request: `params` of the path. */
export interface RouteParams {
  readonly params: Promise<Readonly<Record<string, string | string[] | undefined>>>
}

/** A route handler, as a `route.ts` exports it. */
export type RouteHandler<Context = RouteParams> = (request: NextRequest, context: Context) => Response | Promise<Response>

/** What guards in this app may ask for; a `check` is given the request. */
export type NextRequirement<R extends Roles = Roles> = Requirement<RoleNameOf<R>, ScopeNameOf<R>, NextRequest>

/** What pages and actions may ask for. There is no request there: a `check` is given the principal alone. */
export type PageRequirement<R extends Roles = Roles> = Requirement<RoleNameOf<R>, ScopeNameOf<R>, undefined>

/** The methods that the SDK's routes answer, to be exported from their `route.ts`. */
export interface AuthHandlers {
  readonly GET: (request: Request) => Promise<Response>
  readonly HEAD: (request: Request) => Promise<Response>
  readonly POST: (request: Request) => Promise<Response>
  readonly PUT: (request: Request) => Promise<Response>
  readonly PATCH: (request: Request) => Promise<Response>
  readonly DELETE: (request: Request) => Promise<Response>
  readonly OPTIONS: (request: Request) => Promise<Response>
}

/** How an app is fitted to an `Auth`. */
export interface NextAuthOptions {
  /**
   * The client's address, where a platform writes it into a header of its own that no client can set. Left out, it is the
   * socket's, which `@auth/next/instrumentation` watches for.
   */
  readonly clientAddress?: (headers: Headers) => string | undefined
}

/** How navigation is watched. */
export interface ProxyOptions {
  /** Path of the page to sign in at. It gets the place to come back to as `returnTo`. */
  readonly signInPage: string
  /** Paths that anybody may see; one that ends with `/*` stands for all below it. */
  readonly publicPaths?: readonly string[]
  /**
   * Whether a session cookie is looked up at each navigation, at the cost of a store's read. A dead one is then taken away, a
   * living one stated anew; the render of the same request sees either. Default `false`: that there is a cookie suffices.
   */
  readonly verify?: boolean
}

/** What a `proxy.ts` exports. */
export type AuthProxy = (request: NextRequest) => Promise<NextResponse>

/** What stands before an app's own route handlers. All that there is of a verifier: pages and actions know cookies alone, which it does not. */
export interface NextGuards<R extends Roles = Roles> {
  /**
   * Lets through whoever meets the requirement, `{}` for whoever is signed in. Everybody else gets 401 or 403 as a problem,
   * never a redirect, and the handler does not run. An `AuthError` or `StoreError` that the handler throws is answered as
   * a problem too.
   * @throws ConfigError where the requirement names what is not declared
   */
  guard<Context = RouteParams>(requirement: NextRequirement<R>, handler: RouteHandler<Context>): RouteHandler<Context>
  /**
   * Finds out who is calling without refusing anybody: a bad credential counts as none, and `peekAuth(request)` is `null` then.
   * A store that is down is answered 503 all the same.
   */
  optional<Context = RouteParams>(handler: RouteHandler<Context>): RouteHandler<Context>
}

/** One `Auth` in a Next app. */
export interface NextAuth<R extends Roles = Roles> extends NextGuards<R> {
  /**
   * Serves the SDK's routes: `export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = web.handlers` in
   * `app/auth/[[...auth]]/route.ts`, and in `app/.well-known/[document]/route.ts`.
   */
  readonly handlers: AuthHandlers
  /**
   * Who is calling, in server components and server actions; `null` where nobody is, or whoever is does not meet the
   * requirement. Looked up once a render. Writes no cookie.
   * @throws StoreError where it cannot be found out; ConfigError where the requirement names what is not declared
   */
  principal(requirement?: PageRequirement<R>): Promise<Principal | null>
  /**
   * The same, but whoever is not let through is sent to a page, which may be one to sign in at or one that says no.
   * @throws what `redirect()` of Next throws, to be let through
   */
  principalOrRedirect(to: string, requirement?: PageRequirement<R>): Promise<Principal>
  /**
   * What `proxy.ts` (in Next 15 `middleware.ts`, on Node's runtime) exports: sends visitors without a session cookie to the
   * page to sign in at. It is there for their convenience and protects nothing: pages, actions and route handlers ask themselves.
   */
  proxy(options: ProxyOptions): AuthProxy
  /** What server actions call: each sets the session's cookies. */
  readonly actions: AuthActions
}
