import { StoreError } from '../errors.js'
import type { UserSession } from '../sessions/index.js'
import type { Clock } from '../shared/clock.js'
import { type Digest, digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { Secrets } from '../shared/secrets.js'
import type { TicketStore } from '../tickets/index.js'
import { digestOAuthTicket, issueOAuthTicket, parseOAuthTicket } from './oauth-ticket.js'

/** The request behind a consent page: what was asked is what is granted, whatever the form sends. */
export interface AskedConsent {
  readonly clientId: string
  readonly redirectUri: string
  /** As it stood in the request; empty where it was left out. */
  readonly sentRedirectUri: string
  readonly state: string | null
  /** With a space between the scopes. */
  readonly scope: string
  readonly resource: string | null
  readonly challenge: string
}

/** What became of an answer. */
export type ClosedConsent =
  | { readonly outcome: 'closed'; readonly asked: AskedConsent; readonly createdAt: Date }
  /** It was put to another session. Nothing has changed. */
  | { readonly outcome: 'foreign' }
  /** It was answered before, is too old, or was never asked. */
  | { readonly outcome: 'over' }

/** Questions put to people, each to be answered once, by the session it was put to. */
export interface ConsentRequests {
  /** Opens a question; answers its id, a secret of 256 bits. */
  open(asked: AskedConsent, visitor: UserSession): Promise<string>
  /** Closes it. Of N answers exactly one counts. */
  close(requestId: string, visitor: UserSession): Promise<ClosedConsent>
}

const purpose = 'consent-request'
const lifeSeconds = 600

/** Makes them. */
export function createConsentRequests(deps: {
  readonly store: TicketStore
  readonly secrets: Secrets
  readonly clock: Clock
}): ConsentRequests {
  const { store, secrets, clock } = deps
  return {
    async open(asked, visitor) {
      const createdAt = clock.now()
      const expiresAt = later(createdAt, lifeSeconds)
      return issueOAuthTicket(deps, {
        purpose,
        binding: await bindingOf(visitor),
        userId: visitor.user.id,
        grantId: null,
        payload: JSON.stringify(asked),
        createdAt,
        expiresAt,
        rememberUntil: expiresAt,
      })
    },
    async close(requestId, visitor) {
      const ticket = await parseOAuthTicket(requestId, purpose, secrets)
      if (!ticket) return { outcome: 'over' }
      const use = { digest: await digestOAuthTicket(ticket), purpose, binding: await bindingOf(visitor), now: clock.now() }
      const used = await store.consume(use)
      if (used.outcome === 'mismatch') return { outcome: 'foreign' }
      if (used.outcome !== 'consumed') return { outcome: 'over' }
      return { outcome: 'closed', asked: askedOf(used.ticket.payload), createdAt: used.ticket.createdAt }
    },
  }
}

function bindingOf({ session, user }: UserSession): Promise<Digest> {
  return digestOf('consent-binding', session.id, user.id)
}

function askedOf(payload: string): AskedConsent {
  const stored: unknown = JSON.parse(payload)
  if (isPlainObject(stored)) {
    const { clientId, redirectUri, sentRedirectUri, state, scope, resource, challenge } = stored
    const texts = [clientId, redirectUri, sentRedirectUri, scope, challenge]
    const isRight = [...texts, state ?? '', resource ?? ''].every((text) => typeof text === 'string')
    if (isRight) return stored as unknown as AskedConsent // Just checked.
  }
  throw new StoreError('A request holds something else than was written')
}
