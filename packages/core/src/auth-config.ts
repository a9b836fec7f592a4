import type { IdentityLinkedAlert, LockoutAlert, NewDeviceAlert } from './accounts/index.js'
import type { ApiKeysConfig, LeakAlert } from './api-keys/index.js'
import type { AuditSink } from './audit/index.js'
import type { AuthLogger } from './http/index.js'
import type { Mailer, MailLinks, MailTemplates } from './mail/index.js'
import type { OAuthProvider, SocialConfig } from './oauth-client/index.js'
import type { OAuthConfig } from './oauth-server/index.js'
import type { BreachedPasswordChecker, PasswordHasher } from './passwords/index.js'
import type { Roles } from './rbac/index.js'
import type { ReuseAlert } from './sessions/index.js'
import type { Clock } from './shared/clock.js'
import type { Duration } from './shared/duration.js'
import type { SecretSource } from './shared/secrets.js'
import type { KeySource, Signer, SigningAlgorithm } from './signing-keys/index.js'
import type { AuthStores } from './stores.js'

/** Access and refresh tokens. */
export interface TokensConfig {
  /** Default `RS256`. Of keys that are given, each names its own. */
  readonly algorithm?: SigningAlgorithm
  /** How long an access token lives; at most one hour. Default `15m`. */
  readonly accessTtl?: Duration
  /** How long a refresh token may lie unused. Default `30d`. */
  readonly refreshTtl?: Duration
  /** For how long a spent refresh token gets the same successor again, for networks that lose answers; at most `60s`. Default 0: never. */
  readonly retryWindow?: Duration
  /** What the reuse of a refresh token ends: every session of the user (default), or that session alone. */
  readonly onReuse?: 'user' | 'session'
  /** How far clocks may differ when tokens are judged; at most `60s`. Default `5s`. */
  readonly clockTolerance?: Duration
  /** Signing keys of your own instead of generated ones. */
  readonly keys?: KeySource
  /** Signs elsewhere: the key never enters this process. */
  readonly signer?: Signer
}

/** Sessions carried by a cookie. */
export interface SessionsConfig {
  /** How long one may lie unused. Default `7d`. */
  readonly idle?: Duration
  /** How long one may live however much it is used. Default `30d`. */
  readonly absolute?: Duration
}

/** Passwords. */
export interface PasswordsConfig {
  /** Default: Argon2id with 19 MiB, two passes and one lane. */
  readonly hasher?: PasswordHasher
  /** In code points; at least 8, which is the default. 15 is recommended where the password is the only factor. */
  readonly minLength?: number
  /** Asks whether a password is known from a breach. */
  readonly breached?: BreachedPasswordChecker
}

/** Limits on guessing. */
export interface ThrottleConfig {
  /** What uses up the attempts of an address: failures alone (default), or successes too. */
  readonly count?: 'failures' | 'attempts'
  /** Passwords from one address: an IPv4 address or an IPv6 /64. A /48 has ten times the limit. */
  readonly address?: AddressThrottleConfig
  /** Passwords for one account, from wherever but the devices that it has signed in on. */
  readonly account?: AccountThrottleConfig
}

/** How many passwords from one address may be wrong. */
export interface AddressThrottleConfig {
  /** Failures in a window, 100 at most. Default 5. */
  readonly limit?: number
  /** From 1 second to an hour. Default `1m`. */
  readonly window?: Duration
  /** How long the third block within an hour lasts; a day at most. Default `15m`. */
  readonly lock?: Duration
  /** How long every further block lasts; a day at most. Default `1h`. */
  readonly longLock?: Duration
}

/** How many passwords for one account may be wrong in a row. */
export interface AccountThrottleConfig {
  /** Failures without a success among them, 100 at most. Default 10. */
  readonly limit?: number
  /** How long the account is locked then, for devices it has not signed in on; a day at most. Default `15m`. */
  readonly lock?: Duration
  /** How long it is locked by the next as many, and by each further; a day at most. Default `1h`. */
  readonly longLock?: Duration
  /** How long after the first failure all is forgotten, from an hour to 30 days. Default `24h`. */
  readonly forget?: Duration
}

/** The audit trail. */
export interface AuditConfig {
  /** Hear of every event beside the store. */
  readonly sinks?: readonly AuditSink[]
  /** How long `auth.maintain()` leaves events in the store; at least `1d`. Default `400d`. */
  readonly retention?: Duration
}

/** Something that a user or an operator should hear of at once. */
export type SecurityAlert = ReuseAlert | LeakAlert | LockoutAlert | NewDeviceAlert | IdentityLinkedAlert

/** What `createAuth` takes. */
export interface AuthConfig<R extends Roles = Roles> {
  /** The deployment's public URL: `https`, or `http` on localhost. Links, origins and the tokens' `iss` come from it, never from a request. */
  readonly issuer: string
  /** A string of at least 32 bytes, a list (the first is in use, all are accepted), or an async function that gives either. */
  readonly secret: SecretSource
  readonly stores: AuthStores
  /** Made by `defineRoles`. Default: no roles. */
  readonly roles?: R
  /** The role of whoever signs up. Default: none. */
  readonly defaultRole?: RoleNameOf<R>
  /** The tokens' `aud`. Default: the issuer. */
  readonly audience?: string
  /** Where the routes are mounted. Default `/auth`. */
  readonly basePath?: string
  /** Origins whose pages may act with the user's cookie. Default: the issuer's. */
  readonly origins?: readonly string[]
  /** Networks (CIDR) of proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[]
  /** How long a revocation may take to reach every node. Default `5s`. */
  readonly maxStaleness?: Duration
  readonly tokens?: TokensConfig
  readonly sessions?: SessionsConfig
  readonly passwords?: PasswordsConfig
  readonly throttle?: ThrottleConfig
  /** Default: on where `stores.apiKeys` is there, with keys that begin with `ak_`. `false` switches them off. */
  readonly apiKeys?: ApiKeysConfig | false
  /**
   * Whether strangers may make accounts. Default `open`. With `verified` nobody signs in before they have confirmed their
   * address, and signing up tells nobody whether an address has an account already: it needs `mailer`.
   */
  readonly registration?: 'open' | 'verified' | 'closed'
  /** Sends mails: to confirm addresses and to choose new passwords. Without it there are no routes for either. Needs `links` and `stores.tickets`. */
  readonly mailer?: Mailer
  /** Makes the deployment an OAuth authorization server. Needs `stores.clients` and `stores.tickets`, and `links.signIn` for people to be sent to. Default: off. */
  readonly oauth?: OAuthConfig | false
  /** Pages of the application. A `mailer` needs all but `notMe`; `oauth` makes use of `signIn`. */
  readonly links?: Partial<MailLinks>
  /** Words of mails in the place of the built-in ones. */
  readonly mailTemplates?: MailTemplates
  /** Who people can sign in with, as in `[google({ … })]`. Needs `stores.identities` and `stores.tickets`. Default: nobody. */
  readonly providers?: readonly OAuthProvider[]
  readonly social?: SocialConfig
  readonly audit?: AuditConfig
  /** Hears at once of what looks like a theft. */
  readonly onSecurityAlert?: (alert: SecurityAlert) => void | Promise<void>
  /** Where faults are reported, in pino's shape. Default: the console. */
  readonly logger?: AuthLogger
  readonly clock?: Clock
}

/** The role names of a `defineRoles` result. */
export type RoleNameOf<R> = R extends Roles<infer Name, string> ? Name : never

/** The scope names of a `defineRoles` result. */
export type ScopeNameOf<R> = R extends Roles<string, infer Scope> ? Scope : never
