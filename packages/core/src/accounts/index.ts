export {
  type AccountDeps,
  type AccountService,
  createAccountService,
  type NewAccount,
  type PasswordChange,
  type RequestContext,
} from './account-service.js'
export { type EmailAddress, parseEmailAddress } from './email-address.js'
export { publicUser, type User } from './user.js'
export { type ActingFor, createUserRights, type UserRights, type UserRoles } from './user-rights.js'
export type {
  EmailSwap,
  EmailSwapOutcome,
  RaisedVersions,
  UserChanges,
  UserQuery,
  UserRecord,
  UserRevocation,
  UserStore,
} from './user-store.js'
