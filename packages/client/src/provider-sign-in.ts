import type { AuthClient } from './auth-client.js'
import type { CallOptions } from './call-route.js'
import { type ClientParts, clientParts } from './client-parts.js'
import type { User } from './routes.js'

/** How to sign in with a provider. */
export interface ProviderSignInOptions {
  /** The page of this origin to come back to; default this one. Its fragment is left behind. */
  readonly returnTo?: string | URL
  /** `login` has the provider ask once more who it is, where it can. */
  readonly prompt?: 'login'
}

/** The parameter of the page's address by which a tab knows what it began. */
const begunParameter = 'begun'
const finishing = new WeakMap<AuthClient, Promise<User | null>>()

/**
 * Leaves the page to sign in with a provider. Afterwards the browser is at `returnTo`, where `finishSignIn` takes what it brought.
 * @param provider Its id on the server.
 * @throws TypeError where `returnTo` is no page of this origin; whatever a browser throws that forbids session storage
 * @example
 * beginSignIn(auth, 'google', { returnTo: '/welcome' })
 */
export function beginSignIn(client: AuthClient, provider: string, options: ProviderSignInOptions = {}): void {
  const { transport, url, key } = partsOf(client)
  const { returnTo = location.href, prompt } = options
  const target = new URL(returnTo, location.href)
  if (target.origin !== location.origin) throw new TypeError('returnTo must be a page of this origin')
  target.hash = ''
  target.searchParams.delete(begunParameter)
  const start = new URL(url(`/signin/${encodeURIComponent(provider)}`))
  if (transport === 'bearer') {
    const begun = crypto.randomUUID()
    sessionStorage.setItem(nameOf(key), begun)
    target.searchParams.set(begunParameter, begun)
    start.searchParams.set('transport', transport)
  }
  if (prompt) start.searchParams.set('prompt', prompt)
  start.searchParams.set('returnTo', target.href)
  location.assign(start.href)
}

/**
 * Ends a sign-in with a provider, on the page that it returned to. With tokens: takes the ticket out of the page's address and exchanges
 * it, if this tab has begun what led to it; `null` where there is none of this tab's, and then nothing has changed. Whoever was signed in
 * here no longer is. With a cookie: the same as `client.restore`. A page may call it whenever it is loaded.
 *
 * A ticket is good for whoever has it: one of a stranger's, in a link, would sign people in to the stranger's account.
 * @throws AuthClientError `ticket_invalid` where it took longer than a minute
 */
export function finishSignIn(client: AuthClient, options?: CallOptions): Promise<User | null> {
  const parts = partsOf(client)
  if (parts.transport === 'cookie') return client.restore(options)
  // A page may ask twice, as React does in development: both get what the one ticket gives.
  const running = finishing.get(client)
  if (running) return running
  const run = finish(parts, options).finally(() => finishing.delete(client))
  finishing.set(client, run)
  return run
}

async function finish({ key, exchange }: ClientParts, options: CallOptions | undefined): Promise<User | null> {
  const ticket = takeTicket(nameOf(key))
  return ticket === null ? null : exchange(ticket, options)
}

/** Takes the ticket out of the page's address; `null` where there is none, or this tab has not begun what led to it. */
function takeTicket(name: string): string | null {
  const here = new URL(location.href)
  const fragment = new URLSearchParams(here.hash.slice(1))
  const ticket = fragment.get('ticket')
  if (ticket === null) return null
  const begun = here.searchParams.get(begunParameter)
  here.searchParams.delete(begunParameter)
  fragment.delete('ticket')
  here.hash = fragment.toString()
  history.replaceState(history.state, '', here)
  if (begun === null || begun !== sessionStorage.getItem(name)) return null
  sessionStorage.removeItem(name)
  return ticket
}

function nameOf(key: string): string {
  return `${key}:begun`
}

function partsOf(client: AuthClient): ClientParts {
  const parts = clientParts.get(client)
  if (!parts) throw new TypeError('not a client of createAuthClient')
  return parts
}
