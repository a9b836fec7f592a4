export { type AttemptCookie, attemptSeconds, createAttempts, type LinkingUser } from './attempts.js'
export { createExchange, type Exchanged } from './exchange.js'
export { createExchangeTickets, type ExchangeGrant } from './exchange-tickets.js'
export { createIdentities, type Identities } from './identities.js'
export { createIdentityService, type IdentityService, type LinkedIdentity } from './identity-service.js'
export {
  auth0,
  github,
  gitlab,
  google,
  microsoft,
  type OAuthProvider,
  oauthProvider,
  type ProviderCredentials,
  type ProviderUserinfo,
} from './provider.js'
export { createProviderClient } from './provider-client.js'
export { sealProviderTokens } from './provider-tokens.js'
export { returnTarget } from './return-target.js'
export { createSocialAccounts } from './social-accounts.js'
export {
  providersProblems,
  type SocialConfig,
  type SocialSettings,
  socialProblems,
  socialSettings,
} from './social-settings.js'
export { createSocialSignIn, type SocialReturn, type SocialSignIn } from './social-sign-in.js'
