export type {
  Accounts,
  EmailSwap,
  EmailSwapOutcome,
  IdentityClaim,
  IdentityLink,
  IdentityLinkedAlert,
  IdentityRecord,
  IdentityStore,
  IdentityUnlink,
  ImportedUser,
  LockoutAlert,
  NewDeviceAlert,
  NewIdentityUser,
  NewUser,
  PasswordCredentials,
  RaisedVersions,
  User,
  UserChanges,
  UserQuery,
  UserRecord,
  UserRevocation,
  UserRoles,
  UserStore,
} from './accounts/index.js'
export {
  type ApiKey,
  type ApiKeyInsertOutcome,
  type ApiKeyLeak,
  type ApiKeyLimit,
  type ApiKeyLimits,
  type ApiKeyRecord,
  type ApiKeyRequest,
  type ApiKeyRotation,
  type ApiKeyRotationOutcome,
  type ApiKeyStore,
  type ApiKeys,
  type ApiKeysConfig,
  type ApiKeyUses,
  type ApiKeyWish,
  apiKeyPattern,
  type FoundApiKey,
  findApiKeys,
  type ImportedApiKey,
  type ImportedKeyFormat,
  type IssuedApiKey,
  isApiKey,
  type LeakAlert,
} from './api-keys/index.js'
export {
  type Audit,
  type AuditEvent,
  type AuditEventBase,
  type AuditEventFields,
  type AuditEventOf,
  type AuditEventType,
  type AuditListQuery,
  type AuditLogger,
  type AuditOutcome,
  type AuditQuery,
  type AuditRecord,
  type AuditSink,
  type AuditStore,
  auditEventTypes,
  type ChangeEvent,
  loggerSink,
  type ReceivedWebhook,
  verifyWebhook,
  WebhookError,
  type WebhookMessage,
  type WebhookProblem,
  type WebhookSecret,
  type WebhookSink,
  type WebhookSinkOptions,
  webhookSink,
} from './audit/index.js'
export { type Auth, createAuth } from './auth.js'
export type {
  AccountThrottleConfig,
  AddressThrottleConfig,
  AuditConfig,
  AuthConfig,
  PasswordsConfig,
  RoleNameOf,
  ScopeNameOf,
  SecurityAlert,
  SessionsConfig,
  ThrottleConfig,
  TokensConfig,
} from './auth-config.js'
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  ConfigError,
  type ConfigProblem,
  type RateLimitState,
  StoreError,
  type ValidationIssue,
} from './errors.js'
export type { GuardAuth } from './guard-auth.js'
export type { Authentication, AuthLogger, Refusal, RequestSource } from './http/index.js'
export type { Mail, MailContent, Mailer, MailFacts, MailKind, MailLinks, MailTemplate, MailTemplates } from './mail/index.js'
export { escapeHtml } from './mail/index.js'
export type { MaintenanceReport } from './maintain.js'
export { memoryStores } from './memory/index.js'
export {
  auth0,
  github,
  gitlab,
  google,
  type Identities,
  type LinkedIdentity,
  microsoft,
  type OAuthProvider,
  oauthProvider,
  type ProviderCredentials,
  type ProviderUserinfo,
  type SocialConfig,
} from './oauth-client/index.js'
export type {
  ClientAuthMethod,
  ClientRecord,
  ClientSecret,
  ClientSettings,
  ClientStore,
  IssuedClient,
  NewOAuthClient,
  OAuth,
  OAuthClient,
  OAuthClients,
  OAuthConfig,
  OAuthErrorCode,
  OAuthGrant,
} from './oauth-server/index.js'
export type { BreachedPasswordChecker, PasswordHasher, PwnedPasswordsOptions } from './passwords/index.js'
export { pwnedPasswords } from './passwords/index.js'
export {
  assertGuarded,
  type CredentialKind,
  type Decision,
  defineRoles,
  type ExplainedPart,
  type Explanation,
  type FoundRoute,
  type GuardMark,
  type OwnScope,
  type Principal,
  type Requirement,
  type ResolvedRoles,
  type RoleDefinition,
  type Roles,
  type RouteAccess,
  type RouteMatrix,
  type ScopeGrant,
} from './rbac/index.js'
export type {
  GrantOptions,
  Passwords,
  Rbac,
  RightsRequirement,
  Services,
  Session,
  Sessions,
  SigningKeys,
  Tokens,
} from './services.js'
export {
  decideRotation,
  type EpochSwap,
  type ReuseAlert,
  type Rotation,
  type RotationDecision,
  type RotationOutcome,
  type SessionCarrier,
  type SessionEndReason,
  type SessionRecord,
  type SessionRevocation,
  type SessionStore,
  type SessionWithUser,
} from './sessions/index.js'
export type { Clock } from './shared/clock.js'
export type { DeploymentMark, StoreBase } from './shared/deployment-mark.js'
export type { Digest } from './shared/digest.js'
export type { Duration } from './shared/duration.js'
export type {
  KeySource,
  PublicJwk,
  Signer,
  SigningAlgorithm,
  SigningKeyRecord,
  SigningKeyStore,
} from './signing-keys/index.js'
export type { AuthStores } from './stores.js'
export type { AttemptSlot, AttemptStore, AttemptTake } from './throttle/index.js'
export type { TicketOutcome, TicketRecord, TicketStore, TicketUse } from './tickets/index.js'
export type { AccessClaims, RevocationEntry, RevocationPage, RevocationStore, RevocationTarget } from './tokens/index.js'
