// What verifying an issuer's tokens costs a second service, beside jose over the same keys: one that was seen before, and one
// that is too long to be remembered, so that each time is the first.
import { createAuth, defineRoles, memoryStores } from '@auth/core'
import { createVerifier } from '@auth/core/verify'
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import { compare } from './compare.js'
import { report } from './report.js'

const issuer = 'https://app.example.com'
const scopes = Array.from({ length: 40 }, (_, i) => `read:orders-of-region-${i}` as const)
const roles = defineRoles({ user: { scopes: ['read:orders'] }, auditor: { scopes } })
const auth = createAuth({ issuer, secret: crypto.randomUUID(), stores: memoryStores(), roles, defaultRole: 'user' })
const jwksUri = `${issuer}/auth/jwks.json`
const ask = (url: string): Promise<Response> => auth.handler(new Request(url))

async function post(path: string, body: object): Promise<{ accessToken: string; user: { id: string } }> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await auth.handler(new Request(`${issuer}/auth${path}`, init))
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return (await answer.json()) as { accessToken: string; user: { id: string } } // As the documentation states it.
}

const login = { email: 'ada@example.com', password: crypto.randomUUID() }
const { accessToken: short, user } = await post('/register', login)
await auth.rbac.assign(user.id, 'auditor')
const { accessToken: long } = await post('/login', login)
if (long.length <= 2048) throw new Error('the long token would be remembered')

const verifier = createVerifier({ issuer, audience: issuer, jwksUri, fetch: ask })
const keys = createRemoteJWKSet(new URL(jwksUri), { [customFetch]: ask })
const expected = { issuer, audience: issuer, typ: 'at+jwt' }
const jose = { name: 'jose: createRemoteJWKSet, jwtVerify' }

report(
  await compare({
    name: 'remote-token-seen-before',
    contenders: [
      { ...jose, run: () => jwtVerify(short, keys, expected) },
      { name: 'verifier.verify', atMost: 0.5, run: () => verifier.verify(short) },
    ],
  }),
)
report(
  await compare({
    name: 'remote-token-first-time',
    contenders: [
      { ...jose, run: () => jwtVerify(long, keys, expected) },
      { name: 'verifier.verify', atMost: 2, run: () => verifier.verify(long) },
    ],
  }),
)
