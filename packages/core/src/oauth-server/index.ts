export { createAuthorizationCodes } from './authorization-code.js'
export {
  type AuthorizationService,
  type AuthorizationStep,
  type ConsentQuestion,
  createAuthorizationService,
} from './authorization-service.js'
export type { ClientAuthMethod, OAuthClient, OAuthGrant } from './client.js'
export { createClientAuthentication, type PresentedClient } from './client-authentication.js'
export { type ClientService, createClientService, type IssuedClient } from './client-service.js'
export type { ClientRecord, ClientSecret, ClientStore } from './client-store.js'
export type { ClientSettings, NewOAuthClient } from './client-wish.js'
export { createOAuthClients, type OAuth, type OAuthClients } from './clients.js'
export { createConsentRequests } from './consent-request.js'
export { createGrantedAccess } from './granted-access.js'
export { OAuthError, type OAuthErrorCode } from './oauth-error.js'
export { type OAuthConfig, type OAuthSettings, oauthProblems, oauthSettings } from './oauth-settings.js'
export { type PublicDocument, resourceMetadata, serverMetadata } from './server-metadata.js'
export { createTokenGrants, type TokenAnswer, type TokenGrants } from './token-grants.js'
export { createTokenInspection, type IntrospectionAnswer, type TokenInspection } from './token-inspection.js'
