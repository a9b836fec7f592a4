import type { Auth } from '../auth.js'
import type { GuardAuth } from '../guard-auth.js'

/** Whether it is an `Auth`, with routes to serve; a verifier of another's tokens has none. */
export function hasRoutes<Given extends GuardAuth>(given: Given | Auth): given is Auth {
  return 'handler' in given
}
