import { describe, expect, it } from 'vitest'
import { asymmetric, compact, publicHalf, segment, type TestJwk, testJwk, testRing } from '../../test/support/keys.js'
import { jsonAnswer, jwksUri, secondService, settled } from '../../test/support/remote-issuer.js'
import { audience, grant, issuer, outcomeOf, testNode } from '../../test/support/tokens.js'
import { ConfigError } from '../errors.js'
import { defineRoles } from '../rbac/index.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { createVerifier, type VerifierOptions } from './index.js'

const discovery = `${issuer}/.well-known/oauth-authorization-server`
const dayMs = 86_400_000

/** An issuer whose key the test has too. */
async function openIssuer(alg: (typeof asymmetric)[number] = 'ES256', options: Partial<VerifierOptions> = {}) {
  const jwk = await testJwk(alg)
  const clock = virtualClock()
  const node = testNode({ clock, ring: testRing({ source: { keys: [jwk] }, clock }) })
  const { claims, token } = await node.tokens.issue(grant)
  const service = secondService(node, options)
  const outcome = (text: string): Promise<string> => outcomeOf(service.verifier.verify(text))
  return { ...service, jwk, clock, node, claims: { ...claims }, token, outcome }
}

describe('verify', () => {
  it.each(asymmetric)('accepts what the issuer signed with %s, and asks it for metadata and keys once', async (alg) => {
    const { verifier, remote, token, claims } = await openIssuer(alg)
    const answers = await Promise.all(Array.from({ length: 100 }, () => verifier.verify(token)))
    expect(answers[99]).toEqual(claims)
    expect(Object.isFrozen(answers[0])).toBe(true)
    expect(remote.asked).toEqual([discovery, jwksUri])
  })

  it('asks for no metadata where it is told where the keys are', async () => {
    const { remote, outcome, token } = await openIssuer('ES256', { jwksUri })
    expect([await outcome(token), remote.asked]).toEqual(['ok', [jwksUri]])
  })

  it('A-03 JT-01 JT-02 takes the algorithm from the key, and never a public key for a shared secret', async () => {
    const { verifier, outcome, jwk, claims, remote } = await openIssuer('RS256')
    await verifier.ready()
    const [shown] = (await (await remote.fetch(jwksUri)).json()).keys as TestJwk[]
    const forged = { kty: 'oct', alg: 'HS256', kid: jwk.kid, k: segment(JSON.stringify(shown)) } as TestJwk
    expect(await outcome(compact(forged, claims))).toBe('token_signature_invalid')
    for (const alg of ['none', 'None', 'HS256', 'PS256', 'RS384', 'ES256', ''])
      expect(await outcome(compact(jwk, claims, { alg, kid: jwk.kid, typ: 'at+jwt' }))).toBe('token_signature_invalid')
  })

  it('JT-04 A-04 asks nobody whom a token names, and takes no key out of it', async () => {
    const { verifier, outcome, jwk, claims, remote } = await openIssuer()
    await verifier.ready()
    const before = remote.asked.length
    const thief = await testJwk('ES256', 'thief')
    for (const more of [{ jku: 'https://evil.example/jwks' }, { jwk: publicHalf(thief) }, { x5u: 'https://evil.example' }]) {
      expect(await outcome(compact(thief, claims, { alg: 'ES256', kid: jwk.kid, typ: 'at+jwt', ...more }))).toBe(
        'token_malformed',
      )
    }
    expect(remote.asked.length).toBe(before)
  })

  it('JT-09 JT-10 JT-11 JT-12 A-27 refuses tokens of others, for others, of other kinds, from the future and of the past', async () => {
    const { outcome, jwk, claims, token, clock } = await openIssuer()
    const refused: readonly object[] = [
      { iss: `${issuer}/` },
      { iss: [issuer] },
      { iss: 'https://staging.example' },
      { aud: 'https://other.example' },
      { aud: `${audience}/` },
      { aud: [] },
      { aud: undefined },
      { exp: undefined },
      { exp: '9999999999' },
      { iat: claims.iat + 60 },
      { nbf: claims.iat + 60 },
      { exp: claims.iat + 3601 },
      { client_id: undefined },
    ]
    for (const change of refused)
      expect([change, await outcome(compact(jwk, { ...claims, ...change }))]).toEqual([change, 'token_claims_invalid'])
    for (const typ of ['JWT', 'dpop+jwt', undefined])
      expect(await outcome(compact(jwk, claims, { alg: 'ES256', kid: jwk.kid, typ }))).toBe('token_claims_invalid')
    expect(await outcome(compact(jwk, { ...claims, aud: ['https://other.example', audience] }))).toBe('ok')
    expect(await outcome(token)).toBe('ok')
    await clock.advance(900_000 + 4999)
    expect(await outcome(token)).toBe('ok')
    await clock.advance(1)
    expect(await outcome(token)).toBe('token_expired')
  })

  it.each([undefined, null, 1, {}, '', 'a.b.c', '.'.repeat(1_000_000)])('refuses %# that is no token', async (garbage) => {
    const { outcome, remote } = await openIssuer()
    expect(await outcome(garbage as string)).toBe('token_malformed')
    expect(remote.asked).toEqual([])
  })

  it('leaves aside keys for algorithms that it was not told of', async () => {
    const { outcome, token, logged } = await openIssuer('ES256', { algorithms: ['EdDSA'] })
    expect(await outcome(token)).toBe('StoreError')
    expect(logged[0]?.text).toContain('no key for EdDSA')
  })
})

describe('discovery', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com/.well-known/oauth-authorization-server'],
    ['https://app.example.com/', 'https://app.example.com/.well-known/oauth-authorization-server'],
    ['https://app.example.com/tenant/1', 'https://app.example.com/.well-known/oauth-authorization-server/tenant/1'],
  ])('looks for the metadata of %s where RFC 8414 has it', async (name, url) => {
    const asked: string[] = []
    const fetch = async (at: string): Promise<Response> => {
      asked.push(at)
      return jsonAnswer({ issuer: name, jwks_uri: `${new URL(name).origin}/keys` })
    }
    const verifier = createVerifier({
      issuer: name,
      audience,
      fetch,
      logger: { warn: () => undefined, error: () => undefined },
    })
    await verifier.ready().catch(() => undefined)
    expect(asked).toEqual([url, `${new URL(name).origin}/keys`])
  })

  it.each([
    ["another's", { issuer: 'https://evil.example', jwks_uri: 'https://evil.example/keys' }],
    ['with a slash more', { issuer: `${issuer}/`, jwks_uri: jwksUri }],
    ['that is nobody’s', { jwks_uri: jwksUri }],
    ['that leads to plain HTTP', { issuer, jwks_uri: 'http://issuer.example/keys' }],
    ['that leads to this machine', { issuer, jwks_uri: 'http://127.0.0.1:6379/keys' }],
    ['that leads to a file', { issuer, jwks_uri: 'file:///etc/passwd' }],
    ['that leads nowhere', { issuer }],
  ])('OC-04 KM-04 follows no metadata %s', async (_, document) => {
    const { remote, outcome, token, logged } = await openIssuer()
    remote.answer(() => jsonAnswer(document))
    expect(await outcome(token)).toBe('StoreError')
    expect(remote.asked).toEqual([discovery])
    expect(logged).toHaveLength(1)
  })

  it('goes on with the keys at the known place when the metadata cannot be had later, and says so', async () => {
    const { remote, outcome, node, clock, logged } = await openIssuer()
    expect(await outcome((await node.tokens.issue(grant)).token)).toBe('ok')
    await clock.advance(2 * 3_600_000)
    remote.answer((url) => (url === discovery ? new Response(null, { status: 404 }) : keysAnswer))
    const keysAnswer = jsonAnswer(await node.ring.jwks())
    expect(await outcome((await node.tokens.issue(grant)).token)).toBe('ok')
    expect(logged.map(({ text }) => text)).toEqual([expect.stringContaining('404')])
  })
})

describe('a key set that is not what it should be', () => {
  const answers: readonly (readonly [string, () => Promise<Response>])[] = [
    ['an error', async () => new Response('oops', { status: 500 })],
    ['a redirect', async () => new Response(null, { status: 302, headers: { location: 'https://evil.example/keys' } })],
    ['HTML', async () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    [
      'keys that are said to be a page',
      async () => jsonAnswer({ keys: [publicHalf(await testJwk('ES256', 'planted'))] }, { 'content-type': 'text/html' }),
    ],
    ['no JSON', async () => new Response('{', { headers: { 'content-type': 'application/json' } })],
    ['a list', async () => jsonAnswer([])],
    ['no keys', async () => jsonAnswer({ keys: [] })],
    ['keys that are none', async () => jsonAnswer({ keys: [null, 1, 'a', []] })],
    ['something else', async () => jsonAnswer({ keys: { a: 1 } })],
    [
      'a member named twice',
      async () => new Response('{"keys":[],"keys":[]}', { headers: { 'content-type': 'application/json' } }),
    ],
    ['more than 128 KiB', async () => jsonAnswer({ keys: [], padding: 'x'.repeat(131_073) })],
    ['a hundred keys', async () => jsonAnswer({ keys: Array.from({ length: 100 }, () => ({})) })],
    ['a shared secret', async () => jsonAnswer({ keys: [publicHalf(await testJwk('ES256')), await testJwk('HS256')] })],
    ['a private key', async () => jsonAnswer({ keys: [await testJwk('ES256')] })],
    [
      'one name for two keys',
      async () =>
        jsonAnswer({
          keys: [publicHalf(await testJwk('ES256')), { ...publicHalf(await testJwk('EdDSA')), kid: 'ES256-key' }],
        }),
    ],
    [
      'a short RSA key',
      async () =>
        jsonAnswer({ keys: [{ kty: 'RSA', alg: 'RS256', kid: 'short', n: segment(Buffer.alloc(64, 255)), e: 'AQAB' }] }),
    ],
    [
      'a point off the curve',
      async () => jsonAnswer({ keys: [{ ...publicHalf(await testJwk('ES256')), x: segment(Buffer.alloc(32, 1)) }] }),
    ],
  ]

  it.each(answers)('KM-02 KM-04 is not taken over: %s. The old keys serve on, and it is reported', async (_, hostile) => {
    const { remote, outcome, token, node, clock, logged } = await openIssuer()
    expect(await outcome(token)).toBe('ok')
    remote.answer(hostile)
    await clock.advance(600_000)
    expect(await outcome((await node.tokens.issue(grant)).token)).toBe('ok')
    await expect.poll(() => logged.map(({ level }) => level)).toEqual(['warn'])
    const fresh = secondService(node)
    fresh.remote.answer((url) => (url === discovery ? jsonAnswer({ issuer, jwks_uri: jwksUri }) : hostile()))
    expect(await outcomeOf(fresh.verifier.verify(token))).toBe('StoreError')
    remote.answer(null)
    await clock.advance(5000)
    expect(await outcome((await node.tokens.issue(grant)).token)).toBe('ok')
  })

  it('leaves aside what it does not know or need beside a good key', async () => {
    const { remote, outcome, token } = await openIssuer('ES256', { jwksUri })
    const good = publicHalf(await testJwk('ES256'))
    const others = [
      { kty: 'OKP', crv: 'X25519', use: 'enc', kid: 'e', x: 'AA' },
      { kty: 'AKP', alg: 'ML-DSA-44', kid: 'p', pub: 'AA' },
      { kty: 'RSA', kid: 'none', n: 'AQ', e: 'AQAB' },
    ]
    remote.answer(() => jsonAnswer({ keys: [...others, good] }))
    expect(await outcome(token)).toBe('ok')
  })

  it('knows a withdrawn key no more within twice the age that the issuer gives its keys', async () => {
    const { remote, outcome, token, clock, jwk } = await openIssuer('ES256', { jwksUri, keepKeys: '7d' })
    expect(await outcome(token)).toBe('ok')
    const other = publicHalf(await testJwk('ES256', 'other'))
    remote.answer(() => jsonAnswer({ keys: [other] }, { 'cache-control': 'max-age=120' }))
    await clock.advance(599_999)
    expect(jwk.kid).toBe('ES256-key')
    await expect.poll(() => outcome(token)).toBe('token_signature_invalid')
  })
})

describe('an issuer that is down', () => {
  it('KM-04 leaves a service working for a day, and then to answer 503, never 401', async () => {
    const { remote, verifier, node, clock, jwk } = await openIssuer('ES256')
    await verifier.ready()
    remote.answer(() => Promise.reject(new TypeError('fetch failed')))
    const outcomes = new Set<string>()
    for (let ms = 0; ms < dayMs - 600_000; ms += 600_000) {
      outcomes.add(await outcomeOf(verifier.verify((await node.tokens.issue(grant)).token)))
      await clock.advance(600_000)
      await settled()
    }
    await clock.advance(599_999)
    outcomes.add(await outcomeOf(verifier.verify((await node.tokens.issue(grant)).token)))
    expect(outcomes).toEqual(new Set(['ok']))
    await clock.advance(1)
    const { token } = await node.tokens.issue(grant)
    expect(await outcomeOf(verifier.verify(token))).toBe('StoreError')
    const source = { method: 'GET', url: '/', header: () => `Bearer ${token}`, ip: undefined }
    expect(await verifier.authenticate(source)).toMatchObject({
      ok: false,
      refusal: { status: 503, code: 'store_unavailable' },
    })
    remote.answer(null)
    await clock.advance(5000)
    expect(await outcomeOf(verifier.verify(token))).toBe('ok')
    expect(jwk.kid).toBe('ES256-key')
  })
})

describe('createVerifier', () => {
  it.each([
    [{ issuer: 'http://app.example.com' }, ['issuer']],
    [{ issuer: 'https://app.example.com?x=1' }, ['issuer']],
    [{ issuer: 'app' }, ['issuer']],
    [{ audience: '' }, ['audience']],
    [{ jwksUri: 'http://app.example.com/keys' }, ['jwksUri']],
    [{ jwksUri: 'https://user:pass@app.example.com/keys' }, ['jwksUri']],
    [{ algorithms: ['HS256'] }, ['algorithms']],
    [{ algorithms: [] }, ['algorithms']],
    [{ algorithms: ['none'] }, ['algorithms']],
    [{ clockTolerance: '2m' }, ['clockTolerance']],
    [{ keepKeys: '8d' }, ['keepKeys']],
    [{ keepKeys: 0 }, ['keepKeys']],
    [{ resourceMetadata: '/relative' }, ['resourceMetadata']],
    [{ fetch: 'x', clock: {}, logger: {}, roles: {} }, ['roles', 'logger', 'fetch', 'clock']],
    [{ secret: 'x', issuer: 1, audience: undefined }, ['secret', 'issuer', 'audience']],
  ])('JT-01 refuses %j when it is made, all of it at once', (change, paths) => {
    const make = (): unknown => createVerifier({ issuer, audience, ...change } as VerifierOptions)
    try {
      make()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      expect(error.problems.map(({ path }) => path)).toEqual(paths)
    }
    expect(make).toThrow(ConfigError)
  })

  it('asks nobody for anything until a token comes', () => {
    const verifier = createVerifier({ issuer, audience, fetch: () => Promise.reject(new Error('asked')) })
    expect([verifier.issuer, verifier.audience]).toEqual([issuer, audience])
  })

  it('checks requirements by the roles that it was told of, and by their form alone where it was not', () => {
    const roles = defineRoles({ user: { scopes: ['read:orders'] } })
    const knowing = createVerifier({ issuer, audience, roles })
    expect(() => knowing.checkRequirement({ scopes: ['read:orders'] })).not.toThrow()
    expect(() => knowing.checkRequirement({ roles: ['usr' as 'user'] })).toThrow(ConfigError)
    const plain = createVerifier({ issuer, audience })
    expect(() => plain.checkRequirement({ roles: ['anything'], scopes: ['read:anything'] })).not.toThrow()
    expect(() => plain.checkRequirement({ scopes: ['not a scope'] })).toThrow(ConfigError)
  })
})
