export type { AuthClient, AuthState } from './auth-client.js'
export {
  AuthClientError,
  type AuthClientErrorCode,
  type AuthClientErrorDetails,
  type Issue,
  type ServerErrorCode,
} from './auth-client-error.js'
export type { CallOptions } from './call-route.js'
export { createAuthClient } from './create-auth-client.js'
export type { AuthClientOptions } from './options.js'
export { beginSignIn, finishSignIn, type ProviderSignInOptions } from './provider-sign-in.js'
export type {
  DeleteAccountRequest,
  LoginRequest,
  Me,
  PasswordChangeRequest,
  PrincipalInfo,
  RegisterRequest,
  Registration,
  SessionInfo,
  User,
} from './routes.js'
export type { SignedOutReason } from './saved-state.js'
export type { TokenClock } from './token-source/clock.js'
export { createTokenSource, type TokenSource } from './token-source/create-token-source.js'
export type { TokenSourceOptions, TokenWish } from './token-source/token-options.js'
