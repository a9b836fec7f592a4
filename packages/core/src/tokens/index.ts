export { type AccessClaims, firstPartyClientId, maxAccessTtlSeconds } from './access-claims.js'
export { type JsonObject, parseJsonObject, parseUnambiguousJson } from './json-object.js'
export { createRevocationFeed, type RevocationFeed, type RevocationFeedDeps } from './revocation-feed.js'
export type { RevocationEntry, RevocationPage, RevocationStore, RevocationTarget } from './revocation-store.js'
export {
  type AccessTokenGrant,
  createTokenService,
  type IssuedToken,
  maxClockToleranceSeconds,
  type TokenService,
  type TokenServiceDeps,
  type TokenSettings,
} from './token-service.js'
export { createTokenVerifier, type TokenVerifier, type VerifierKeys } from './token-verifier.js'
export { type VerifiedJws, verifySignature } from './verify-signature.js'
