import type { AuditContext, AuditRecorder } from '../audit/index.js'
import { createBoundedMap } from '../shared/bounded-map.js'
import { equalBytes, utf8 } from '../shared/bytes.js'
import type { Clock } from '../shared/clock.js'
import type { Digest } from '../shared/digest.js'
import type { Throttle } from '../throttle/index.js'
import type { RevocationFeed } from '../tokens/index.js'
import { digestClientSecret } from './client-secret.js'
import type { ClientRecord, ClientSecret, ClientStore } from './client-store.js'
import { isClientId } from './client-wish.js'
import { OAuthError } from './oauth-error.js'

/** What a client says of itself, by exactly one method. */
export interface PresentedClient {
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'none'
  readonly clientId: string
  /** Empty for `none`. */
  readonly secret: string
}

/** What the authentication needs. */
export interface ClientAuthenticationDeps {
  readonly store: Pick<ClientStore, 'find'>
  readonly feed: Pick<RevocationFeed, 'ensureFresh' | 'isClientRevoked'>
  /** Counts in this process alone: bounds what it tests at one time. */
  readonly localThrottle: Throttle
  readonly throttle: Throttle
  readonly clock: Clock
  readonly audit: AuditRecorder
}

/** Finds out which client is calling (RFC 6749, section 2.3). */
export interface ClientAuthentication {
  /**
   * The client that proved who it is, or named itself where it is public. An unknown client, a wrong secret, another method
   * than the registered ones and a disabled client look the same and take as long.
   * @throws OAuthError `invalid_client`; AuthError `too_many_attempts`; StoreError
   */
  authenticate(presented: PresentedClient, context: AuditContext): Promise<ClientRecord>
}

/** Whom a client says it is, where there is one of that id, and whether it is. */
type Judged =
  | { readonly client: ClientRecord; readonly isProven: boolean }
  | { readonly client: null; readonly isProven: false }

const rememberedClients = 1000
const kind = 'client-secret'
/** Compared with where there is nothing else, so that both take the same time. */
const nobody: readonly ClientSecret[] = [{ digest: '' as Digest, createdAt: new Date(0), expiresAt: new Date(0) }] // No secret has it.

/** Makes it. What was right once in this process is no guess: only the rest is limited, by address. */
export function createClientAuthentication(deps: ClientAuthenticationDeps): ClientAuthentication {
  const { store, feed, clock, throttle, localThrottle, audit } = deps
  const remembered = createBoundedMap<string, true>(rememberedClients)

  async function judge({ method, clientId }: PresentedClient, digest: Digest): Promise<Judged> {
    await feed.ensureFresh()
    const client = isClientId(clientId) ? await store.find(clientId) : null
    const isRight = holds(client?.secrets.length ? client.secrets : nobody, digest, clock.now())
    if (!client || client.disabledAt !== null || feed.isClientRevoked(client.id)) return { client, isProven: false }
    if (client.kind === 'public') return { client, isProven: method === 'none' }
    return { client, isProven: isRight && client.authMethods.includes(method) }
  }

  /** Of a client that does not exist nothing is written down: somebody may have sent their secret in the place of the id. */
  async function fail({ client }: Judged, { ip, route }: AuditContext): Promise<never> {
    const attempt = await throttle.begin({ kind, ip })
    await attempt.failed()
    const subject = client?.id
    await audit.record({ type: 'oauth.client_refused', outcome: 'failure', code: 'invalid_client', subject, ip, route })
    throw new OAuthError('invalid_client', 'The client is not known, or did not prove who it is')
  }

  async function meet(presented: PresentedClient, digest: Digest, context: AuditContext): Promise<ClientRecord> {
    const { ip } = context
    const attempt = await localThrottle.begin({ kind, ip })
    try {
      await throttle.check({ kind, ip })
      const judged = await judge(presented, digest)
      if (judged.isProven) return judged.client
      await attempt.failed()
      return await fail(judged, context)
    } finally {
      await attempt.giveBack()
    }
  }

  return {
    async authenticate(presented, context) {
      const digest = await digestClientSecret(presented.clientId, presented.secret)
      const mark = `${presented.method} ${digest}`
      if (remembered.get(mark)) {
        const judged = await judge(presented, digest)
        if (judged.isProven) return judged.client
        remembered.delete(mark)
        return fail(judged, context)
      }
      const client = await meet(presented, digest, context)
      remembered.set(mark, true)
      return client
    },
  }
}

/** Looks at all of them, whichever fits. */
function holds(secrets: readonly ClientSecret[], digest: Digest, now: Date): boolean {
  let isRight = false
  for (const secret of secrets) {
    const isEqual = equalBytes(utf8(secret.digest.padEnd(digest.length)), utf8(digest))
    const isLive = secret.expiresAt === null || secret.expiresAt > now
    isRight = (isEqual && isLive) || isRight
  }
  return isRight
}
