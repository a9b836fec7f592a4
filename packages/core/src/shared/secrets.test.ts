import { describe, expect, it } from 'vitest'
import { ConfigError, StoreError } from '../errors.js'
import { concat, utf8 } from './bytes.js'
import { createSecrets, secretProblem } from './secrets.js'

const first = 'first-c0ffee-4f1d9a7be2c3584d6e-01'
const second = 'second-deadbf-b1946ac92492d2347c-02'
const message = utf8('message')

describe('secretProblem', () => {
  it.each([
    '',
    'secret',
    'changeme',
    'x'.repeat(31),
    'change-me-please-change-me-please',
    'SecretSecretSecretSecretSecretSecret',
    'a'.repeat(64),
    7,
    null,
  ])('KM-05 refuses %j', (secret) => {
    expect(secretProblem(secret)).not.toBeNull()
  })

  it('KM-05 never repeats the value', () => {
    expect(secretProblem('hunter2-hunter2')).not.toContain('hunter2')
  })

  it('counts bytes, not characters', () => {
    expect(secretProblem('äöüÄÖÜßéèêàç1234')).not.toBeNull()
    expect(secretProblem('äöüÄÖÜßéèêàç12345678')).toBeNull()
  })
})

describe('createSecrets', () => {
  it('KM-05 verifies under every accepted secret and signs with the first', async () => {
    const before = createSecrets(first)
    const both = createSecrets([second, first])
    const old = await before.tag('session-tag', message)
    expect(await both.verifyTag('session-tag', message, old)).toBe(true)
    const fresh = await both.tag('session-tag', message)
    expect(await createSecrets(second).verifyTag('session-tag', message, fresh)).toBe(true)
    expect(await before.verifyTag('session-tag', message, fresh)).toBe(false)
  })

  it('KM-05 keeps purposes apart: a tag of one is none of another', async () => {
    const secrets = createSecrets(first)
    const keyed = await secrets.tag('session-tag', message)
    expect(await secrets.verifyTag('session-tag', message, keyed)).toBe(true)
    expect(await secrets.verifyTag('device-mark', message, keyed)).toBe(false)
  })

  it('refuses a changed message, tag or key id', async () => {
    const secrets = createSecrets([first, second])
    const { keyId, tag } = await secrets.tag('session-tag', message)
    const flipped = tag.map((byte, index) => (index === 0 ? byte ^ 1 : byte))
    expect(await secrets.verifyTag('session-tag', utf8('messagE'), { keyId, tag })).toBe(false)
    expect(await secrets.verifyTag('session-tag', message, { keyId, tag: flipped })).toBe(false)
    expect(await secrets.verifyTag('session-tag', message, { keyId: keyId.map((byte) => byte ^ 1), tag })).toBe(false)
    const other = await createSecrets(second).tag('session-tag', message)
    expect(await secrets.verifyTag('session-tag', message, { keyId: other.keyId, tag })).toBe(false)
  })

  it('opens what it sealed only in the same context, and nothing that was touched', async () => {
    const secrets = createSecrets(first)
    const sealed = await secrets.seal('signing-key-seal', message, utf8('row 1'))
    expect(await secrets.open('signing-key-seal', sealed, utf8('row 1'))).toEqual(message)
    expect(await secrets.open('signing-key-seal', sealed, utf8('row 2'))).toBeNull()
    const [a, ...rest] = sealed
    expect(await secrets.open('signing-key-seal', [a === 'A' ? 'B' : 'A', ...rest].join(''), utf8('row 1'))).toBeNull()
    expect(await secrets.open('signing-key-seal', 'AAAA', utf8('row 1'))).toBeNull()
    expect(await createSecrets(second).open('signing-key-seal', sealed, utf8('row 1'))).toBeNull()
    expect(sealed).not.toContain(Buffer.from(concat(message)).toString('base64url'))
  })

  it('asks an async source again after it failed, and once after it answered', async () => {
    let asked = 0
    const secrets = createSecrets(async () => {
      asked++
      if (asked === 1) throw new Error('vault is sealed')
      return [first]
    })
    await expect(secrets.ready()).rejects.toThrow(StoreError)
    await Promise.all([secrets.ready(), secrets.ready(), secrets.tag('session-tag', message)])
    expect(asked).toBe(2)
  })

  it('CF-01 refuses what an async source gives when it is no good', async () => {
    await expect(createSecrets(async () => 'short').ready()).rejects.toThrow(ConfigError)
    await expect(createSecrets(async () => []).ready()).rejects.toThrow(ConfigError)
  })
})
