import { AuthClientError } from './auth-client-error.js'
import type { SavedState } from './saved-state.js'

/** Stops waiting when the signal says so; what others wait for too goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Why a call cannot be made as the one who made it: they are signed out, or somebody else is signed in. */
export function signedOutError({ session, reason }: SavedState): AuthClientError {
  if (session) return new AuthClientError('signed_in_anew')
  return reason?.startsWith('refresh_') ? new AuthClientError(reason, { status: 401 }) : new AuthClientError('signed_out')
}
