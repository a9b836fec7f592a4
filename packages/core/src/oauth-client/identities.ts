import type { IdentityRecord, IdentityStore } from '../accounts/index.js'
import { AuthError } from '../errors.js'
import type { Clock } from '../shared/clock.js'
import type { Secrets } from '../shared/secrets.js'
import type { IdentityService, LinkedIdentity } from './identity-service.js'
import { type ProviderClient, ProviderRefusal, type ProviderTokens } from './provider-client.js'
import { ProviderFault } from './provider-http.js'
import { openProviderTokens, sealProviderTokens } from './provider-tokens.js'
import { rejected } from './social-accounts.js'

/** What users have linked, for the application's own code: nothing here asks who is calling. */
export interface Identities {
  /** Lists what is linked to a user, oldest first. */
  list(userId: string): Promise<readonly LinkedIdentity[]>
  /**
   * An access token of the provider for the user's oldest account there, renewed where it ends within a minute. Needs
   * `social: { keepTokens: true }` since the user has last signed in with it.
   * @throws AuthError `not_found` where none is kept, `signin_rejected` where the provider renews it no more, `provider_unavailable`
   */
  accessToken(userId: string, provider: string): Promise<string>
}

/** What it stands on. */
export interface IdentitiesDeps {
  readonly identities: IdentityStore
  readonly service: IdentityService
  readonly clients: ReadonlyMap<string, ProviderClient>
  readonly secrets: Secrets
  readonly clock: Clock
}

/** How long before its end a token is renewed. */
const earlyMs = 60_000

/** Makes it; without providers nobody has linked anything. */
export function createIdentities(deps: IdentitiesDeps | null): Identities {
  if (!deps) {
    const none = async (): Promise<never> => {
      throw new AuthError('not_found')
    }
    return { list: async () => [], accessToken: none }
  }
  const { identities, service, clients, secrets, clock } = deps

  /** Renewals under way by identity: a provider may take a refresh token that comes twice for a stolen one. */
  const renewing = new Map<string, Promise<string>>()

  function renewed(identity: IdentityRecord, tokens: ProviderTokens, client: ProviderClient): Promise<string> {
    const running = renewing.get(identity.id)
    if (running) return running
    const run = renew(identity, tokens, client).finally(() => renewing.delete(identity.id))
    renewing.set(identity.id, run)
    return run
  }

  async function renew(identity: IdentityRecord, tokens: ProviderTokens, client: ProviderClient): Promise<string> {
    const fresh = await client.renew(tokens).catch((error: unknown) => {
      if (error instanceof ProviderFault) throw new AuthError('provider_unavailable')
      if (error instanceof ProviderRefusal) throw rejected('The provider renews the token no more.')
      throw error
    })
    const sealed = await sealProviderTokens(secrets, identity, fresh)
    // Whoever renewed it at the same moment has written theirs: both are good.
    await identities.swapTokens(identity.id, identity.sealedTokens, sealed)
    return fresh.accessToken
  }

  return {
    list: (userId) => service.list(userId),
    async accessToken(userId, provider) {
      const identity = (await identities.list(userId)).find((each) => each.provider === provider)
      const client = clients.get(provider)
      const tokens = identity?.sealedTokens ? await openProviderTokens(secrets, identity, identity.sealedTokens) : null
      if (!identity || !client || !tokens) throw new AuthError('not_found')
      const isLive = tokens.expiresAt === null || tokens.expiresAt - clock.now().getTime() > earlyMs
      return isLive ? tokens.accessToken : renewed(identity, tokens, client)
    },
  }
}
