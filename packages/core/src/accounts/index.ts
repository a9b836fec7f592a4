export { type AccountMailDeps, type AccountMails, createAccountMails } from './account-mails.js'
export {
  type AccountDeps,
  type AccountService,
  createAccountService,
  type NewAccount,
  type PasswordChange,
  type RequestContext,
} from './account-service.js'
export { type Accounts, createAccounts, type ImportedUser, type NewUser, type PasswordCredentials } from './accounts.js'
export { type AddressNotes, createAddressNotes } from './address-notes.js'
export { type EmailAddress, parseEmailAddress } from './email-address.js'
export { createEmailConfirmation, type EmailConfirmation, type EmailConfirmationDeps } from './email-confirmation.js'
export type {
  IdentityClaim,
  IdentityLink,
  IdentityRecord,
  IdentityStore,
  IdentityUnlink,
  NewIdentityUser,
} from './identity-store.js'
export { createNewDevices, type NewDevices } from './new-devices.js'
export { firstVersion, newUserRecord } from './new-user.js'
export type { PasswordOwner } from './password-test.js'
export { createRecovery, type Recovery, type RecoveryDeps } from './recovery.js'
export type { IdentityLinkedAlert, LockoutAlert, NewDeviceAlert } from './security-alerts.js'
export { createSetEmail, type SetEmailDeps } from './set-email.js'
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
