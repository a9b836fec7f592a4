import { createVerifier } from '@auth/core/verify'
import { getAuth, nextAuth, peekAuth } from '@auth/next'
import { NextRequest } from 'next/server.js'
import { expect, it } from 'vitest'
import { roles, signUp, testAuth } from './support/test-auth.js'

const url = 'http://localhost:3000/orders'
const context = { params: Promise.resolve({}) }

it('guards route handlers with a verifier of another’s tokens, and has nothing else of it', async () => {
  const auth = testAuth()
  const { accessToken, user } = await signUp(nextAuth(auth))
  let isDown = false
  const fetch = (at: string): Promise<Response> =>
    isDown ? Promise.reject(new Error('down')) : auth.handler(new Request(at))
  const options = { issuer: auth.issuer, audience: auth.issuer, jwksUri: `${auth.issuer}/auth/jwks.json`, roles, fetch }
  const logger = { warn: () => undefined, error: () => undefined }
  const web = nextAuth(createVerifier({ ...options, logger }))
  expect(Object.keys(web).sort()).toEqual(['guard', 'optional'])
  const GET = web.guard({ scopes: ['read:orders'] }, (request) => Response.json(getAuth(request).subject))
  const call = async (handler: typeof GET, headers: Record<string, string>): Promise<[number, unknown]> => {
    const answer = await handler(new NextRequest(url, { headers }), context)
    return [answer.status, await answer.json()]
  }
  const own = { authorization: `Bearer ${accessToken}` }
  expect(await call(GET, own)).toEqual([200, user.id])
  expect(await call(GET, { cookie: '__Host-session=x' })).toMatchObject([401, { code: 'credentials_missing' }])
  expect(
    await call(
      web.guard({ roles: ['admin'] }, () => new Response()),
      own,
    ),
  ).toMatchObject([403, { code: 'insufficient_role' }])
  const maybe = web.optional((request) => Response.json(peekAuth(request)?.subject ?? null))
  expect(await call(maybe, { authorization: 'Bearer garbage' })).toEqual([200, null])
  isDown = true
  expect(await call(GET, own)).toEqual([200, user.id])
  const keyless = nextAuth(createVerifier({ ...options, logger }))
  expect(
    await call(
      keyless.optional(() => Response.json(null)),
      own,
    ),
  ).toMatchObject([503, { code: 'store_unavailable' }])
})
