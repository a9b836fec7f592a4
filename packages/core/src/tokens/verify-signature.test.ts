import { createHmac, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  algorithms,
  asymmetric,
  compact,
  publicHalf,
  segment,
  signRaw,
  type TestJwk,
  testJwk,
} from '../../test/support/keys.js'
import { AuthError } from '../errors.js'
import { loadVerificationKey, type VerificationKey } from '../signing-keys/index.js'
import { verifySignature } from './verify-signature.js'

const payload = { sub: 'a', n: 1 }

async function finder(...jwks: readonly TestJwk[]): Promise<(kid: string) => VerificationKey | null> {
  const keys = new Map<string, VerificationKey>()
  for (const jwk of jwks) keys.set(jwk.kid, await loadVerificationKey(jwk.kty === 'oct' ? jwk : publicHalf(jwk)))
  return (kid) => keys.get(kid) ?? null
}
const outcome = (token: string, find: (kid: string) => VerificationKey | null): Promise<string> =>
  verifySignature(token, find).then(
    () => 'ok',
    (error: unknown) => {
      if (!(error instanceof AuthError)) throw error
      return error.code
    },
  )

describe('verifySignature', () => {
  it.each(algorithms)('answers what a good %s token holds', async (alg) => {
    const jwk = await testJwk(alg)
    const find = await finder(jwk)
    const verified = await verifySignature(compact(jwk, payload), find)
    expect(verified).toEqual({
      kid: jwk.kid,
      type: 'at+jwt',
      payload: new Uint8Array(Buffer.from(JSON.stringify(payload))),
    })
    const [head, , signature] = compact(jwk, payload).split('.')
    expect(await outcome(`${head}.${segment({ ...payload, sub: 'b' })}.${signature}`, find)).toBe('token_signature_invalid')
  })

  it('JT-01 CVE-2015-9235 CVE-2022-23541 CVE-2026-22817 takes the algorithm from the key: of all headers over all keys only the equal ones pass', async () => {
    for (const keyAlg of algorithms) {
      const jwk = await testJwk(keyAlg)
      const find = await finder(jwk)
      for (const alg of [...algorithms, 'RS384', 'ES384', 'Ed25519', 'HS512', 'dir', '', 'rs256']) {
        const sameKind = keyAlg === 'RS256' && alg === 'PS256' ? 'PS256' : keyAlg
        const input = `${segment({ alg, kid: jwk.kid, typ: 'at+jwt' })}.${segment(payload)}`
        const token = `${input}.${signRaw(jwk, input, sameKind).toString('base64url')}`
        expect([keyAlg, alg, await outcome(token, find)]).toEqual([
          keyAlg,
          alg,
          alg === keyAlg ? 'ok' : 'token_signature_invalid',
        ])
      }
    }
  })

  it.each(['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'no\u0000ne', ''])(
    'JT-02 A-01 CVE-2022-23540 refuses alg %j for every key, signed or not',
    async (alg) => {
      for (const keyAlg of algorithms) {
        const jwk = await testJwk(keyAlg)
        const find = await finder(jwk)
        const head = { alg, typ: 'at+jwt', kid: jwk.kid }
        const bare = `${segment(head)}.${segment(payload)}`
        expect(await outcome(bare, find)).toBe('token_malformed')
        expect(await outcome(`${bare}.`, find)).toBe('token_malformed')
        expect(await outcome(compact(jwk, payload, head), find)).toBe('token_signature_invalid')
        expect(await outcome(`${bare}.AAAA`, find)).toBe('token_signature_invalid')
      }
    },
  )

  it.each(asymmetric)('JT-01 A-03 takes no public %s key for a shared secret, in whatever form', async (alg) => {
    const jwk = await testJwk(alg)
    const find = await finder(jwk)
    const key = createPublicKey({ key: { ...publicHalf(jwk) }, format: 'jwk' })
    const spki = key.export({ type: 'spki', format: 'pem' }).toString()
    const forms: (string | Buffer)[] = [
      spki,
      `\n${spki}`,
      ` ${spki}`,
      spki.trimEnd(),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(publicHalf(jwk)),
      JSON.stringify(key.export({ format: 'jwk' })),
      jwk.n ?? jwk.x ?? '',
      Buffer.from(jwk.n ?? jwk.x ?? '', 'base64url'),
      ...(alg === 'RS256' || alg === 'PS256' ? [key.export({ type: 'pkcs1', format: 'pem' }).toString()] : []),
      '',
    ]
    for (const secret of forms) {
      for (const claimed of ['HS256', alg]) {
        const input = `${segment({ alg: claimed, typ: 'at+jwt', kid: jwk.kid })}.${segment(payload)}`
        const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
        expect(await outcome(token, find)).toBe('token_signature_invalid')
      }
    }
  })

  it('JT-04 A-04 A-05 CVE-2018-0114 uses no key and no address that stands in the token, and goes nowhere', async () => {
    const ours = await testJwk('ES256', 'ours')
    const evil = await testJwk('ES256', 'evil')
    const find = await finder(ours)
    const fetches: unknown[] = []
    const original = globalThis.fetch
    globalThis.fetch = async (...given) => {
      fetches.push(given)
      return new Response('{}')
    }
    try {
      const embedded = [
        { jwk: publicHalf(evil) },
        { x5c: ['MIIB'] },
        { jku: 'https://evil.example/jwks.json' },
        { jku: 'https://issuer.example@evil.example/jwks.json' },
        { x5u: 'https://evil.example/cert.pem' },
      ]
      for (const parameter of embedded) {
        const head = { alg: 'ES256', typ: 'at+jwt', kid: 'ours', ...parameter }
        expect(await outcome(compact(evil, payload, head), find)).toBe('token_malformed')
        expect(await outcome(compact(ours, payload, head), find)).toBe('token_malformed')
      }
      expect(await outcome(compact(evil, payload, { alg: 'ES256', kid: 'ours', typ: 'at+jwt' }), find)).toBe(
        'token_signature_invalid',
      )
    } finally {
      globalThis.fetch = original
    }
    expect(fetches).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', "' OR 1=1--", '../../dev/null', 'unknown'])(
    'JT-04 finds no key under the name %j',
    async (kid) => {
      const jwk = await testJwk('HS256')
      expect(await outcome(compact(jwk, payload, { alg: 'HS256', kid }), await finder(jwk))).toBe('token_signature_invalid')
    },
  )

  it('A-07 refuses what was signed with nothing', async () => {
    const input = `${segment({ alg: 'HS256', typ: 'at+jwt', kid: 'HS256-key' })}.${segment(payload)}`
    const find = await finder(await testJwk('HS256'))
    for (const secret of ['', '\0', Buffer.alloc(32)]) {
      const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
      expect(await outcome(token, find)).toBe('token_signature_invalid')
      expect(await outcome(token, () => null)).toBe('token_signature_invalid')
    }
  })

  it('JT-17 asks for a key by name before anything else, and shows it nothing of the payload', async () => {
    const jwk = await testJwk('ES256')
    const find = await finder(jwk)
    const asked: unknown[][] = []
    const token = compact(jwk, { iss: 'x', get: 'me' })
    await verifySignature(token, (...given: [string]) => {
      asked.push(given)
      return find(...given)
    })
    expect(asked).toEqual([[jwk.kid]])
  })

  it('refuses every token in which anything was changed, and throws nothing but a refusal', async () => {
    const jwk = await testJwk('ES256')
    const find = await finder(jwk)
    const good = compact(jwk, payload)
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.string({ minLength: 0, maxLength: 2 }), async (at, inserted) => {
        const changed = good.slice(0, at) + inserted + good.slice(at + 1)
        fc.pre(changed !== good)
        expect(['token_malformed', 'token_signature_invalid']).toContain(await outcome(changed, find))
      }),
      { numRuns: 500 },
    )
  })
})
