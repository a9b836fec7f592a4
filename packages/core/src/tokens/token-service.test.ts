import { describe, expect, it } from 'vitest'
import {
  algorithms,
  asymmetric,
  compact,
  publicHalf,
  segment,
  type TestJwk,
  type TestRing,
  testJwk,
  testRing,
} from '../../test/support/keys.js'
import { audience, grant, issuer, outcomeOf, type TestNode, testNode } from '../../test/support/tokens.js'
import { ConfigError } from '../errors.js'
import { memoryRevocationStore } from '../memory/revocation-store.js'
import { memorySigningKeyStore } from '../memory/signing-key-store.js'
import { createSecrets } from '../shared/secrets.js'
import type { SigningAlgorithm } from '../signing-keys/index.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { tokenSettingsProblems } from './token-service.js'

const decode = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>

/** A node whose key a test has too, to sign what no node would. */
async function openNode(
  alg: SigningAlgorithm = 'HS256',
  more: readonly TestJwk[] = [],
): Promise<TestNode & { jwk: TestJwk; claims: Record<string, unknown> }> {
  const jwk = await testJwk(alg)
  const clock = virtualClock()
  const node = testNode({ clock, ring: testRing({ source: { keys: [jwk, ...more] }, clock }) })
  const { claims } = await node.tokens.issue(grant)
  return { ...node, jwk, claims: { ...claims } }
}

/** A ring that counts how often a key is looked up, which is once for each signature that is verified. */
function counted(inner: TestRing): { ring: TestRing; count: () => number } {
  let asked = 0
  const find = (kid: string): ReturnType<TestRing['find']> => {
    asked++
    return inner.find(kid)
  }
  const ring: TestRing = Object.create(inner, { find: { value: find }, version: { get: () => inner.version } })
  return { ring, count: () => asked }
}

describe('issue', () => {
  it.each(algorithms)(
    'JT-12 JT-13 issues what it verifies with %s: typ, kid and exactly the claims there are',
    async (algorithm) => {
      const clock = virtualClock()
      const node = testNode({ clock, ring: testRing({ clock, algorithm }) })
      const { token, claims, expiresIn } = await node.tokens.issue({
        ...grant,
        authenticatedAt: new Date(clock.now().getTime() - 61_500),
      })
      expect(decode(token, 0)).toEqual({ alg: algorithm, kid: (await node.ring.active()).kid, typ: 'at+jwt' })
      const iat = clock.now().getTime() / 1000
      const expected = {
        iss: issuer,
        sub: grant.subject,
        aud: audience,
        iat,
        exp: iat + 900,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
        client_id: 'first-party',
        auth_time: iat - 62,
        ver: 3,
        sid: 'session-1',
        roles: ['user'],
        scopes: ['read:orders', 'write:orders'],
        scope: 'read:orders write:orders',
      }
      expect(decode(token, 1)).toEqual(expected)
      expect([claims, expiresIn]).toEqual([expected, 900])
      expect(await node.tokens.verify(token)).toEqual(claims)
    },
  )

  it('leaves out what a grant lacks, and gives each token a name of its own', async () => {
    const { tokens } = testNode()
    const own = await tokens.issue({ subject: 'svc', clientId: 'svc', roles: [], scopes: [] })
    expect(Object.keys(decode(own.token, 1)).sort()).toEqual(
      ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'roles', 'scope', 'scopes', 'sub'].sort(),
    )
    expect((await tokens.issue(grant)).claims.jti).not.toBe((await tokens.issue(grant)).claims.jti)
  })

  it('writes no roles into what is delegated', async () => {
    const { tokens } = testNode()
    const { token } = await tokens.issue({ ...grant, clientId: 'a-client' })
    expect((await tokens.verify(token)).roles).toEqual([])
  })

  it('JT-13 lets no token live for longer than an hour, nor makes one that is too long to be accepted', async () => {
    const { tokens, outcome } = testNode()
    for (const ttlSeconds of [3601, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(tokens.issue({ ...grant, ttlSeconds })).rejects.toThrow(ConfigError)
    }
    expect(await outcome((await tokens.issue({ ...grant, ttlSeconds: 3600 })).token)).toBe('ok')
    const scopes = Array.from({ length: 400 }, (_, i) => `read:thing-${i}`)
    await expect(tokens.issue({ ...grant, scopes })).rejects.toThrow(ConfigError)
  })

  it('is for one audience', async () => {
    const { tokens, outcome } = testNode()
    const { token } = await tokens.issue({ ...grant, audience: 'https://other.example' })
    expect(await outcome(token)).toBe('token_claims_invalid')
  })

  it('never signs with a key that was taken back, and makes another where nobody has', async () => {
    const store = memorySigningKeyStore()
    const clock = virtualClock()
    const revocations = memoryRevocationStore()
    const nodes = [1, 2].map(() =>
      testNode({ clock, store: revocations, ring: testRing({ source: { store }, clock }) }),
    ) as [TestNode, TestNode]
    const { token } = await nodes[0].tokens.issue(grant)
    const { kid } = await nodes[0].ring.active()
    await nodes[1].ring.ready()
    await nodes[0].feed.announce({ kid })
    for (const { feed } of nodes) await feed.ensureFresh()
    const fresh = await Promise.all(nodes.map(({ tokens }) => tokens.issue(grant)))
    for (const node of nodes) {
      expect(await node.outcome(token)).toBe('token_revoked')
      for (const each of fresh) expect(await node.outcome(each.token)).toBe('ok')
    }
    expect(await store.list()).toHaveLength(2)
  })
})

describe('verify', () => {
  it('JT-09 A-11 accepts a token until its end and the tolerance, and not a millisecond longer', async () => {
    for (const clockToleranceSeconds of [0, 5, 60]) {
      const node = testNode({ settings: { clockToleranceSeconds } })
      const { token } = await node.tokens.issue(grant)
      await node.clock.advance((900 + clockToleranceSeconds) * 1000 - 1)
      expect([await node.outcome(token), await node.outcome(token)]).toEqual(['ok', 'ok'])
      await node.clock.advance(1)
      expect([await node.outcome(token), await node.outcome(token)]).toEqual(['token_expired', 'token_expired'])
    }
  })

  it('JT-12 A-13 CVE-2023-48309 accepts no other kind of thing that is signed with the same key', async () => {
    const { jwk, claims, outcome } = await openNode('ES256')
    const head = { alg: 'ES256', kid: jwk.kid }
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt']) {
      expect(await outcome(compact(jwk, claims, { ...head, typ }))).toBe('ok')
    }
    const others = [
      'JWT',
      'jwt',
      'logout+jwt',
      'secevent+jwt',
      'oauth-authz-req+jwt',
      'dpop+jwt',
      'at+jwt ',
      'x-at+jwt',
      'at',
      '',
    ]
    for (const typ of others) expect(await outcome(compact(jwk, claims, { ...head, typ }))).toBe('token_claims_invalid')
    expect(await outcome(compact(jwk, claims, head))).toBe('token_claims_invalid')
  })

  it('JT-08 refuses signed payloads that are no objects, or name a claim twice', async () => {
    const { jwk, claims, outcome } = await openNode()
    const text = JSON.stringify(claims)
    const twice = text.replace('{', `{"sub":"somebody-else",`)
    const payloads = [
      '',
      'null',
      '[]',
      '"a"',
      '1',
      '{',
      `[${text}]`,
      twice,
      `\ufeff${text}`,
      Buffer.from(text, 'utf16le'),
      Buffer.from([0xff]),
    ]
    for (const payload of payloads) expect(await outcome(compact(jwk, payload))).toBe('token_malformed')
    expect(await outcome(compact(jwk, text))).toBe('ok')
  })

  it('A-27 refuses a perfect token of another issuer, with its key or with ours', async () => {
    const { jwk, claims, outcome } = await openNode()
    const foreign = await openNode('HS256')
    expect(await outcome(compact(jwk, { ...claims, iss: 'https://staging.example' }))).toBe('token_claims_invalid')
    const other = await testJwk('HS256', 'theirs')
    expect(await outcome(compact({ ...other, kid: jwk.kid }, foreign.claims))).toBe('token_signature_invalid')
    expect(await outcome(compact(other, foreign.claims))).toBe('token_signature_invalid')
  })

  it.each(asymmetric)('A-03 takes no public %s key for a shared secret, though everybody can get it', async (algorithm) => {
    const clock = virtualClock()
    const node = testNode({ clock, ring: testRing({ clock, algorithm }) })
    const { claims } = await node.tokens.issue(grant)
    const [shown] = (await node.ring.jwks()).keys
    const forged = { kty: 'oct', alg: 'HS256', kid: shown?.kid ?? '', k: segment(JSON.stringify(shown)) } as TestJwk
    expect(await node.outcome(compact(forged, claims))).toBe('token_signature_invalid')
  })

  it('JT-17 CVE-2025-65945 reads no claim and asks no store before the signature is verified', async () => {
    const reads: string[] = []
    const clock = virtualClock()
    const keys = memorySigningKeyStore()
    const revocations = memoryRevocationStore()
    const list = (): ReturnType<typeof keys.list> => {
      reads.push('keys')
      return keys.list()
    }
    const read: typeof revocations.read = (...given) => {
      reads.push('feed')
      return revocations.read(...given)
    }
    const ring = testRing({ clock, source: { store: { ...keys, list } } })
    const node = testNode({ clock, ring, store: { ...revocations, read } })
    const { token, claims } = await node.tokens.issue(grant)
    await clock.advance(50_000)
    reads.length = 0
    const [head, , signature] = token.split('.')
    const hostile = [
      { ...claims, exp: 'boom' },
      { ...claims, sub: { $ne: null } },
      { ...claims, sid: "' OR 1=1--" },
      { ...claims, iss: ['x'], aud: /a/g },
      'not json',
      { __proto__: { admin: true } },
    ]
    for (const payload of hostile)
      expect(await node.outcome(`${head}.${segment(payload)}.${signature}`)).toBe('token_signature_invalid')
    for (const garbage of ['', 'a.b.c', 'Bearer x', `${token}x`, token.slice(1)]) {
      expect(['token_malformed', 'token_signature_invalid']).toContain(await node.outcome(garbage))
    }
    expect(reads).toEqual([])
  })

  it('JT-15 A-17 refuses a revoked token in whatever other form its signature can be given', async () => {
    const node = await openNode('ES256')
    const { token, claims } = await node.tokens.issue(grant)
    expect(await node.outcome(token)).toBe('ok')
    await node.feed.announce({ jti: claims.jti })
    const [head = '', payload = '', signature = ''] = token.split('.')
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const bytes = Buffer.from(signature, 'base64url')
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')])
    const twin = `${head}.${payload}.${other.toString('base64url')}`
    const reordered = compact(node.jwk, claims, { typ: 'at+jwt', kid: node.jwk.kid, alg: 'ES256', x: 1 })
    for (const form of [token, twin, reordered]) expect(await node.outcome(form)).toBe('token_revoked')
  })

  it.each([
    ['its session', { session: 'session-1' }],
    ['its user, up to its version', { user: grant.subject, minVersion: 4 }],
    ['its client', { client: 'first-party' }],
  ])('RB-05 D11 refuses a token taken back by %s, at once here and within maxStaleness elsewhere', async (_, target) => {
    const store = memoryRevocationStore()
    const clock = virtualClock()
    const ring = testRing({ clock })
    const silent = { ...store, subscribe: () => () => undefined }
    const [here, there] = [testNode({ clock, ring, store: silent }), testNode({ clock, ring, store: silent })]
    const { token } = await here.tokens.issue(grant)
    expect([await here.outcome(token), await there.outcome(token)]).toEqual(['ok', 'ok'])
    await here.feed.announce(target)
    expect(await here.outcome(token)).toBe('token_revoked')
    await clock.advance(5001)
    expect(await there.outcome(token)).toBe('token_revoked')
  })

  it('leaves alone what was not taken back: another session, a later version, a key of the same user', async () => {
    const node = testNode()
    const { token } = await node.tokens.issue(grant)
    await node.feed.announce({ session: 'session-2' })
    await node.feed.announce({ user: grant.subject, minVersion: 3 })
    await node.feed.announce({ user: 'somebody else', minVersion: 99 })
    await node.feed.announce({ apiKey: 'session-1' })
    await node.feed.announce({ kid: 'other' })
    expect(await node.outcome(token)).toBe('ok')
  })

  it('F-03 ER-02 answers StoreError and never ok while revocations are not known', async () => {
    const inner = memoryRevocationStore()
    let down = true
    const store = {
      ...inner,
      read: (...given: Parameters<typeof inner.read>) => (down ? Promise.reject(new Error('down')) : inner.read(...given)),
    }
    const node = testNode({ store })
    const { token } = await node.tokens.issue(grant)
    expect(await node.outcome(token)).toBe('StoreError')
    down = false
    expect(await node.outcome(token)).toBe('ok')
    down = true
    await node.clock.advance(5001)
    expect(await node.outcome(token)).toBe('StoreError')
  })

  it('A-26 refuses what an unknown key signed, ten thousand times over', async () => {
    const node = testNode()
    const { claims } = await node.tokens.issue(grant)
    const jwk = await testJwk('HS256')
    for (let i = 0; i < 10_000; i++) {
      const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')
      expect(await node.outcome(compact(jwk, claims, { alg: 'HS256', kid, typ: 'at+jwt' }))).toBe('token_signature_invalid')
    }
  })
})

describe('remembered tokens', () => {
  it('JT-16 CVE-2026-35039 are never taken for one another: ten thousand that differ in one claim', async () => {
    const { jwk, claims, tokens } = await openNode('HS256')
    const all = Array.from({ length: 10_000 }, (_, i) => compact(jwk, { ...claims, sub: `user-${i}` }))
    for (let round = 0; round < 2; round++) {
      for (const [i, token] of all.entries()) expect((await tokens.verify(token)).sub).toBe(`user-${i}`)
    }
  }, 120_000)

  it('JT-16 answer claims that nobody can change for the next', async () => {
    const node = testNode()
    const { token } = await node.tokens.issue(grant)
    const claims = await node.tokens.verify(token)
    const attempt = (change: () => void): void => expect(change).toThrow(TypeError)
    attempt(() => Object.assign(claims, { sub: 'admin' }))
    attempt(() => (claims.roles as string[]).push('admin'))
    attempt(() => (claims.scopes as string[]).splice(0, 1, '*'))
    expect(Reflect.deleteProperty(claims, 'sid')).toBe(false)
    expect(await node.tokens.verify(token)).toEqual(claims)
    expect((await node.tokens.verify(token)).roles).toEqual(['user'])
  })

  it('JT-16 are verified once, and again after any change of keys', async () => {
    const clock = virtualClock()
    const inner = testRing({ clock })
    const { ring, count } = counted(inner)
    const node = testNode({ clock, ring })
    const { token } = await node.tokens.issue(grant)
    for (let i = 0; i < 10; i++) expect(await node.outcome(token)).toBe('ok')
    expect(count()).toBe(1)
    await inner.rotate()
    for (let i = 0; i < 10; i++) expect(await node.outcome(token)).toBe('ok')
    expect(count()).toBe(2)
  })

  it('JT-16 KM-03 end with their key: here at once, elsewhere when the ring is read again', async () => {
    const store = memorySigningKeyStore()
    const clock = virtualClock()
    const nodes = [1, 2].map(() => testNode({ clock, ring: testRing({ source: { store }, clock }) })) as [TestNode, TestNode]
    const { token } = await nodes[0].tokens.issue(grant)
    for (const node of nodes) expect(await node.outcome(token)).toBe('ok')
    await nodes[0].ring.remove((await nodes[0].ring.active()).kid)
    expect(await nodes[0].outcome(token)).toBe('token_signature_invalid')
    await clock.advance(60_000)
    await expect.poll(() => nodes[1].outcome(token)).toBe('token_signature_invalid')
  })

  it('JT-16 are not pushed out by tokens that were never verified', async () => {
    const clock = virtualClock()
    const inner = testRing({ clock, source: { keys: await testJwk('HS256') } })
    const { ring, count } = counted(inner)
    const node = testNode({ clock, ring })
    const { token } = await node.tokens.issue(grant)
    expect(await node.outcome(token)).toBe('ok')
    const [head, , signature] = token.split('.')
    for (let i = 0; i < 11_000; i++) await node.outcome(`${head}.${segment({ i })}.${signature}`)
    const before = count()
    expect(await node.outcome(token)).toBe('ok')
    expect(count()).toBe(before)
  })
})

describe('settings', () => {
  const good = { issuer, audience, accessTtlSeconds: 900, clockToleranceSeconds: 5 }

  it.each([
    [{}, []],
    [{ accessTtlSeconds: 3600, clockToleranceSeconds: 60 }, []],
    [{ accessTtlSeconds: 1, clockToleranceSeconds: 0 }, []],
    [{ accessTtlSeconds: 7200 }, ['tokens.accessTtl']],
    [{ accessTtlSeconds: 0 }, ['tokens.accessTtl']],
    [{ accessTtlSeconds: Number.NaN }, ['tokens.accessTtl']],
    [{ clockToleranceSeconds: 61 }, ['tokens.clockTolerance']],
    [{ clockToleranceSeconds: -1 }, ['tokens.clockTolerance']],
    [{ issuer: '', audience: '' }, ['issuer', 'audience']],
  ])('JT-09 JT-13 CVE-2020-15084 %j have the problems %j, and then there is no service', (change, paths) => {
    const settings = { ...good, ...change }
    expect(tokenSettingsProblems(settings).map(({ path }) => path)).toEqual(paths)
    const make = (): unknown => testNode({ settings })
    if (paths.length > 0) expect(make).toThrow(ConfigError)
    else expect(make).not.toThrow()
  })
})

describe('secrets and stores from elsewhere', () => {
  it('A-27 a node with another secret over the same store accepts nothing of the first', async () => {
    const store = memorySigningKeyStore()
    const clock = virtualClock()
    const first = testNode({ clock, ring: testRing({ source: { store }, clock }) })
    const { token } = await first.tokens.issue(grant)
    const ring = testRing({ source: { store }, clock, secrets: createSecrets('another-deployment-0123456789-abcdef') })
    expect(await testNode({ clock, ring }).outcome(token)).toBe('token_signature_invalid')
    expect(await outcomeOf(first.tokens.verify(token))).toBe('ok')
    expect(publicHalf(await testJwk('ES256')).d).toBeUndefined()
  })
})
