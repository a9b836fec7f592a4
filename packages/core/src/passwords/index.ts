export type { BreachedPasswordChecker } from './breach-check.js'
export { maxPasswordBytes } from './canonical-password.js'
export { defaultHasher } from './default-hasher.js'
export type { PasswordHasher } from './password-hasher.js'
export {
  createPasswordService,
  type NewPasswordContext,
  type PasswordDeps,
  type PasswordService,
} from './password-service.js'
export { type PwnedPasswordsOptions, pwnedPasswords } from './pwned-passwords.js'
