import { AuthError } from '../errors.js'
import type { ApiKeyRecord } from './api-key-store.js'

/** How many keys an owner may have: a list of keys shows no more, and who could not see one could not end it. */
export const mostKeys = 1000

/**
 * Refuses one more key where the list is full: the owner could no longer see, and end, all that are in force.
 * @param keys All of the owner's that are listed, dead ones included.
 * @throws AuthError `validation_failed`
 */
export function checkKeyCount(keys: readonly ApiKeyRecord[]): void {
  if (keys.length >= mostKeys) throw tooManyKeys()
}

/** The refusal of one more key. */
export function tooManyKeys(): AuthError {
  const message = `there are ${mostKeys} keys already, ended ones that are still listed included`
  return new AuthError('validation_failed', { issues: [{ path: '', code: 'too_many_keys', message }] })
}
