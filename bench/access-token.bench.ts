// What a guard costs on a request with an access token that this process has verified before, beside verifying the signature.
import { createAuth, memoryStores } from '@auth/core'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { compare } from './compare.js'
import { report } from './report.js'

const issuer = 'https://app.example.com'
const auth = createAuth({ issuer, secret: crypto.randomUUID(), stores: memoryStores() })

async function call(path: string, body?: object): Promise<unknown> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await auth.handler(new Request(`${issuer}/auth${path}`, body && post))
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}

// The routes' own answers, as the documentation states them.
const { accessToken } = (await call('/register', { email: 'ada@example.com', password: crypto.randomUUID() })) as {
  accessToken: string
}
const keys = createLocalJWKSet((await call('/jwks.json')) as JSONWebKeySet)
const header = (name: string): string | undefined => (name === 'authorization' ? `Bearer ${accessToken}` : undefined)
const source = { method: 'GET', url: '/orders', header, ip: '203.0.113.7' }

report(
  await compare({
    name: 'access-token',
    contenders: [
      { name: 'jose: jwtVerify', run: () => jwtVerify(accessToken, keys, { issuer, audience: issuer, typ: 'at+jwt' }) },
      { name: 'auth.authenticate, seen before', run: () => authenticate() },
    ],
  }),
)

async function authenticate(): Promise<void> {
  const seen = await auth.authenticate(source)
  if (!seen.ok) throw new Error(`refused: ${seen.refusal.body}`)
}
