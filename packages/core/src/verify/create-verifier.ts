import type { GuardAuth } from '../guard-auth.js'
import { createBearerAuthenticator, toRefusal, withResourceMetadata } from '../http/index.js'
import {
  checkRequirement,
  createRouteMatrix,
  defineRoles,
  type FoundRoute,
  type Requirement,
  type Roles,
} from '../rbac/index.js'
import { type AccessClaims, createTokenVerifier } from '../tokens/index.js'
import { readIssuerKeys } from './issuer-keys.js'
import { createRemoteKeys } from './remote-keys.js'
import { parseOptions, type VerifierOptions } from './verifier-options.js'

/** Accepts the access tokens of one issuer, with nothing but its public keys. Adapters' guards take it in place of an `Auth`. */
export interface Verifier<R extends Roles = Roles> extends GuardAuth<R> {
  readonly issuer: string
  readonly audience: string
  /**
   * The claims of a token that the issuer signed for this audience and that has not expired. A revocation is not seen here:
   * a token ends with its `exp`.
   * @throws AuthError `token_malformed`, `token_signature_invalid`, `token_expired` or `token_claims_invalid`; StoreError
   * where the issuer's keys cannot be had, which says nothing about the token
   */
  verify(token: string): Promise<AccessClaims>
  /** Gets the issuer's keys, so that a start fails early. Optional. @throws StoreError */
  ready(): Promise<void>
}

/**
 * Makes the verifier of a service. Asks the issuer for nothing until the first token comes.
 * @throws ConfigError with every mistake in the options
 * @example
 * const verifier = createVerifier({ issuer: 'https://app.example.com', audience: 'https://orders.example.com' })
 * const { sub, scopes } = await verifier.verify(token)
 */
export function createVerifier<const R extends Roles = Roles>(options: VerifierOptions<R>): Verifier<R> {
  const resolved = parseOptions(options)
  const { issuer, audience, roles, clock, logger, keepMs, resourceMetadata } = resolved
  const onFailure = (err: unknown): void => logger.warn({ err, issuer }, "the issuer's keys cannot be read")
  const keys = createRemoteKeys({ read: readIssuerKeys({ ...resolved, onFailure }), clock, keepMs, onFailure })
  const tokens = createTokenVerifier({ keys, policy: resolved, clock })
  const verify = async (token: string): Promise<AccessClaims> => (await tokens.verify(token)).claims
  const matrixRoles = roles ?? defineRoles({})

  return Object.freeze({
    issuer,
    audience,
    verify,
    ready: () => keys.ready(),
    ...createBearerAuthenticator({ verify, clock, logger, resourceMetadata }),
    checkRequirement: <Context>(requirement: Requirement<string, string, Context>) => checkRequirement(requirement, roles),
    matrix: (found: readonly FoundRoute[]) => createRouteMatrix(found, matrixRoles),
    refuse: (error: unknown) => withResourceMetadata(toRefusal(error, logger), resourceMetadata),
  }) as Verifier<R> // The names of roles and scopes exist in types alone.
}
