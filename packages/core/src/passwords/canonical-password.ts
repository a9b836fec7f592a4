import { utf8 } from '../shared/bytes.js'

/** The longest password in bytes of UTF-8, as it was sent. */
export const maxPasswordBytes = 1024

/**
 * The one form in which passwords are measured, hashed and compared: Unicode normalisation form C and nothing else. A lone
 * surrogate, which has no UTF-8, is U+FFFD. `null` over the byte limit, found before any work that grows with the password.
 */
export function canonicalPassword(password: string): string | null {
  // No UTF-16 unit takes less than a byte: this keeps a megabyte from being encoded only to be counted.
  if (password.length > maxPasswordBytes || utf8(password).length > maxPasswordBytes) return null
  return password.toWellFormed().normalize('NFC')
}
