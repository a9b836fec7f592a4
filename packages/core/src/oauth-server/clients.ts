import { AuthError, ConfigError } from '../errors.js'
import { type Duration, durationSeconds } from '../shared/duration.js'
import type { OAuthClient } from './client.js'
import type { ClientService, IssuedClient } from './client-service.js'
import { type ClientSettings, issueAt, type NewOAuthClient } from './client-wish.js'

/** OAuth clients, for the application's own code: nothing here asks who is calling. Everything throws a ConfigError where OAuth is off. */
export interface OAuthClients<Scope extends string = string> {
  /** Registers a client: the only time its secret is shown. @throws AuthError `validation_failed`, with `taken` at `id` where the id exists */
  create(client: NewOAuthClient<Scope>): Promise<IssuedClient>
  /** Reads a client. */
  find(id: string): Promise<OAuthClient | null>
  /** Lists clients by id, those after `after`; at most `limit`, by default 50. */
  list(page?: { readonly after?: string; readonly limit?: number }): Promise<readonly OAuthClient[]>
  /**
   * Replaces settings. What is taken away counts for every token from the next one on; `disable` ends those there are.
   * @throws AuthError `not_found`, `validation_failed`
   */
  update(id: string, changes: Partial<ClientSettings<Scope>>): Promise<OAuthClient>
  /**
   * Gives a confidential client a new secret.
   * @param options.overlap How long the secret before is accepted too; at most `90d`. Default `1d`; 0 after a leak.
   * @param options.secretSha256 Of a secret that was issued elsewhere. Default: a new secret.
   * @throws AuthError `not_found`, `validation_failed`
   */
  rotateSecret(id: string, options?: { readonly overlap?: Duration; readonly secretSha256?: string }): Promise<IssuedClient>
  /** Refuses a client and ends its tokens on every node. @throws AuthError `not_found` */
  disable(id: string): Promise<void>
  /** Accepts it again, without anything that it had: what people granted is over, and it gets tokens 65 minutes after it was disabled. @throws AuthError `not_found` */
  enable(id: string): Promise<void>
  /** Removes a client and ends its tokens on every node; answers whether there was one. Grants of people to it end with it. */
  remove(id: string): Promise<boolean>
}

/** The OAuth server, for the application's own code. */
export interface OAuth<Scope extends string = string> {
  readonly clients: OAuthClients<Scope>
}

const maxOverlapSeconds = 90 * 86_400
const defaultOverlapSeconds = 86_400
const mostListed = 1000

/** Makes what the application calls. */
export function createOAuthClients(service: ClientService | null): OAuthClients {
  function on(): ClientService {
    if (!service) throw new ConfigError([{ path: 'oauth', message: 'is needed for OAuth clients' }])
    return service
  }
  return {
    create: async (client) => on().create(client),
    find: async (id) => on().find(id),
    list: async ({ after, limit = 50 } = {}) =>
      on().list(after ?? null, Math.min(Math.max(1, Math.floor(limit)), mostListed)),
    update: async (id, changes) => on().update(id, changes),
    async rotateSecret(id, { overlap = defaultOverlapSeconds, secretSha256 } = {}) {
      const overlapSeconds = durationSeconds(overlap)
      if (overlapSeconds === null || overlapSeconds < 0 || overlapSeconds > maxOverlapSeconds) {
        const message = `must be a duration of 0 to ${maxOverlapSeconds} seconds`
        throw new AuthError('validation_failed', { issues: [issueAt('overlap', message)] })
      }
      return on().rotateSecret(id, { overlapSeconds, secretSha256 })
    },
    disable: async (id) => on().disable(id),
    enable: async (id) => on().enable(id),
    remove: async (id) => on().remove(id),
  }
}
