import type { PeerScene } from './oauth-peers.js'

/** What registers the demo's client. */
export const clientEnvironment = {
  DEMO_CLIENT_ID: 'demo-reports',
  DEMO_CLIENT_SECRET: 'a secret: of 100 % chance, + more',
  DEMO_REDIRECT_URI: 'http://127.0.0.1:4000/callback',
} as const

/** Signs somebody up in a browser. */
export async function signedIn(url: string): Promise<PeerScene> {
  const body = JSON.stringify({
    email: `${crypto.randomUUID()}@example.com`,
    password: 'a long enough passphrase',
    transport: 'cookie',
  })
  const answer = await fetch(`${url}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const { DEMO_CLIENT_ID: clientId, DEMO_CLIENT_SECRET: clientSecret, DEMO_REDIRECT_URI: redirectUri } = clientEnvironment
  return { url, clientId, clientSecret, redirectUri, cookie }
}
