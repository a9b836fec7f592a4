import type { AuthErrorCode } from '../errors.js'
import type { OAuthErrorCode } from '../oauth-server/index.js'

/** A command that was refused: why, and what is known of whom and what it was about. */
export interface RefusedFields {
  readonly code: AuthErrorCode
  /** Who asked for it, where that was known. */
  readonly actor?: string
  /** Whom or what it would have been done to, where that was known. */
  readonly subject?: string
  readonly sessionId?: string
}

/** A request of an OAuth client that was refused, in OAuth's terms. */
export interface RefusedClientFields {
  readonly code: OAuthErrorCode
  /** Id of the client, or of the user who was asked. */
  readonly actor?: string
  /** Id of the client, where it is no actor. */
  readonly subject?: string
  readonly sessionId?: string
}

/** What an OAuth client was given. */
export interface IssuedFields {
  /** Id of the client. */
  readonly actor: string
  /** Id of the user it acts for; its own where it acts for nobody. */
  readonly subject: string
  /** The grant's session. */
  readonly sessionId?: string
}

/** What a user let an OAuth client do. */
export interface AuthorizationFields {
  /** Id of the user. */
  readonly actor: string
  /** Id of the client. */
  readonly subject: string
  /** The session that it was done from. */
  readonly sessionId: string
}

/** Something done to an OAuth client: by a user, or (without an actor) by the application. */
export interface ClientFields {
  readonly actor?: string
  /** Id of the client. */
  readonly subject: string
  readonly sessionId?: string
}

/** A code that was used twice: by the client and by somebody who copied it. */
export interface ReplayFields {
  readonly code: OAuthErrorCode
  /** Id of the client. */
  readonly actor: string
  /** Id of the user. */
  readonly subject: string
  /** The grant's session, which has ended. */
  readonly sessionId: string
}

/** Something done to a user: by themselves, by another user, or (without an actor) by the application. */
export interface UserFields {
  /** Id of the user or client who did it. */
  readonly actor?: string
  /** Id of the user it was done to. */
  readonly subject: string
  /** The session that it was done from. */
  readonly sessionId?: string
}

/** Something that happened to a session. */
export interface SessionFields {
  /** Id of the user who did it; absent where the application did. */
  readonly actor?: string
  /** Id of the user whose session it is. */
  readonly subject: string
  readonly sessionId: string
}

/** Something done to an API key. */
export interface KeyFields {
  /** Id of the key's owner; of a leak, who reported it, as they said. */
  readonly actor: string
  /** Id of the key. */
  readonly subject: string
  /** The session that it was done from. */
  readonly sessionId?: string
}

/** Something done to a signing key or an access token. */
export interface NamedFields {
  /** The key's `kid`, the token's `jti`. */
  readonly subject: string
}

/** A command that changes something: done, or refused with a code. */
export interface CommandFields<Done> {
  readonly success: Done
  readonly failure: RefusedFields
}

/** What a login leaves: the session that began, unless the application tested the password for itself. */
export interface LoginFields {
  readonly actor: string
  readonly subject: string
  readonly sessionId?: string
}

/** What a stolen token leaves: its session was live, or was brought back with an old copy of the store. */
export interface TheftFields extends SessionFields {
  readonly code: AuthErrorCode
}

/** A mail that did not go out. */
export interface UnsentFields {
  /** Id of the user it was about, where that was known. */
  readonly subject?: string
}

/** What says that events of a kind are left out for a while. */
export interface LimitedFields {
  /** The type of the events. */
  readonly subject: string
  /** Whose events they are, where that was known. */
  readonly actor?: string
}

/** What a lock of an account leaves. Addresses without an account lock as those with one. */
export interface LockoutFields {
  /** Id of the account's user, where there is one. */
  readonly subject?: string
}

/** An outage of a service that was asked. */
export type OutageFields = Readonly<Record<never, never>>

/**
 * Every type of event, its outcomes, and the fields that each has beside `id`, `type`, `at`, `outcome`, `ip` and `route`.
 * A failure is a refusal that the caller was told; what was refused before a command began leaves none.
 */
export interface AuditEventFields {
  /** An account was made. */
  readonly registration: CommandFields<UserFields>
  /** A password was tested, or a provider was asked who somebody is, and a session began with it where a person signed in. */
  readonly login: CommandFields<LoginFields>
  /** A session ended at its owner's wish. */
  readonly logout: { readonly success: SessionFields }
  /** All sessions of a user ended. */
  readonly logout_all: CommandFields<UserFields>
  /** A refresh token was exchanged. */
  readonly refresh: CommandFields<SessionFields>
  /** A spent refresh token of a live session came back: a theft, or a client that lost an answer. */
  readonly 'refresh.reused': { readonly failure: TheftFields }
  /** A refresh token is ahead of the store: the store lost writes, and the session was ended. */
  readonly 'refresh.store_rollback': { readonly failure: TheftFields }
  /** One session was ended from another one, or by the application. */
  readonly 'session.revoked': CommandFields<SessionFields>
  /** An access token was taken back. */
  readonly 'token.revoked': { readonly success: NamedFields }
  /** A password was changed by who knew the old one. */
  readonly 'password.changed': CommandFields<UserFields>
  /** A password was set without the old one. */
  readonly 'password.reset': CommandFields<UserFields>
  /** So many passwords in a row were wrong that the account is locked for devices it has not signed in on. */
  readonly lockout: { readonly success: LockoutFields }
  /** The application lifted such a lock. */
  readonly 'lockout.lifted': CommandFields<UserFields>
  /** Somebody asked for a new password for an address. A failure has no account to write to. */
  readonly 'password.reset_requested': CommandFields<UserFields>
  /** The address of an account was confirmed. A failure is any ticket to confirm one that was refused. */
  readonly 'email.verified': CommandFields<UserFields>
  /** An account is to have another address. */
  readonly 'email.change_requested': CommandFields<UserFields>
  /** An account has another address, confirmed by its ticket or by the application. */
  readonly 'email.changed': CommandFields<UserFields>
  /** The owner said by a mail's ticket that something was not them: all sessions ended, the password is gone, and an address that was changed is as before. */
  readonly 'security.not_me': CommandFields<UserFields>
  /** An account at a provider was linked to a user's. */
  readonly 'identity.linked': CommandFields<UserFields>
  /** It was taken from it. */
  readonly 'identity.unlinked': CommandFields<UserFields>
  /** Who proved an unproved address by a provider got its account: its password, sessions, keys and identities are gone. */
  readonly 'account.claimed': { readonly success: UserFields }
  /** A mail did not go out: its recipient has had as many of the kind as may go to one within an hour. */
  readonly 'mail.suppressed': { readonly failure: UnsentFields }
  /** A mail did not go out: the mailer, a store or the queue failed. */
  readonly 'mail.failed': { readonly failure: UnsentFields }
  /** The list of breached passwords did not answer: a password was accepted unchecked. */
  readonly 'breach_check.unavailable': { readonly failure: OutageFields }
  readonly 'account.disabled': CommandFields<UserFields>
  readonly 'account.enabled': CommandFields<UserFields>
  readonly 'account.deleted': CommandFields<UserFields>
  /** A user's roles were replaced, or one was assigned or removed. */
  readonly 'roles.changed': CommandFields<UserFields>
  readonly 'api_key.issued': CommandFields<KeyFields>
  /** A key that was issued elsewhere was taken over. */
  readonly 'api_key.imported': CommandFields<KeyFields>
  readonly 'api_key.rotated': CommandFields<KeyFields>
  readonly 'api_key.revoked': CommandFields<KeyFields>
  /** A key was found where it should not be, and has ended. */
  readonly 'api_key.leaked': { readonly success: KeyFields }
  /** A key was presented and not accepted. The actor is its owner, where the secret was right. */
  readonly 'api_key.refused': { readonly failure: RefusedFields }
  readonly 'oauth_client.created': CommandFields<ClientFields>
  readonly 'oauth_client.updated': CommandFields<ClientFields>
  readonly 'oauth_client.secret_rotated': CommandFields<ClientFields>
  readonly 'oauth_client.disabled': CommandFields<ClientFields>
  readonly 'oauth_client.enabled': CommandFields<ClientFields>
  readonly 'oauth_client.removed': { readonly success: ClientFields }
  /** A client got an authorization code for a user, or was refused one. */
  readonly 'oauth.authorization': { readonly success: AuthorizationFields; readonly failure: RefusedClientFields }
  /** A client got tokens, or was refused them. Refreshes have events of their own. */
  readonly 'oauth.token_issued': { readonly success: IssuedFields; readonly failure: RefusedClientFields }
  /** A used authorization code came back with all that belongs to it. */
  readonly 'oauth.code_replayed': { readonly failure: ReplayFields }
  /** A client did not prove who it is. */
  readonly 'oauth.client_refused': { readonly failure: RefusedClientFields }
  /** A guard refused somebody known, or a foreign page. */
  readonly 'access.refused': { readonly failure: RefusedFields }
  readonly 'signing_key.created': { readonly success: NamedFields }
  readonly 'signing_key.revoked': { readonly success: NamedFields }
  /** Keys were sealed anew under the first secret. */
  readonly 'signing_key.resealed': { readonly success: OutageFields }
  /** So many events of one type came from one caller that the rest of this minute's are not recorded. */
  readonly 'audit.limited': { readonly failure: LimitedFields }
}
