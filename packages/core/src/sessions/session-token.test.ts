import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecrets } from '../shared/secrets.js'
import {
  createSessionSecret,
  digestSessionToken,
  formatSessionToken,
  openSuccessor,
  parseSessionToken,
  type SessionToken,
  sealSuccessor,
} from './session-token.js'

const secrets = createSecrets('9b1c-session-token-tests-4d7e2a60f3')
const token: SessionToken = {
  carrier: 'refresh',
  sessionId: '0b5e3bd0-6f5a-4a51-9c5e-2f1d7a3c9e11',
  generation: 7,
  secret: createSessionSecret(),
}

describe('session tokens', () => {
  it('RT-01 SE-01 carry 256 random bits in a fixed length, and read back', async () => {
    const text = await formatSessionToken(token, secrets)
    expect(text).toMatch(/^[A-Za-z0-9_-]{119}$/)
    expect(await parseSessionToken(text, 'refresh', secrets)).toEqual(token)
    const many = new Set(Array.from({ length: 10_000 }, () => Buffer.from(createSessionSecret()).toString('hex')))
    expect(many.size).toBe(10_000)
  })

  it('JT-12 a cookie is no refresh token, and a refresh token no cookie', async () => {
    const text = await formatSessionToken(token, secrets)
    expect(await parseSessionToken(text, 'cookie', secrets)).toBeNull()
  })

  it('refuses every change of one character, without asking a store', async () => {
    const text = await formatSessionToken(token, secrets)
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === 'A' ? 'B' : 'A'
      expect(await parseSessionToken(text.slice(0, i) + other + text.slice(i + 1), 'refresh', secrets)).toBeNull()
    }
  })

  it('refuses garbage and what another deployment issued', async () => {
    const foreign = await formatSessionToken(token, createSecrets('another-deployment-77aa41c09be2d35f'))
    expect(await parseSessionToken(foreign, 'refresh', secrets)).toBeNull()
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 130 }), async (text) => {
        expect(await parseSessionToken(text, 'refresh', secrets)).toBeNull()
      }),
    )
  })

  it('bind their digest to session and generation', async () => {
    const digest = await digestSessionToken(token)
    expect(await digestSessionToken({ ...token })).toBe(digest)
    expect(await digestSessionToken({ ...token, generation: 8 })).not.toBe(digest)
    expect(await digestSessionToken({ ...token, sessionId: token.sessionId.replace('0', '1') })).not.toBe(digest)
  })
})

describe('a sealed successor', () => {
  it('RT-04 opens with the presented token and with nothing else', async () => {
    const sealed = await sealSuccessor(token, 'the successor')
    expect(await openSuccessor(token, sealed)).toBe('the successor')
    expect(await openSuccessor({ ...token, secret: createSessionSecret() }, sealed)).toBeNull()
    expect(await openSuccessor({ ...token, generation: 6 }, sealed)).toBeNull()
    expect(await openSuccessor(token, `${sealed}AAAA`)).toBeNull()
    expect(await openSuccessor(token, 'not base64url!')).toBeNull()
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('successor')
  })
})
