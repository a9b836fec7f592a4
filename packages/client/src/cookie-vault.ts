import type { SavedSession, SignedOutReason } from './saved-state.js'
import { openChannel } from './tab-channel.js'
import { memoryVault, type Vault } from './vault.js'

interface Message {
  readonly session: SavedSession | null
  readonly reason: SignedOutReason | null
}

/** What is known of a session that a cookie carries. All tabs have that cookie, so each tells the others; nothing is stored. */
export function cookieVault(key: string): Vault {
  const memory = memoryVault()
  const channel = openChannel(key, (message) => {
    const { session, reason } = message as Message // Only we speak on it.
    memory.write(session, reason)
  })
  return {
    ...memory,
    write(session, reason = null) {
      channel.post({ session, reason } satisfies Message)
      return memory.write(session, reason)
    },
    close() {
      channel.close()
      memory.close()
    },
  }
}
