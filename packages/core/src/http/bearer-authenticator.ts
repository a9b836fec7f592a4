import { AuthError } from '../errors.js'
import type { Principal, Requirement } from '../rbac/index.js'
import type { Clock } from '../shared/clock.js'
import type { AccessClaims } from '../tokens/index.js'
import type { Authentication, Authenticator } from './authenticate.js'
import { bearerPrincipal } from './bearer-principal.js'
import { readBearer } from './credentials.js'
import { type AuthLogger, toRefusal } from './problem.js'
import type { RequestSource } from './request-source.js'
import { requireAllowed } from './require-allowed.js'
import { withResourceMetadata } from './resource-challenge.js'

/** What it needs. */
export interface BearerAuthenticatorDeps {
  readonly verify: (token: string) => Promise<AccessClaims>
  readonly clock: Clock
  readonly logger: AuthLogger
  /** Where the resource's own metadata is, for challenges. */
  readonly resourceMetadata: string | null
}

/** Makes an authenticator that knows access tokens and no other credential: cookies and API keys are none. */
export function createBearerAuthenticator(deps: BearerAuthenticatorDeps): Pick<Authenticator, 'authenticate'> {
  const { verify, logger, resourceMetadata } = deps

  async function identify(source: RequestSource): Promise<Principal> {
    const token = readBearer(source)
    if (token === null) throw new AuthError('credentials_missing')
    return bearerPrincipal(await verify(token))
  }

  return {
    async authenticate<Context>(
      source: RequestSource,
      requirement?: Requirement<string, string, Context>,
      context?: Context,
    ): Promise<Authentication> {
      try {
        const principal = await identify(source)
        if (requirement) await requireAllowed<unknown>(principal, requirement as Requirement, deps, context ?? source)
        return { ok: true, principal }
      } catch (error) {
        return { ok: false, refusal: withResourceMetadata(toRefusal(error, logger), resourceMetadata) }
      }
    },
  }
}
