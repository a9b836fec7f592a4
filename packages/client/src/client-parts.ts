import type { AuthClient } from './auth-client.js'
import type { CallOptions } from './call-route.js'
import type { User } from './routes.js'

/** What functions beside the client need of one. Pages that import none of them load none of it. */
export interface ClientParts {
  readonly transport: 'bearer' | 'cookie'
  /** What tells this client's things in the browser's storage from others. */
  readonly key: string
  /** The URL of a route. */
  readonly url: (path: string) => string
  /** Turns the ticket of a sign-in with a provider into a session. */
  readonly exchange: (ticket: string, options: CallOptions | undefined) => Promise<User>
}

/** Those of each client. */
export const clientParts: WeakMap<AuthClient, ClientParts> = new WeakMap()
