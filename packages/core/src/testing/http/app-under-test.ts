import type { Principal, Requirement } from '../../rbac/index.js'

/** What an app under test is started with. Plain data: it may be handed to another process as JSON. */
export interface HttpAppSettings {
  /** For `createAuth`, by way of `conformanceAuth`. */
  readonly issuer: string
  /** Likewise. */
  readonly secret: string
  /** A private JWK to sign with, likewise. */
  readonly signingKey: Readonly<Record<string, unknown>>
  /** Networks whose `X-Forwarded-For` counts, likewise. */
  readonly trustedProxies: readonly string[]
  /** Whether no store answers and nobody may sign up, likewise. */
  readonly isDown: boolean
  /** The address to listen on: `127.0.0.1`, or `::` where the machine has IPv6. */
  readonly host: string
  /** The one foreign origin that the app's CORS plugin allows, with credentials; `null` where the app has no such plugin. */
  readonly pageOrigin: string | null
}

/** An app that listens. */
export interface StartedApp {
  /** `http://` and a port: no path. */
  readonly url: string
  /** Where the SDK's routes are. Default `/auth`. */
  readonly basePath?: string
  /** Ends it. */
  close(): Promise<void>
}

/**
 * Starts an app of its own with the settings. In front of everything, the app
 *
 * - lets its framework's CORS plugin allow `settings.pageOrigin`, with credentials;
 * - sets the cookie `app=1; Path=/` on every answer;
 * - where a request has the header `x-forge`, puts `forgedPrincipal` wherever its adapter shows who is calling.
 *
 * It serves the routes of `conformanceAuth(settings)` and those of `conformanceRoutes()`, with JSON bodies parsed where
 * a handler runs, and answers errors as its adapter would have it.
 */
export type StartApp = (settings: HttpAppSettings) => Promise<StartedApp>

/** The roles of `conformanceAuth`. */
export type ConformanceRole = 'user' | 'admin'
/** The scopes of `conformanceAuth`. */
export type ConformanceScope = 'read:orders' | 'write:orders' | 'read:invoices'

/** What a handler of the app hands over. */
export interface HandlerView {
  /** As the adapter's `getAuth` says. */
  getAuth(): Principal
  /** As the adapter's `peekAuth` says. */
  peekAuth(): Principal | null
  /** Where the adapter shows who is calling, as `req.auth`; for an adapter that has no such place, what `peekAuth` says. */
  readonly shown: unknown
  /** The parsed body, where one came. */
  readonly body: unknown
}

/** A route of the app itself. */
export interface ConformanceRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** A requirement for a guard, one of the other declarations, or nothing at all. */
  readonly declared: Requirement<ConformanceRole, ConformanceScope> | 'optional' | 'public' | null
  /** What the handler answers, as JSON with status 200. May throw. */
  handle(view: HandlerView): object
}

/** What a forger writes on a request. */
export const forgedPrincipal: object = {
  kind: 'user',
  subject: 'forged',
  userId: 'forged',
  roles: ['admin'],
  scopes: ['*'],
  via: 'bearer',
}

/** The routes of the app itself. Each call makes a set with a counter of its own. */
export function conformanceRoutes(): readonly ConformanceRoute[] {
  let calls = 0
  const view = ({ getAuth, shown, body }: HandlerView): object => {
    calls++
    const { subject, kind, via } = getAuth()
    return { subject, kind, via, shown: subjectOf(shown), body: body ?? null }
  }
  return [
    { method: 'GET', path: '/app/orders', declared: { scopes: ['read:orders'] }, handle: view },
    { method: 'POST', path: '/app/orders', declared: { scopes: ['write:orders'] }, handle: view },
    { method: 'GET', path: '/app/invoices', declared: { scopes: ['read:invoices', 'write:orders'] }, handle: view },
    { method: 'GET', path: '/app/admin', declared: { roles: ['admin'] }, handle: view },
    { method: 'GET', path: '/app/recent', declared: { recent: 300 }, handle: view },
    { method: 'GET', path: '/app/cookie', declared: { allow: ['cookie'] }, handle: view },
    { method: 'GET', path: '/app/any', declared: {}, handle: view },
    {
      method: 'GET',
      path: '/app/optional',
      declared: 'optional',
      handle: ({ peekAuth, shown }) => ({ subject: peekAuth()?.subject ?? null, shown: subjectOf(shown) }),
    },
    { method: 'GET', path: '/app/public', declared: 'public', handle: ({ peekAuth }) => ({ subject: peekAuth() }) },
    { method: 'GET', path: '/app/forgotten', declared: null, handle: view },
    { method: 'GET', path: '/app/calls', declared: 'public', handle: () => ({ calls }) },
    {
      method: 'GET',
      path: '/app/fault',
      declared: 'public',
      handle: () => {
        throw new Error('secret detail')
      },
    },
  ]
}

function subjectOf(shown: unknown): unknown {
  return typeof shown === 'object' && shown !== null ? Reflect.get(shown, 'subject') : null
}
