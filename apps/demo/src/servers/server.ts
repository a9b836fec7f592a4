import type { RequestListener } from 'node:http'
import type { RouteMatrix } from '@auth/core'
import type { DemoAuth } from '../auth.js'
import type { Endpoint } from '../endpoints.js'

/** What a framework is given to serve. */
export interface ServerParts {
  readonly auth: DemoAuth
  readonly endpoints: readonly Endpoint[]
}

/** The demo on a framework. */
export interface DemoServer {
  readonly listener: RequestListener
  /** Every route with who may call it. */
  matrix(): RouteMatrix
  /** @throws ConfigError that names every route with neither a guard nor a declaration */
  assertGuarded(): void
}
