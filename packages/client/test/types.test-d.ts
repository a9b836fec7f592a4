import { type AuthClient, AuthClientError, createAuthClient, type Me, type SessionInfo, type User } from '@auth/client'
import type { AuthErrorCode } from '@auth/core'
import type { ServerErrorCode } from '../src/auth-client-error.js'

// Every code of the server is one that the client knows by name.
export const known = (code: AuthErrorCode): ServerErrorCode => code

const auth: AuthClient = createAuthClient({ baseUrl: '/auth', storage: 'localStorage' })
export const user: Promise<User> = auth.login({ email: 'a', password: 'b' })
export const me: Promise<Me> = auth.me()
export const sessions: Promise<readonly SessionInfo[]> = auth.sessions()
export const asFetch: typeof fetch = auth.fetch

void auth.register({ email: 'a', password: 'b' }).then((registration) => {
  if (registration.status === 'signed_in') return registration.user.email
  // @ts-expect-error nobody is signed in yet
  return registration.user
})
// @ts-expect-error the client adds the transport
void auth.login({ email: 'a', password: 'b', transport: 'cookie' })
// @ts-expect-error a misspelt field
void auth.changePassword({ currentPassword: 'a', newPasword: 'b' })
// @ts-expect-error tabs would not share it
createAuthClient({ baseUrl: '/auth', storage: 'sessionStorage' })
// @ts-expect-error nobody knows where to send tokens
createAuthClient({})

export function retryAfterOf(error: unknown): number | null {
  return error instanceof AuthClientError && error.code === 'too_many_attempts' ? error.retryAfter : null
}
