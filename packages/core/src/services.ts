import {
  type AccountMails,
  type AccountService,
  type Accounts,
  createAccounts,
  type UserRights,
  type UserRoles,
} from './accounts/index.js'
import { type ApiKeyService, type ApiKeys, createApiKeys } from './api-keys/index.js'
import { type Audit, type AuditRecorder, createAudit, recordRefusals } from './audit/index.js'
import { AuthError } from './errors.js'
import type { Identities } from './oauth-client/index.js'
import { type ClientService, createOAuthClients, type OAuth } from './oauth-server/index.js'
import type { PasswordService } from './passwords/index.js'
import {
  createPrincipal,
  type DecideOptions,
  type Decision,
  decide,
  type Explanation,
  explain,
  type Principal,
  type Requirement,
  type Roles,
} from './rbac/index.js'
import type { SessionService } from './sessions/index.js'
import type { Clock } from './shared/clock.js'
import type { KeyRing, PublicJwk } from './signing-keys/index.js'
import type { AuthStores } from './stores.js'
import type { AccessClaims, RevocationFeed, TokenService } from './tokens/index.js'

/** A live session, for the application's own code. */
export interface Session {
  /** A handle, not a secret. */
  readonly id: string
  readonly userId: string
  /** The OAuth client that acts for the user in it; `null` for logins of their own. */
  readonly clientId: string | null
  readonly carrier: 'cookie' | 'refresh'
  readonly createdAt: Date
  readonly authenticatedAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly ip: string | null
  readonly userAgent: string | null
}

/** Sessions, for the application's own code. */
export interface Sessions {
  /** Lists a user's live sessions, newest first. */
  list(userId: string): Promise<readonly Session[]>
  /** Ends one session and its tokens on every node; answers whether it was live. */
  end(sessionId: string): Promise<boolean>
  /** Ends every session and token of a user. @throws AuthError `not_found` */
  endAll(userId: string): Promise<void>
}

/** Access tokens, for the application's own code. */
export interface Tokens {
  /** Verifies an access token. @throws AuthError `token_malformed`, `token_signature_invalid`, `token_expired`, `token_claims_invalid`, `token_revoked` */
  verify(token: string): Promise<AccessClaims>
  /** Ends one access token on every node. */
  revoke(jti: string): Promise<void>
}

/** Passwords, for the application's own code. */
export interface Passwords {
  /** Checks a new password against the policy. @throws AuthError `validation_failed` */
  check(password: string, context?: readonly string[]): Promise<void>
  /** Hashes a password. @throws AuthError `overloaded` */
  hash(password: string): Promise<string>
}

/** The keys that sign access tokens. */
export interface SigningKeys {
  /** The public keys, as `/jwks.json` serves them. */
  jwks(): Promise<{ readonly keys: readonly PublicJwk[] }>
  /** Makes the next key and answers its id. It signs once every verifier knows it, or at once after a leak. */
  rotate(options?: { readonly immediately?: boolean }): Promise<string>
  /** Takes a key back: nothing it signed is accepted any more, on any node. */
  revoke(kid: string): Promise<void>
  /** Seals all keys anew under the first secret; answers how many it changed. */
  reseal(): Promise<number>
}

/** On whose behalf roles are changed. */
export interface GrantOptions {
  /**
   * Who asks for it. They need `users:manage` and a session of their own, change nobody who has more than they, and
   * grant no role that gives what they do not have, nor any to themselves. Left out, nobody is asked.
   */
  readonly by?: Principal
}

/** Roles of users, and decisions about principals. For the application's own code: nothing here asks who is calling, but for `by`. */
export interface Rbac<Role extends string = string, Scope extends string = string> {
  /**
   * Gives a user one more role, at once on sessions and keys and within `maxStaleness` on access tokens; answers whether
   * the user lacked it.
   * @throws AuthError `not_found`; with `by` also `insufficient_scope`, `credential_not_allowed`
   */
  assign(userId: string, role: Role, options?: GrantOptions): Promise<boolean>
  /**
   * Takes a role back, as fast; answers whether the user had it. Also one that is no longer declared.
   * @throws AuthError `not_found`, `last_administrator`; with `by` also `insufficient_scope`, `credential_not_allowed`
   */
  remove(userId: string, role: Role | (string & {}), options?: GrantOptions): Promise<boolean>
  /** A user's roles: those assigned, and what they come to. @throws AuthError `not_found` */
  list(userId: string): Promise<UserRoles<Role>>
  /** Whether the principal meets the requirement. `context` is what its `check` is told of the request. */
  can<Context = undefined>(
    principal: Principal,
    requirement: Requirement<Role, Scope, Context>,
    context?: Context,
  ): Promise<boolean>
  /** The same with the reason. */
  decide<Context = undefined>(
    principal: Principal,
    requirement: Requirement<Role, Scope, Context>,
    context?: Context,
  ): Promise<Decision>
  /**
   * The same with everything behind it: which role granted what, through which inheritance, or what is missing and which
   * roles would do. `String(…)` is the text for people. It tells more than a caller should learn.
   */
  explain<Context = undefined>(
    principal: Principal,
    requirement: Requirement<Role, Scope, Context>,
    context?: Context,
  ): Promise<Explanation>
  /**
   * The same for a user who is not calling: what the roles that they have now come to in a session of their own. Roles and
   * scopes may be any text, as an administrator asks for them; what no role gives is missing.
   * @throws AuthError `not_found`, `account_disabled`
   */
  explainUser(userId: string, requirement: RightsRequirement): Promise<Explanation>
}

/** The part of a requirement that roles alone can meet. */
export type RightsRequirement = Pick<Requirement<string, string>, 'roles' | 'scopes'>

/**
 * What the application's own code may call. What asks a store waits until the process is known to have the deployment's
 * stores, once, and is refused with a ConfigError otherwise.
 */
export interface Services<Role extends string = string, Scope extends string = string> {
  readonly accounts: Accounts<Role>
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly apiKeys: ApiKeys
  readonly identities: Identities
  readonly passwords: Passwords
  readonly signingKeys: SigningKeys
  readonly rbac: Rbac<Role, Scope>
  readonly audit: Audit
  readonly oauth: OAuth<Scope>
}

/** What the services stand on. */
export interface ServiceDeps {
  readonly accounts: AccountService
  readonly rights: UserRights
  readonly roles: Roles
  readonly sessions: SessionService
  /** `null` where there are none. */
  readonly apiKeys: ApiKeyService | null
  /** `null` where there is no OAuth server. */
  readonly clients: ClientService | null
  readonly identities: Identities
  readonly tokens: TokenService
  readonly feed: RevocationFeed
  readonly passwords: PasswordService
  /** `null` where no mails are sent. */
  readonly mails: AccountMails | null
  /** Gives an account an address; see `Accounts`. */
  readonly setEmail: (userId: string, email: string) => Promise<void>
  readonly keyRing: KeyRing
  readonly stores: AuthStores
  readonly clock: Clock
  readonly recorder: AuditRecorder
  /** Hears of a requirement's check that failed. */
  readonly onCheckError: (error: unknown) => void
}

/** Makes the services: no record that holds a digest or a hash leaves through them. */
export function createServices<Role extends string, Scope extends string>(deps: ServiceDeps): Services<Role, Scope> {
  const { tokens, feed, passwords, keyRing, stores } = deps
  return {
    accounts: createAccounts<Role>({ ...deps, users: stores.users }),
    sessions: sessionsOf(deps),
    tokens: {
      verify: (token) => tokens.verify(token),
      async revoke(jti) {
        await feed.announce({ jti })
        await deps.recorder.record({ type: 'token.revoked', outcome: 'success', subject: jti })
      },
    },
    apiKeys: createApiKeys(deps.apiKeys, stores.users, recordRefusals(deps.recorder)),
    identities: deps.identities,
    passwords: {
      check: (password, context = []) => passwords.checkNew(password, { path: 'password', context }),
      hash: (password) => passwords.hash(password),
    },
    signingKeys: {
      jwks: () => keyRing.jwks(),
      rotate: (options) => keyRing.rotate(options),
      reseal: () => keyRing.reseal(),
      async revoke(kid) {
        // Removed first: keys that are not kept here cannot be, and then nothing is announced that nobody can follow.
        await keyRing.remove(kid)
        await feed.announce({ kid })
      },
    },
    rbac: rbacOf(deps),
    audit: createAudit(stores.audit),
    oauth: { clients: createOAuthClients(deps.clients) },
  }
}

function rbacOf<Role extends string, Scope extends string>({
  rights,
  roles,
  stores,
  clock,
  onCheckError,
}: ServiceDeps): Rbac<Role, Scope> {
  function optionsFor<Context>(context: Context | undefined): DecideOptions<Context> {
    return { clock, onCheckError, ...(context === undefined ? {} : { context }) }
  }
  return {
    assign: (userId, role, options) => rights.assign(userId, role, options),
    remove: (userId, role, options) => rights.remove(userId, role, options),
    list: async (userId) => (await rights.rolesOf(userId)) as UserRoles<Role>, // Declared roles are those of the application.
    can: async (principal, requirement, context) =>
      (await decide(principal, requirement, clock.now(), optionsFor(context))).allowed,
    decide: (principal, requirement, context) => decide(principal, requirement, clock.now(), optionsFor(context)),
    explain: (principal, requirement, context) =>
      explain(principal, requirement, clock.now(), { ...optionsFor(context), roles }),
    async explainUser(userId, { roles: asked, scopes }) {
      const user = await stores.users.find(userId)
      if (!user) throw new AuthError('not_found')
      if (user.disabledAt) throw new AuthError('account_disabled')
      // Stays in here: nobody is calling, and nothing may be decided by it.
      const held = createPrincipal({ kind: 'user', subject: userId, userId, ...roles.resolve(user.roles), via: 'cookie' })
      return explain(held, { ...(asked && { roles: asked }), ...(scopes && { scopes }) }, clock.now(), { clock, roles })
    },
  }
}

function sessionsOf({ sessions, accounts }: ServiceDeps): Sessions {
  return {
    async list(userId) {
      const user = await accounts.find(userId)
      const live = user ? await sessions.list(user) : []
      return live.map(({ id, clientId, carrier, createdAt, authenticatedAt, lastSeenAt, expiresAt, ip, userAgent }) => ({
        id,
        userId,
        clientId,
        carrier,
        createdAt,
        authenticatedAt,
        lastSeenAt,
        expiresAt,
        ip,
        userAgent,
      }))
    },
    end: (sessionId) => sessions.endLive(sessionId),
    endAll: (userId) => accounts.endAllSessions(userId),
  }
}
