import type { IncomingMessage, ServerResponse } from 'node:http'

/** What of an Express request is looked at. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string
  readonly baseUrl: string
  /** The route that was met, where one was. */
  readonly route?: unknown
  /** As `trust proxy` has it. */
  readonly ip?: string | undefined
  /** What a body parser made of the body, where one ran. */
  readonly body?: unknown
  auth?: Express.Request['auth']
}

/** What a requirement's `check` gets of an Express request. The body has not been read, unless a parser ran before the guard. */
export interface GuardedRequest extends ExpressRequest {
  /** The parameters of the path. */
  readonly params: Readonly<Record<string, string | string[]>>
}

/** Middleware for `app.use` and for routes. It says nothing of a route's parameters, so their types stay as the path has them. */
export type Middleware = (req: ExpressRequest, res: ServerResponse, next: (error?: unknown) => void) => void | Promise<void>

/** Middleware for errors: the last one of an app. */
export type ErrorMiddleware = (
  error: unknown,
  req: ExpressRequest,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void
