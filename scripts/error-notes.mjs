/**
 * @typedef {object} ErrorNote What a reader of docs/errors.md is told about a code.
 * @property {string} cause When it is answered.
 * @property {string} remedy What the developer or operator of the service does about it.
 * @property {string} client What a client does when it meets it.
 */

/** @type {Record<string, ErrorNote>} */
export const errorNotes = {
  invalid_request: {
    cause: 'The body is not JSON, is not an object, or a header that the route reads is malformed.',
    remedy: 'Send UTF-8 JSON with `content-type: application/json`. A body may be left out where no field is required.',
    client: 'Fix the request. Repeating it unchanged gives the same answer.',
  },
  ambiguous_credentials: {
    cause:
      'Two explicit credentials came together: `Authorization` and `X-API-Key`, one of these headers twice, or two values in one.',
    remedy: 'Look for a proxy or a client library that adds a header of its own.',
    client: 'Send exactly one credential.',
  },
  ticket_invalid: {
    cause:
      'The ticket of a mail’s link is not one of ours, is for something else, has expired, was used, or a newer one took its place.',
    remedy:
      'Links are good once: for an hour to choose a password, for a day to confirm an address. Look for a page that posts the ticket twice.',
    client: 'Ask for a new mail. Which of the reasons it was is not told.',
  },
  signin_state_invalid: {
    cause:
      'What came back from the provider does not belong to a sign-in of this browser: it took more than ten minutes, was used before, began in another browser or for another provider, or its cookie did not come along.',
    remedy:
      'Every process needs the same `secret` and `issuer`, and the callback has to be opened on the host that set the cookie. A sign-in is used up by its first answer, whatever comes of it.',
    client: 'Begin again at `/signin/:provider`.',
  },
  signin_rejected: {
    cause:
      'The provider did not let the person in, what it said does not hold (signature, issuer, audience, nonce, time), it gave no address, or the address has an account already.',
    remedy:
      "The log has the reason. Whoever has an account signs in to it and connects the provider there; `social: { linkByEmail: 'verified' }` connects it by itself where both sides have proved the address.",
    client: 'Show `detail`.',
  },
  credentials_missing: {
    cause:
      'A protected route was called without a credential, or with a scheme that is none here. Credentials in the URL or the body are not read.',
    remedy: 'If the route is meant for everyone, declare it public.',
    client: 'Sign in, then repeat the request with the credential.',
  },
  invalid_credentials: {
    cause:
      'The address and the password do not belong together. Unknown addresses, wrong passwords and disabled accounts are told apart neither by the answer nor by the time it takes.',
    remedy: 'The audit trail names the account, where there is one.',
    client: 'Ask the person again. Do not repeat it automatically: each attempt counts towards the limit.',
  },
  token_malformed: {
    cause: 'What came as a bearer token is not a compact JWS of the form that this service issues, or is longer than 8 KiB.',
    remedy: 'Look for a token of another service, a cut-off header, or quotes around the value.',
    client: 'Throw the token away, refresh once, and sign in again if that fails.',
  },
  token_signature_invalid: {
    cause: 'The signature does not fit, or no key of this service has the token’s `kid`.',
    remedy:
      'Expected after a signing key was revoked. Otherwise several deployments share an address, or a node uses another store or `secret`.',
    client: 'Throw the token away, refresh once, and sign in again if that fails.',
  },
  token_expired: {
    cause: 'The access token was good and its time is over.',
    remedy: 'Nothing: it is how access tokens end. `tokens.accessTtl` sets their life.',
    client: 'Refresh, then repeat the request with the new access token. If refreshing is refused, sign in again.',
  },
  token_claims_invalid: {
    cause: 'The signature is good, but issuer, audience, type or times are not those that this service asks for.',
    remedy: 'Compare `issuer` and `audience` on both sides, and the clocks of the machines.',
    client: 'Use a token that was issued for this service. Refreshing does not change whom a token is for.',
  },
  token_revoked: {
    cause:
      'The session ended, a password was changed or reset, roles changed, or the account was disabled, after the token was issued.',
    remedy: 'The audit log names the event.',
    client: 'Refresh once: after a change of roles this gives a token with the new ones. If it is refused, sign in again.',
  },
  api_key_invalid: {
    cause: 'What came as an API key is not one, is unknown, or has a wrong secret. These are not told apart.',
    remedy:
      'Look for a key of another environment, whose prefix is another, or one that was cut off when it was copied: `isApiKey` tells that offline.',
    client: 'Stop and report it: a new key is needed.',
  },
  api_key_expired: {
    cause:
      'The key is right and its time is over: it was given an end when it was made, or a newer key took its place and the overlap has passed. Only who sends the whole key is told.',
    remedy: 'Nothing: it is how keys end. The list of keys says when, and which were replaced.',
    client: 'Stop and report it: a new key is needed.',
  },
  api_key_revoked: {
    cause:
      'The key is right and was ended: by its owner, by a report that it leaked, or with its owner’s account. Only who sends the whole key is told.',
    remedy: 'The audit log names the event.',
    client: 'Stop and report it: a new key is needed. Do not repeat the request.',
  },
  session_invalid: {
    cause: 'The session cookie names no live session: it was signed out, ended by a change of password, or was never one.',
    remedy: 'Nothing, if it follows a sign-out. The audit log says what ended a session.',
    client: 'Sign in again.',
  },
  session_expired: {
    cause: 'The session was not used for longer than `sessions.idle`, or is older than `sessions.absolute`.',
    remedy: 'Nothing: it is how sessions end.',
    client: 'Sign in again.',
  },
  refresh_invalid: {
    cause: 'What came is not a refresh token of this service, or it belongs to a session of another kind.',
    remedy: 'After a `secret` was removed from the list, every token made under it answers this, by design.',
    client: 'Throw the tokens away and sign in again.',
  },
  refresh_expired: {
    cause: 'The refresh token was genuine and its session’s time is over.',
    remedy: 'Nothing: it is how sessions end. `tokens.refreshTtl` sets how long one lasts without use.',
    client: 'Throw the tokens away and sign in again.',
  },
  refresh_revoked: {
    cause:
      'The session ended before its time: signed out, password changed, account disabled, or a token of it was used twice.',
    remedy: 'The audit log says what ended the session.',
    client: 'Throw the tokens away and sign in again. Do not repeat the request.',
  },
  refresh_reused: {
    cause:
      'A refresh token that had been exchanged already came again while its session was alive. Either it was stolen, or a client sent it twice. Every session of the user has been ended.',
    remedy:
      'Treat it as a theft until the audit log shows otherwise. If a client of yours refreshes from several places at once, let one of them do it; `tokens.retryWindow` forgives a repeat after a lost answer.',
    client: 'Throw the tokens away, tell the person that they were signed out for safety, and sign in again.',
  },
  insufficient_scope: {
    cause: 'The credential is good but lacks a scope that the route asks for; `missingScopes` lists them.',
    remedy:
      'Give the role the scope, or issue a credential with it. A role’s change reaches the client with its next refresh.',
    client: 'Ask for a credential with the missing scopes. Signing in again as the same user changes nothing by itself.',
  },
  insufficient_role: {
    cause: 'The account has none of the roles in `requiredRoles`. Delegated credentials never carry roles.',
    remedy: 'Change the user’s roles if they should be allowed.',
    client: 'Show that this is not allowed. Repeating gives the same answer.',
  },
  csrf_rejected: {
    cause:
      'A request that would change something came with a cookie from a page that is not allowed to send it, or without saying from where.',
    remedy:
      'Add the page’s origin to `origins` if it is yours. A proxy must pass on `Origin` and `Sec-Fetch-Site` unchanged.',
    client: 'Call from an allowed page, or send an access token in `Authorization` instead of relying on the cookie.',
  },
  recent_login_required: {
    cause: 'The route asks for a sign-in that is more recent than this one. Refreshing does not make a sign-in more recent.',
    remedy: 'Nothing: the route’s `recent` says how old a sign-in may be.',
    client: 'Let the person sign in again, then repeat the request with the new credential.',
  },
  credential_not_allowed: {
    cause:
      'The route does not take this kind of credential, for example an API key where a user’s own session is needed; or an API key came from an address outside its `allowedIps`.',
    remedy:
      'Widen the route’s `allow` if that kind should be taken. Behind a proxy, see that the client’s own address arrives (`trustedProxies`).',
    client: 'Use a credential of the kind that the route takes, from an address that it may be used from.',
  },
  registration_closed: {
    cause: '`registration` is `closed`: accounts are made by the operator alone.',
    remedy: 'Create the account through `auth.accounts`, or open the registration.',
    client: 'Do not offer to register.',
  },
  account_disabled: {
    cause:
      'The credential is good, but its account has been disabled. Signing in to such an account answers `invalid_credentials`.',
    remedy: 'Enable the account if that was a mistake.',
    client: 'Throw the credentials away and tell the person to ask the operator.',
  },
  email_unverified: {
    cause: "The password is right, but the address has not been confirmed, which `registration: 'verified'` asks for.",
    remedy:
      'The link is in the mail that was sent at sign-up. Accounts made by the application may be created with `emailVerified: true`.',
    client:
      'Ask the person to open the link. Whoever lost the mail asks for a new password: choosing one confirms the address too.',
  },
  not_found: {
    cause: 'There is no such route or thing, or it belongs to somebody else.',
    remedy: 'Compare the base path with the place at which the routes are mounted.',
    client: 'Do not repeat the request.',
  },
  method_not_allowed: {
    cause: 'The route exists with other methods; `Allow` lists them.',
    remedy: 'Nothing on this side.',
    client: 'Use one of the methods in `Allow`.',
  },
  last_administrator: {
    cause:
      'The change would leave no enabled user with a role that has `*` (or, where no role has it, `users:manage`): demoting, disabling or deleting the last one.',
    remedy:
      'Give somebody else that role first. Of administrators who take each other away at the same moment, one remains.',
    client: 'Tell the person to appoint another administrator first.',
  },
  email_taken: {
    cause: 'There is an account with this address.',
    remedy: 'To keep a registration from telling, set `registration` to `verified`.',
    client: 'Offer to sign in.',
  },
  identity_taken: {
    cause: 'The account at the provider is connected to another user.',
    remedy: 'Disconnect it there first. It never moves by itself.',
    client: 'Offer to sign in with it.',
  },
  last_credential: {
    cause: 'Without it nobody could sign in to the account any more: there is no password and no other usable provider.',
    remedy: 'Set a password by a mail, or connect another provider, before.',
    client: 'Say so, and offer both.',
  },
  body_too_large: {
    cause: 'The body is longer than any body that the route could need.',
    remedy: 'Nothing on this side.',
    client: 'Send less.',
  },
  unsupported_media_type: {
    cause: 'A body came that is not declared as JSON in UTF-8.',
    remedy: 'Nothing on this side.',
    client: 'Set `content-type: application/json`.',
  },
  validation_failed: {
    cause:
      'The body is JSON, but fields are missing, unknown or not acceptable; `issues` lists each with its path and a code.',
    remedy: 'Password rules are those of `passwords`.',
    client: 'Show each message beside its field and let the person correct it.',
  },
  too_many_attempts: {
    cause:
      'Too many attempts failed from this address, or at this account from devices that it has not signed in on, or an API key has used up what `apiKeys.limits` gives it; `RateLimit-Policy` names the limit. The right password is refused too, and a person behind the same address may be because of another.',
    remedy:
      'Behind a proxy, set the framework’s trust setting or `trustedProxies`, or everyone shares the proxy’s address. The limits are those of `throttle` and `apiKeys.limits`.',
    client:
      'Wait as many seconds as `Retry-After` says, then try once. Send the `deviceToken` of an earlier sign-in along: a lock of the account is for strangers.',
  },
  internal_error: {
    cause: 'Something failed that should not: a bug here or in a callback of the application.',
    remedy: 'Find the logged error by `correlationId`. The answer never says what failed.',
    client: 'Report the `correlationId`. Repeating later may work.',
  },
  provider_unavailable: {
    cause:
      'The provider did not answer within ten seconds, redirected, answered too much, with an error or with something else than plain JSON, or its discovery document is not that of the configured issuer.',
    remedy: 'The log has the reason. Nothing was made: no user, no session, no link.',
    client: 'Offer to try again, or another way to sign in.',
  },
  store_unavailable: {
    cause: 'A store did not answer in time, or answered with an error, or revocations could not be read recently enough.',
    remedy: 'Look at the store. No request is let through unchecked meanwhile, and nobody is signed out by it.',
    client: 'Keep all tokens and try again after `Retry-After`.',
  },
  overloaded: {
    cause: 'More passwords wait to be hashed than the queue holds.',
    remedy: 'Add machines, or look for an attack in the audit log.',
    client: 'Try again after `Retry-After`.',
  },
}
