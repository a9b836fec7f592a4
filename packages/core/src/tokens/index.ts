export { type AccessClaims, firstPartyClientId } from './access-claims.js'
export {
  createRevocationFeed,
  type RevocableClaims,
  type RevocationFeed,
  type RevocationFeedDeps,
} from './revocation-feed.js'
export type { RevocationEntry, RevocationPage, RevocationStore, RevocationTarget } from './revocation-store.js'
export {
  type AccessTokenGrant,
  createTokenService,
  type IssuedToken,
  type TokenService,
  type TokenServiceDeps,
} from './token-service.js'
export { type FindKey, type VerifiedJws, verifySignature } from './verify-signature.js'
