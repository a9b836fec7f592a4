import type { AuthState } from './auth-client.js'
import type { SavedState, SignedOutReason } from './saved-state.js'
import { createListeners, type Listeners, type Vault } from './vault.js'

/** What a vault looks like from outside. */
export interface Observed {
  current(): AuthState | null
  readonly changes: Listeners<[AuthState | null]>
  readonly signOuts: Listeners<[SignedOutReason]>
}

/** Turns the vault's changes into events. However often it says so, each change is told once. */
export function observe(vault: Vault): Observed {
  const changes = createListeners<[AuthState | null]>()
  const signOuts = createListeners<[SignedOutReason]>()
  let last = vault.read()
  let shown = view(last)

  function current(): AuthState | null {
    const state = vault.read()
    if (state.id === last.id) return shown
    const wasSignedIn = last.session !== null
    last = state
    shown = view(state)
    changes.call(shown)
    if (wasSignedIn && !shown) signOuts.call(state.reason ?? 'storage_cleared')
    return shown
  }

  vault.onChange(() => void current())
  return { current, changes, signOuts }
}

function view({ session }: SavedState): AuthState | null {
  if (!session) return null
  const { user, tokens } = session
  return Object.freeze({ user, accessTokenExpiresAt: tokens && new Date(tokens.expiresAt) })
}
