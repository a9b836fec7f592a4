import type { IncomingMessage, ServerResponse } from 'node:http'

/** What of a Koa context is looked at and written; any context is one, whatever its state. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** `body` is what a parser made of the body, where one ran. */
  readonly request: { readonly method: string; readonly body?: unknown }
  /** As `app.proxy` has it. */
  readonly ip: string
  readonly originalUrl: string
  readonly method: string
  readonly path: string
  readonly headerSent: boolean
  readonly state: object
  /** The parameters of the path, where `@koa/router` took it apart before. */
  readonly params?: Readonly<Record<string, string>>
  /** What of a router of `@koa/router` the path met. */
  readonly matched?: unknown
  /** Where koa-mount mounted what runs. */
  readonly mountPath?: unknown
  status: number
  body: unknown
  set(name: string, value: string): void
  append(name: string, value: string): void
}

/**
 * Middleware for `app.use` and for routes. It says nothing of a context's state, so that its type stays as the app has it; it
 * is generic, so that a router with typed middleware beside it infers nothing from it.
 */
export type Middleware = <C extends KoaContext>(ctx: C, next: () => Promise<unknown>) => Promise<void>
