import { StoreError } from '../errors.js'
import { base64url, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import { type Digest, digestOf, sha256 } from '../shared/digest.js'
import { later } from '../shared/duration.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { Secrets } from '../shared/secrets.js'
import { createTaggedSecret, readTaggedSecret } from '../shared/tagged-secret.js'
import type { TicketRecord, TicketStore } from '../tickets/index.js'

/** What a code is tied to: whoever presents it must know all of it. */
export interface CodeBinding {
  readonly clientId: string
  /** As it stood in the authorization request; empty where it was left out. */
  readonly redirectUri: string
  /** BASE64URL(SHA256(code_verifier)) (RFC 7636, section 4.2). */
  readonly challenge: string
}

/** What a code is good for. */
export interface CodeGrant {
  readonly userId: string
  /** The session that its exchange begins, and that a replay ends. */
  readonly grantId: string
  /** With a space between the scopes. */
  readonly scope: string
  readonly resource: string | null
  /** The user's `sessionEpoch`: what ends all sessions ends codes too. */
  readonly epoch: number
  readonly authenticatedAt: Date
}

/** A code that was presented, and is ours. */
export interface PresentedCode {
  readonly digest: Digest
  readonly binding: Digest
}

/** What became of it. */
export type CodeOutcome =
  | { readonly outcome: 'consumed' | 'replayed'; readonly grant: CodeGrant; readonly createdAt: Date }
  | { readonly outcome: 'refused' }

/** Authorization codes (RFC 6749, section 4.1.2). */
export interface AuthorizationCodes {
  /** Issues one. */
  issue(binding: CodeBinding, grant: CodeGrant): Promise<string>
  /** What was presented, where this deployment issued it. Asks no store. */
  present(code: string, binding: CodeBinding): Promise<PresentedCode | null>
  /** Reads one without using it up. Advises; `consume` decides. */
  read(code: PresentedCode): Promise<{ readonly grant: CodeGrant; readonly createdAt: Date } | null>
  /** Uses one up: of N racers one gets `consumed`, the others `replayed`. With another binding it is `refused`, and nothing changes. */
  consume(code: PresentedCode): Promise<CodeOutcome>
}

const purpose = 'authorization-code'
/** For how long a replay is known as one: as long as what it led to may be refreshed unseen, and no shorter than its tokens live. */
const rememberSeconds = 3600

/** Makes them. */
export function createAuthorizationCodes(deps: {
  readonly store: TicketStore
  readonly secrets: Secrets
  readonly clock: Clock
  readonly lifeSeconds: number
}): AuthorizationCodes {
  const { store, secrets, clock, lifeSeconds } = deps
  return {
    async issue(binding, { userId, grantId, scope, resource, epoch, authenticatedAt }) {
      const createdAt = clock.now()
      const expiresAt = later(createdAt, lifeSeconds)
      const { secret, text } = await createTaggedSecret(purpose, secrets)
      const inserted = await store.insert({
        digest: await digestOf(purpose, secret),
        purpose,
        binding: await digestOfBinding(binding),
        userId,
        grantId,
        payload: JSON.stringify({ scope, resource, epoch, authenticatedAt: authenticatedAt.getTime() }),
        createdAt,
        expiresAt,
        rememberUntil: later(expiresAt, rememberSeconds),
      })
      if (!inserted) throw new StoreError('A code was there before it was issued')
      return text
    },
    async present(code, binding) {
      const secret = await readTaggedSecret(code, purpose, secrets)
      return secret && { digest: await digestOf(purpose, secret), binding: await digestOfBinding(binding) }
    },
    async read({ digest, binding }) {
      const found = await store.find(digest, purpose, clock.now())
      return found?.binding === binding ? { grant: grantOf(found), createdAt: found.createdAt } : null
    },
    async consume({ digest, binding }) {
      const used = await store.consume({ digest, purpose, binding, now: clock.now() })
      if (used.outcome !== 'consumed' && used.outcome !== 'replayed') return { outcome: 'refused' }
      return { outcome: used.outcome, grant: grantOf(used.ticket), createdAt: used.ticket.createdAt }
    },
  }
}

/** The challenge that a verifier answers (RFC 7636, section 4.2). */
export async function challengeOf(verifier: string): Promise<string> {
  return base64url(await sha256(utf8(verifier)))
}

function digestOfBinding({ clientId, redirectUri, challenge }: CodeBinding): Promise<Digest> {
  return digestOf('authorization-code-binding', clientId, redirectUri, challenge)
}

function grantOf({ userId, grantId, payload }: TicketRecord): CodeGrant {
  const stored: unknown = JSON.parse(payload)
  if (isPlainObject(stored) && userId !== null && grantId !== null) {
    const { scope, resource, epoch, authenticatedAt } = stored
    const isRight = typeof scope === 'string' && (resource === null || typeof resource === 'string')
    if (isRight && typeof epoch === 'number' && typeof authenticatedAt === 'number')
      return { userId, grantId, scope, resource, epoch, authenticatedAt: new Date(authenticatedAt) }
  }
  throw new StoreError('A code holds something else than was written')
}
