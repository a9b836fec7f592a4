export {
  AuthError,
  type AuthErrorCode,
  ConfigError,
  type ConfigProblem,
  StoreError,
} from '../errors.js'
export type { GuardAuth } from '../guard-auth.js'
export type { Authentication, AuthLogger, Refusal, RequestSource } from '../http/index.js'
export type { Principal, Requirement, Roles } from '../rbac/index.js'
export type { Clock } from '../shared/clock.js'
export type { Duration } from '../shared/duration.js'
export type { AccessClaims } from '../tokens/index.js'
export { createVerifier, type Verifier } from './create-verifier.js'
export { type ProtectedResource, type ProtectedResourceOptions, protectedResource } from './protected-resource.js'
export type { VerifierAlgorithm, VerifierOptions } from './verifier-options.js'
