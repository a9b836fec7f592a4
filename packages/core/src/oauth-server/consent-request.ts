import { StoreError } from '../errors.js'
import type { UserSession } from '../sessions/index.js'
import { decodeUtf8, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import { randomId } from '../shared/random.js'
import type { Secrets } from '../shared/secrets.js'
import type { TicketStore } from '../tickets/index.js'

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

/**
 * Questions put to people, each to be answered once, by the session it was put to. A question is sealed into the page that
 * asks it; a store remembers only those that were answered: whoever opens pages without end leaves nothing there.
 */
export interface ConsentRequests {
  /** Opens a question; answers its id, which nobody else can make or read. */
  open(asked: AskedConsent, visitor: UserSession): Promise<string>
  /** Closes it. Of N answers exactly one counts. @throws StoreError */
  close(requestId: string, visitor: UserSession): Promise<ClosedConsent>
}

interface SealedQuestion {
  readonly id: string
  readonly asked: AskedConsent
  readonly sessionId: string
  readonly userId: string
  /** In milliseconds since 1970. */
  readonly askedAt: number
}

const purpose = 'consent-request'
const lifeSeconds = 600
/** Clocks of two nodes differ a little. */
const toleranceMs = 30_000
/** How long an answer is remembered: longer than any page of it can be answered. */
const memorySeconds = 2 * lifeSeconds
const longestId = 24_576

/** Makes them. */
export function createConsentRequests(deps: {
  readonly store: TicketStore
  readonly secrets: Secrets
  readonly clock: Clock
}): ConsentRequests {
  const { store, secrets, clock } = deps
  const context = utf8(purpose)

  /** The question; `null` for whatever this deployment did not ask, or too long ago. */
  async function opened(requestId: string): Promise<SealedQuestion | null> {
    const plain = requestId.length <= longestId ? await secrets.open(purpose, requestId, context) : null
    const question = plain && readQuestion(plain)
    if (!question) return null
    const ageMs = clock.now().getTime() - question.askedAt
    return ageMs >= -toleranceMs && ageMs < lifeSeconds * 1000 ? question : null
  }

  /** Uses a question up. Of N racers exactly one gets `true`. */
  async function use({ id, userId }: SealedQuestion): Promise<boolean> {
    const createdAt = clock.now()
    const expiresAt = later(createdAt, memorySeconds)
    const digest = await digestOf(purpose, id)
    const used = { digest, purpose, binding: digest, userId, grantId: null, payload: '{}' }
    return store.insert({ ...used, createdAt, expiresAt, rememberUntil: expiresAt })
  }

  return {
    open(asked, { session, user }) {
      const askedAt = clock.now().getTime()
      const question: SealedQuestion = { id: randomId(), asked, sessionId: session.id, userId: user.id, askedAt }
      return secrets.seal(purpose, utf8(JSON.stringify(question)), context)
    },
    async close(requestId, { session, user }) {
      const question = await opened(requestId)
      if (!question) return { outcome: 'over' }
      if (question.sessionId !== session.id || question.userId !== user.id) return { outcome: 'foreign' }
      if (!(await use(question))) return { outcome: 'over' }
      return { outcome: 'closed', asked: question.asked, createdAt: new Date(question.askedAt) }
    },
  }
}

/** It was sealed by this deployment: its shape is what `open` wrote. */
function readQuestion(plain: Uint8Array<ArrayBuffer>): SealedQuestion {
  const text = decodeUtf8(plain)
  const value: unknown = text === null ? null : JSON.parse(text)
  if (!isPlainObject(value)) throw new StoreError('A question holds something else than was written')
  return value as unknown as SealedQuestion
}
