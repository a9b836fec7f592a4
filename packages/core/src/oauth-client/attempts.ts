import { type Bytes, base64url, decodeUtf8, fromBase64url, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { digestOf } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import { randomBytes } from '../shared/random.js'
import type { Secrets } from '../shared/secrets.js'
import { createTaggedSecret, readTaggedSecret } from '../shared/tagged-secret.js'
import type { TicketStore } from '../tickets/index.js'
import type { AttemptSecrets } from './provider-client.js'

/** Who is linking a provider to their account. */
export interface LinkingUser {
  readonly userId: string
  readonly sessionId: string
  readonly sessionEpoch: number
}

/** What an attempt to sign in is for. */
export interface AttemptPurpose {
  readonly provider: string
  /** Where the browser goes afterwards: judged before it is written here. */
  readonly returnTo: string
  readonly transport: 'cookie' | 'bearer'
  /** Whether people are to prove at the provider once more who they are. */
  readonly prompt: 'login' | null
  /** Present where somebody links the provider instead of signing in with it. */
  readonly link: LinkingUser | null
}

/** An attempt that is under way. */
export interface Attempt extends AttemptPurpose, AttemptSecrets {
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** A started attempt, and what its browser keeps. */
export interface StartedAttempt {
  readonly attempt: Attempt
  readonly cookie: AttemptCookie
}

/** A cookie of one attempt. Each has a name of its own, so that several tabs can sign in at once. */
export interface AttemptCookie {
  /** 16 characters of base64url. */
  readonly id: string
  readonly value: string
}

/**
 * Attempts to sign in at a provider. All of one is sealed into a cookie of the browser that began it; its state goes to the
 * provider and back. A store remembers only those that were used: beginning costs it nothing.
 */
export interface Attempts {
  /** Begins one. */
  start(purpose: AttemptPurpose): Promise<StartedAttempt>
  /** The id of the attempt whose state this is; `null` for whatever this deployment did not issue. Asks no store. */
  identify(state: string): Promise<string | null>
  /** Opens an attempt's cookie; `null` where it is not genuine or its time is over. Asks no store. */
  open(cookie: AttemptCookie): Promise<Attempt | null>
  /** Uses an attempt up, whatever comes of it. Of N racers exactly one gets `true`. @throws StoreError */
  use(id: string): Promise<boolean>
}

/** How long one may take. */
export const attemptSeconds = 600
/** How long its use is remembered: longer than any cookie of it opens. */
const memorySeconds = 2 * attemptSeconds

const idBytes = 12
const toleranceMs = 30_000
const longestCookie = 3072

/** Makes the attempts of a deployment. */
export function createAttempts({
  secrets,
  tickets,
  clock,
}: {
  readonly secrets: Secrets
  readonly tickets: TicketStore
  readonly clock: Clock
}): Attempts {
  return {
    async start(purpose) {
      const { secret, text: state } = await createTaggedSecret('signin-state', secrets)
      const verifier = base64url(randomBytes(32))
      const attempt = { ...purpose, state, verifier, nonce: base64url(randomBytes(32)), startedAt: clock.now().getTime() }
      const id = await idOf(secret)
      return {
        attempt,
        cookie: { id, value: await secrets.seal('signin-attempt', utf8(JSON.stringify(attempt)), utf8(id)) },
      }
    },
    async identify(state) {
      const secret = await readTaggedSecret(state, 'signin-state', secrets)
      return secret && idOf(secret)
    },
    async open({ id, value }) {
      if (value.length > longestCookie) return null
      const plain = await secrets.open('signin-attempt', value, utf8(id))
      const attempt = plain && readAttempt(plain)
      if (!attempt) return null
      const ageMs = clock.now().getTime() - attempt.startedAt
      // Clocks of two nodes differ a little.
      return ageMs >= -toleranceMs && ageMs <= attemptSeconds * 1000 ? attempt : null
    },
    async use(id) {
      const createdAt = clock.now()
      const rememberUntil = later(createdAt, memorySeconds)
      const digest = await digestOf('signin-attempt', id)
      return tickets.insert({
        digest,
        purpose: 'signin-attempt',
        binding: digest,
        userId: null,
        grantId: null,
        payload: '{}',
        createdAt,
        expiresAt: rememberUntil,
        rememberUntil,
      })
    },
  }
}

async function idOf(secret: Bytes): Promise<string> {
  const digest = fromBase64url(await digestOf('signin-attempt-id', secret))
  return base64url((digest ?? secret).subarray(0, idBytes))
}

/** It was sealed by this deployment: its shape is what `start` wrote. */
function readAttempt(plain: Bytes): Attempt | null {
  const text = decodeUtf8(plain)
  const value: unknown = text === null ? null : JSON.parse(text)
  return isPlainObject(value) ? (value as unknown as Attempt) : null
}
