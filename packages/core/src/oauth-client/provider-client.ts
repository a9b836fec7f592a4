import * as oauth from 'oauth4webapi'
import type { Clock } from '../shared/clock.js'
import { isPlainObject } from '../shared/plain-object.js'
import type { OAuthProvider } from './provider.js'
import { accountOfClaims, accountOfUserinfo, authenticatedAtOf, type ProviderAccount } from './provider-account.js'
import { createProviderFetch, ProviderFault, type ProviderRequest } from './provider-http.js'
import { createProviderMetadata, type ProviderMetadata } from './provider-metadata.js'

/** An answer of a provider that says nothing we may believe, or that the person was not let in. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
  /** Whether the provider said so itself, as where somebody has changed their mind: nothing is wrong with it. */
  readonly isAnswer: boolean

  constructor(message: string, options?: ErrorOptions, isAnswer = false) {
    super(message, options)
    this.isAnswer = isAnswer
  }
}

/** What one attempt to sign in is tied to. */
export interface AttemptSecrets {
  readonly state: string
  /** PKCE's verifier (RFC 7636). */
  readonly verifier: string
  /** Sent to OpenID Connect providers alone. */
  readonly nonce: string
}

/** The provider's tokens. */
export interface ProviderTokens {
  readonly accessToken: string
  readonly refreshToken: string | null
  /** When the access token ends, in milliseconds since 1970; `null` where the provider does not say. */
  readonly expiresAt: number | null
  readonly scope: string | null
}

/** Talks to one provider. */
export interface ProviderClient {
  /** Where the browser goes; with `login` people prove there once more who they are, where the provider knows OpenID Connect. @throws ProviderFault */
  authorizationUrl(attempt: AttemptSecrets & { readonly prompt: 'login' | null }): Promise<string>
  /**
   * Takes what the browser brought back and finds out who it is. Nothing is sent to the provider before state and issuer
   * are right (RFC 9207, section 2.4).
   * @throws ProviderFault, ProviderRefusal
   */
  finish(
    answer: URLSearchParams,
    attempt: AttemptSecrets,
  ): Promise<{ readonly account: ProviderAccount; readonly tokens: ProviderTokens }>
  /** Gets new tokens; the refresh token stays where the provider sends no new one. @throws ProviderFault, ProviderRefusal */
  renew(tokens: ProviderTokens): Promise<ProviderTokens>
}

/** What it needs. */
export interface ProviderClientDeps {
  readonly provider: OAuthProvider
  readonly redirectUri: string
  readonly clock: Clock
}

/** Makes the client of a provider. */
export function createProviderClient({ provider, redirectUri, clock }: ProviderClientDeps): ProviderClient {
  const fetch = createProviderFetch(provider.issuer, clock)
  const metadata = createProviderMetadata(provider, { clock, fetch })
  const isOidc = provider.oauth2 === undefined
  const scopes = provider.scopes ?? (isOidc ? ['openid', 'email', 'profile'] : [])
  const keys: oauth.JWKSCacheInput = {}
  const http = {
    [oauth.customFetch]: (url: string, init: ProviderRequest) => fetch(url, init),
    // What may be asked over http is for the fetch to say: this machine alone, and only for a provider that is on it.
    [oauth.allowInsecureRequests]: true,
  }

  /** The library goes by the machine's clock; ours may differ. */
  function client(): oauth.Client {
    const skew = Math.round((clock.now().getTime() - Date.now()) / 1000)
    return { client_id: provider.clientId, [oauth.clockSkew]: skew, [oauth.clockTolerance]: 30 }
  }

  function authentication(): oauth.ClientAuth {
    if (provider.clientSecret === undefined) return oauth.None()
    const authenticate = provider.clientAuthentication === 'basic' ? oauth.ClientSecretBasic : oauth.ClientSecretPost
    return authenticate(provider.clientSecret)
  }

  async function accountOfIdToken(
    server: ProviderMetadata,
    token: { readonly response: Response; readonly answer: oauth.TokenEndpointResponse },
  ): Promise<ProviderAccount | null> {
    await oauth.validateApplicationLevelSignature(server, token.response, { ...http, [oauth.jwksCache]: keys })
    const claims = oauth.getValidatedIdTokenClaims(token.answer)
    if (!claims || (claims.azp !== undefined && claims.azp !== provider.clientId)) return null
    const account = accountOfClaims(claims.sub, await identityClaims(server, claims, token.answer.access_token))
    return account && { ...account, authenticatedAt: authenticatedAtOf(claims) }
  }

  /** Who it is: in the ID token, or where the userinfo endpoint tells more. */
  async function identityClaims(
    server: ProviderMetadata,
    claims: oauth.IDToken,
    accessToken: string,
  ): Promise<oauth.IDToken | oauth.UserInfoResponse> {
    if (claims.email !== undefined || server.userinfo_endpoint === undefined) return claims
    const response = await oauth.userInfoRequest(server, client(), accessToken, http)
    return oauth.processUserInfoResponse(server, client(), claims.sub, response)
  }

  async function read(url: string, accessToken: string): Promise<unknown> {
    const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })
    if (!response.ok) throw new ProviderRefusal(`answered ${response.status}`)
    return response.json()
  }

  async function accountOfEndpoints(accessToken: string): Promise<ProviderAccount | null> {
    if (!provider.oauth2) return null
    const { userinfo } = provider.oauth2
    const answer = await read(userinfo.endpoint, accessToken)
    // Without the list there is no address; who it is does not depend on that.
    const emails = userinfo.emailsEndpoint && (await read(userinfo.emailsEndpoint, accessToken).catch(() => null))
    return isPlainObject(answer) ? accountOfUserinfo(userinfo, answer, emails) : null
  }

  function tokensOf(answer: oauth.TokenEndpointResponse, refreshToken: string | null): ProviderTokens {
    const { access_token: accessToken, expires_in: seconds, scope = null } = answer
    const expiresAt = seconds === undefined ? null : clock.now().getTime() + seconds * 1000
    return { accessToken, refreshToken: answer.refresh_token ?? refreshToken, expiresAt, scope }
  }

  async function finish(parameters: URLSearchParams, { state, verifier, nonce }: AttemptSecrets) {
    const server = await metadata()
    const answered = oauth.validateAuthResponse(server, client(), parameters, state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client(),
      authentication(),
      answered,
      redirectUri,
      verifier,
      http,
    )
    const answer = await oauth.processAuthorizationCodeResponse(server, client(), response, {
      expectedNonce: isOidc ? nonce : oauth.expectNoNonce,
      requireIdToken: isOidc,
    })
    const account = isOidc
      ? await accountOfIdToken(server, { response, answer })
      : await accountOfEndpoints(answer.access_token)
    if (!account) throw new ProviderRefusal('does not say who it is about')
    return { account, tokens: tokensOf(answer, null) }
  }

  return {
    async authorizationUrl({ state, verifier, nonce, prompt }) {
      const { authorization_endpoint, claims_parameter_supported: takesClaims } = await refusing(metadata)
      const url = new URL(authorization_endpoint)
      const parameters = {
        // It then has to say when its person last proved who they are (OpenID Connect Core, section 5.5.1).
        ...(isOidc && takesClaims ? { claims: '{"id_token":{"auth_time":{"essential":true}}}' } : {}),
        ...provider.authorizationParameters,
        response_type: 'code',
        client_id: provider.clientId,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(isOidc ? { nonce } : {}),
        // With `max_age` the answer has to tell that they have (section 3.1.2.1).
        ...(isOidc && prompt ? { prompt, max_age: '0' } : {}),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    finish: (parameters, attempt) => refusing(() => finish(parameters, attempt)),
    renew: (tokens) =>
      refusing(async () => {
        if (tokens.refreshToken === null) throw new ProviderRefusal('gave no refresh token')
        const server = await metadata()
        const response = await oauth.refreshTokenGrantRequest(server, client(), authentication(), tokens.refreshToken, http)
        return tokensOf(await oauth.processRefreshTokenResponse(server, client(), response), tokens.refreshToken)
      }),
  }
}

/** Whatever else the library finds wrong is an answer that we do not believe. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof ProviderFault || cause instanceof ProviderRefusal) throw cause
    throw new ProviderRefusal(reasonOf(cause), { cause }, cause instanceof oauth.AuthorizationResponseError)
  }
}

/** What may be told of it: names that this library and the standards give, nothing of what was sent. */
function reasonOf(cause: unknown): string {
  if (cause instanceof oauth.AuthorizationResponseError && /^[a-z_]{1,40}$/.test(cause.error)) return cause.error
  return 'an answer that does not hold'
}
