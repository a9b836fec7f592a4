import type { AuthClient } from './auth-client.js'
import { AuthClientError } from './auth-client-error.js'
import { createAuthorizedFetch } from './authorized-fetch.js'
import { callRoute } from './call-route.js'
import { clientParts } from './client-parts.js'
import { cookieVault } from './cookie-vault.js'
import { deviceMark } from './device-mark.js'
import { localVault } from './local-vault.js'
import { observe } from './observe.js'
import { type AuthClientOptions, readOptions } from './options.js'
import { createRenewal } from './renewal.js'
import type { Me, SessionInfo, TokenAnswer } from './routes.js'
import { type Ask, createSignIn, type Sent } from './sign-in.js'
import { memoryVault, type Vault } from './vault.js'
import { signedOutError, unlessAborted } from './waiting.js'

/** A refresh that is not answered in this time has failed: all tabs wait for it. */
const refreshTimeoutMs = 30_000

/**
 * Makes a client of the SDK's routes. Importing and making one asks nobody and touches no page, so a server may do both;
 * a client that signs somebody in is for one person, never for a server's many.
 * @example
 * const auth = createAuthClient({ baseUrl: 'https://app.example.com' })
 * await auth.login({ email, password })
 * const orders = await auth.fetch('https://app.example.com/api/orders')
 * @throws TypeError where an option is none
 */
export function createAuthClient(options: AuthClientOptions): AuthClient {
  const settings = readOptions(options)
  const { transport, url } = settings
  const withCookies = transport === 'cookie'
  const key = `auth:${settings.name}`
  const vault = openVault(options, key)
  const mark = deviceMark(`${key}:device`)
  const { current, changes, signOuts } = observe(vault)

  // What an answer holds is as the server documents it; what is kept of one is looked at before.
  const post = (path: string, sent: Sent): Promise<unknown> =>
    callRoute(settings.fetch, { method: 'POST', url: url(path), withCookies, ...sent })
  const ask: Ask = (method, path, sent) => callRoute(authorizedFetch, { method, url: url(path), withCookies, ...sent })

  async function refresh(refreshToken: string): Promise<TokenAnswer> {
    try {
      const sent = { body: { refreshToken }, signal: AbortSignal.timeout(refreshTimeoutMs) }
      const answer = (await post('/refresh', sent)) as TokenAnswer
      mark.write(answer?.deviceToken)
      return answer
    } catch (cause) {
      throw cause instanceof AuthClientError ? cause : new AuthClientError('network', { cause })
    }
  }

  const renewal = createRenewal({ vault, refresh, now: Date.now, aheadMs: settings.aheadMs })
  const authorizedFetch = createAuthorizedFetch({
    ...settings,
    read: vault.read,
    renewal,
    ended: ({ id }, reason) => void vault.ifCurrent(id, async () => vault.write(null, reason)),
  })

  if (options.onChange) changes.add(options.onChange)
  if (options.onSignedOut) signOuts.add(options.onSignedOut)
  const { exchange, ...signIn } = createSignIn({ transport, vault, mark, post, ask, now: Date.now })
  const client = Object.freeze({
    ...signIn,
    ...accountCalls(ask),
    storage: vault.kind,
    current,
    async refresh(options) {
      const seen = vault.read()
      const state = seen.session?.tokens ? await unlessAborted(renewal.renew(seen), options?.signal) : seen
      if (!state.session) throw signedOutError(state)
    },
    async accessToken(options) {
      const { session } = await unlessAborted(renewal.fresh(), options?.signal)
      return session?.tokens?.accessToken ?? null
    },
    fetch: authorizedFetch,
    onChange: changes.add,
    onSignedOut: signOuts.add,
    close: vault.close,
  } satisfies AuthClient)
  clientParts.set(client, { transport, key, url, exchange })
  return client
}

function openVault({ transport, storage }: AuthClientOptions, key: string): Vault {
  if (transport === 'cookie') return cookieVault(key)
  return (storage === 'localStorage' ? localVault(key) : null) ?? memoryVault()
}

type AccountCalls = Pick<AuthClient, 'me' | 'sessions' | 'endSession' | 'changePassword'>

function accountCalls(ask: Ask): AccountCalls {
  return {
    me: async (options) => (await ask('GET', '/me', options)) as Me,
    sessions: async (options) => ((await ask('GET', '/sessions', options)) as { sessions: SessionInfo[] }).sessions,
    endSession: async (id, options) => void (await ask('DELETE', `/sessions/${encodeURIComponent(id)}`, options)),
    changePassword: async (body, options) => void (await ask('POST', '/password/change', { ...options, body })),
  }
}
