import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Auth, createAuth, memoryStores, oauthProvider } from '@auth/core'
import Provider from 'oidc-provider'
import { expect, it, onTestFinished } from 'vitest'

const client = { clientId: 'our-app', clientSecret: 'a-secret-that-only-both-of-us-know' }
const appOrigin = 'https://app.example.com'

/** A provider that others wrote and certified, with one account, on a real port. */
async function realProvider(): Promise<{ readonly url: string }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // Listens on a port: it has an address.
  const provider = new Provider(url, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${appOrigin}/auth/callback/acme`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    claims: { openid: ['sub'], auth_time: null, email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' }),
    }),
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, claimsParameter: { enabled: true } },
    cookies: { keys: ['for this test alone'] },
  })
  server.on('request', provider.callback())
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url }
}

/** Goes through the provider's pages as a person does, until it leads back. */
async function throughPages(start: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let [at, form]: [string, URLSearchParams | null] = [start, null]
  for (let step = 0; step < 12; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response: Response = await fetch(at, {
      method: form ? 'POST' : 'GET',
      body: form,
      redirect: 'manual',
      headers: { cookie },
    })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    const location: string | null = response.headers.get('location')
    if (location !== null) {
      const next: URL = new URL(location, at)
      if (next.origin === appOrigin) return next
      ;[at, form] = [next.href, null]
      continue
    }
    const page = await response.text()
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1] ?? ''
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
    ;[at, form] = [new URL(action, at).href, new URLSearchParams({ prompt, login: 'ada', password: 'any' })]
  }
  throw new Error('the provider never led back')
}

async function signIn(auth: Auth, more = ''): Promise<Response> {
  const started = await auth.handler(new Request(`${appOrigin}/auth/signin/acme?returnTo=/welcome${more}`))
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const back = await throughPages(started.headers.get('location') ?? '')
  return auth.handler(new Request(back, { headers: { cookie } }))
}

it('OC-01 OC-03 signs people in with oidc-provider, from discovery to userinfo', async () => {
  const { url } = await realProvider()
  const stores = memoryStores()
  const acme = oauthProvider({ id: 'acme', name: 'Acme', issuer: url, ...client, clientAuthentication: 'basic' })
  const auth = createAuth({
    issuer: appOrigin,
    secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
    stores,
    providers: [acme],
    social: { withoutAuthTime: 'not-recent' },
    tokens: { algorithm: 'ES256' },
    logger: { warn: () => undefined, error: () => undefined },
  })
  const first = await signIn(auth)
  expect([first.status, first.headers.get('location')]).toEqual([303, `${appOrigin}/welcome`])
  const [user] = await stores.users.list({ after: null, limit: 5 })
  expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada Lovelace', passwordHash: null })
  expect(user?.emailVerifiedAt).not.toBeNull()
  expect(await stores.identities.list(user?.id ?? '')).toMatchObject([{ provider: 'acme', subject: 'ada' }])
  expect((await signIn(auth)).status).toBe(303)
  expect((await signIn(auth, '&prompt=login')).status).toBe(303)
  // It has said each time when it asked: nobody would be recent otherwise, but who has just signed up.
  const live = await stores.sessions.listLive(user?.id ?? '', new Date())
  expect(live.map(({ authenticatedAt }) => authenticatedAt.getTime() > Date.now() - 300_000)).toEqual([true, true, true])
  expect(await stores.users.list({ after: null, limit: 5 })).toHaveLength(1)
})
