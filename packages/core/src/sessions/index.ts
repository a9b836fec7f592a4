export { decideRotation, earlier, isLive, type RotationDecision } from './decide-rotation.js'
export { closeSessionRows, revokeUserAccess, type UserAccessChange, type UserAccessDeps } from './end-user-sessions.js'
export {
  createRefreshService,
  type RefreshDeps,
  type RefreshedSession,
  type RefreshingClient,
  type RefreshService,
} from './refresh-service.js'
export type { ReuseAlert } from './security-alert.js'
export type { SessionLookup, UserSession } from './session-lookup.js'
export {
  type CarriedOverSession,
  type CarriedSession,
  type ClientGrant,
  createSessionService,
  type SessionDeps,
  type SessionLifetime,
  type SessionPolicy,
  type SessionService,
  type SessionStart,
} from './session-service.js'
export type {
  EpochSwap,
  Rotation,
  RotationOutcome,
  SessionCarrier,
  SessionEndReason,
  SessionRecord,
  SessionRevocation,
  SessionStore,
  SessionWithUser,
} from './session-store.js'
