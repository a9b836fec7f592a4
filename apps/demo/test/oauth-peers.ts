import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { expect } from 'vitest'

/** A demo with a registered client, and somebody in a browser. */
export interface PeerScene {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  /** The cookie of somebody who is signed in. */
  readonly cookie: string
}

const scope = 'read:orders'

/** Takes somebody through the consent page, and answers where they are sent. */
export async function consent({ cookie, url }: PeerScene, authorization: URL, decision: 'allow' | 'deny'): Promise<URL> {
  const page = await fetch(authorization, { headers: { cookie }, redirect: 'manual' })
  expect(page.status, await page.clone().text()).toBe(200)
  const requestId = /name="request_id" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const answer = await fetch(new URL('/auth/oauth/authorize', url), {
    method: 'POST',
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ request_id: requestId, decision }),
    redirect: 'manual',
  })
  expect(answer.status).toBe(303)
  return new URL(answer.headers.get('location') ?? '')
}

/** Every flow, driven by `openid-client` with its defaults. */
export async function driveOpenidClient(scene: PeerScene): Promise<void> {
  const { url, clientId, clientSecret, redirectUri } = scene
  // Plain HTTP is for this machine alone; RFC 8414 is how a server without OpenID Connect is found.
  const discover: oidc.DiscoveryRequestOptions = { algorithm: 'oauth2', execute: [oidc.allowInsecureRequests] }
  const config = await oidc.discovery(new URL(url), clientId, clientSecret, undefined, discover)
  expect(config.serverMetadata().issuer).toBe(url)

  const own = await oidc.clientCredentialsGrant(config, { scope })
  expect(await guarded(scene, own.access_token)).toEqual([200, 'client'])
  expect(own.refresh_token).toBeUndefined()

  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const authorization = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const denied = await consent(scene, authorization, 'deny')
  const checks = { pkceCodeVerifier, expectedState }
  await expect(oidc.authorizationCodeGrant(config, denied, checks)).rejects.toMatchObject({ error: 'access_denied' })
  const returned = await consent(scene, authorization, 'allow')
  const tokens = await oidc.authorizationCodeGrant(config, returned, checks)
  expect(await guarded(scene, tokens.access_token)).toEqual([200, 'user'])

  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
  expect(next.refresh_token).not.toBe(tokens.refresh_token)
  const introspected = await oidc.tokenIntrospection(config, next.access_token)
  expect(introspected).toMatchObject({ active: true, client_id: clientId, scope })
  await oidc.tokenRevocation(config, next.refresh_token ?? '')
  expect(await oidc.tokenIntrospection(config, next.access_token)).toEqual({ active: false })
  await expect(oidc.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
  expect((await guarded(scene, next.access_token))[0]).toBe(401)
}

/** Every flow, driven by `oauth4webapi` with full validation, RFC 9068's of the access token among it. */
export async function driveOauth4webapi(scene: PeerScene): Promise<void> {
  const { url, clientId, clientSecret, redirectUri } = scene
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(url)
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  const as = await oauth.processDiscoveryResponse(issuer, found)
  const client: oauth.Client = { client_id: clientId }
  const auth = oauth.ClientSecretBasic(clientSecret)

  const own = await oauth.processClientCredentialsResponse(
    as,
    client,
    await oauth.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams({ scope }), insecure),
  )
  await validate(as, own.access_token, insecure)
  const keys = createRemoteJWKSet(new URL(as.jwks_uri ?? ''))
  const { payload } = await jwtVerify(own.access_token, keys, { issuer: as.issuer, audience: url, typ: 'at+jwt' })
  expect(payload.sub).toBe(clientId)

  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const authorization = new URL(as.authorization_endpoint ?? '')
  const wanted = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope, state }
  const challenge = await oauth.calculatePKCECodeChallenge(verifier)
  for (const [name, value] of Object.entries({ ...wanted, code_challenge: challenge, code_challenge_method: 'S256' }))
    authorization.searchParams.set(name, value)
  const returned = await consent(scene, authorization, 'allow')
  // Checks `iss` too, as the metadata says that it is there (RFC 9207).
  const answer = oauth.validateAuthResponse(as, client, returned, state)
  const tokens = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, auth, answer, redirectUri, verifier, insecure),
  )
  const claims = await validate(as, tokens.access_token, insecure)
  expect(claims).toMatchObject({ client_id: clientId, scope })
  expect(claims.sub).not.toBe(clientId)

  const refreshed = await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token ?? '', insecure)
  const next = await oauth.processRefreshTokenResponse(as, client, refreshed)
  const looked = await oauth.introspectionRequest(as, client, auth, next.access_token, insecure)
  expect(await oauth.processIntrospectionResponse(as, client, looked)).toMatchObject({ active: true, token_type: 'Bearer' })
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, next.refresh_token ?? '', insecure))
  const over = await oauth.introspectionRequest(as, client, auth, next.access_token, insecure)
  expect(await oauth.processIntrospectionResponse(as, client, over)).toEqual({ active: false })

  const resource = await oauth.resourceDiscoveryRequest(issuer, insecure)
  const protectedResource = await oauth.processResourceDiscoveryResponse(issuer, resource)
  expect(protectedResource.authorization_servers).toEqual([url])
}

/** Judges an access token as RFC 9068 has it. */
async function validate(as: oauth.AuthorizationServer, token: string, options: object): Promise<oauth.JWTAccessTokenClaims> {
  const request = new Request(`${as.issuer}/api/orders`, { headers: { authorization: `Bearer ${token}` } })
  return oauth.validateJwtAccessToken(as, request, as.issuer, options)
}

/** What a guard of the app says to a token, and whom it takes it for. */
async function guarded({ url }: PeerScene, token: string): Promise<readonly [number, unknown]> {
  const headers = { authorization: `Bearer ${token}` }
  const orders = await fetch(new URL('/api/orders', url), { headers })
  const me = (await (await fetch(new URL('/auth/me', url), { headers })).json()) as { principal?: { kind: string } }
  return [orders.status, me.principal?.kind]
}
