import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { dictionary } from '@zxcvbn-ts/language-common'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { argon2id } from '../argon2/index.js'
import { AuthError, ConfigError } from '../errors.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { type BreachedPasswordChecker, createPasswordService, type PasswordDeps, type PasswordHasher } from './index.js'

/** A hasher that costs nothing and remembers what it was asked. */
function recordingHasher() {
  const calls: { method: 'hash' | 'verify'; password: string; hash?: string }[] = []
  const hasher: PasswordHasher = {
    async hash(password) {
      calls.push({ method: 'hash', password })
      return `hashed:${password}`
    },
    async verify(hash, password) {
      calls.push({ method: 'verify', password, hash })
      return hash === `hashed:${password}`
    },
    needsRehash: (hash) => !hash.startsWith('hashed:'),
  }
  return { hasher, calls }
}

function setUp(deps: Partial<PasswordDeps> = {}) {
  const { hasher, calls } = recordingHasher()
  return { calls, service: createPasswordService({ hasher, serviceName: 'acme', clock: virtualClock(), ...deps }) }
}

const options = { path: 'newPassword', context: ['alice', 'Alice Liddell'] }
const refusedFor = (code: string): object => ({
  code: 'validation_failed',
  details: { issues: [{ path: 'newPassword', code, message: expect.any(String) }] },
})

describe('createPasswordService', () => {
  it('PW-01 refuses fewer than 8 code points by default, counted neither in bytes nor in UTF-16 units', async () => {
    const { service, calls } = setUp()
    for (const short of ['', 'x9!k2Qz', '👍🦄🐙🌵🦚🐋🐝']) {
      await expect(service.checkNew(short, options)).rejects.toMatchObject(refusedFor('password_too_short'))
    }
    for (const enough of ['x9!k2Qzw', '👍🦄🐙🌵🦚🐋🐝🐢']) await service.checkNew(enough, options)
    expect(calls).toEqual([])
  })

  it('PW-01 refuses one code point below the configured minimum and accepts the minimum', async () => {
    const { service } = setUp({ minLength: 15 })
    await expect(service.checkNew('👍'.repeat(14), options)).rejects.toMatchObject(refusedFor('password_too_short'))
    await service.checkNew('👍'.repeat(15), options)
  })

  it.each([7, 0, -1, 8.5, 65, Number.NaN, Number.POSITIVE_INFINITY])(
    'PW-01 refuses to start with minLength %d',
    (minLength) => {
      expect(() => setUp({ minLength })).toThrow(ConfigError)
    },
  )

  it('names every wrong setting at once', () => {
    const paths = ['passwords.minLength', 'passwords.concurrency', 'passwords.queue']
    const problems = paths.map((path) => expect.objectContaining({ path }))
    expect(() => setUp({ minLength: 7, concurrency: 0, queue: -1 })).toThrow(expect.objectContaining({ problems }))
  })

  it('PW-02 accepts 64 code points of four bytes each, and 1,024 bytes', async () => {
    const { service } = setUp({ hasher: argon2id() })
    for (const password of ['🦄🐙🌵🦚'.repeat(16), 'xy'.repeat(512), '🦄🐙'.repeat(128)]) {
      await service.checkNew(password, options)
      const hash = await service.hash(password)
      expect(await service.verify(hash, password)).toBe(true)
      expect(await service.verify(hash, password.slice(0, -2))).toBe(false)
    }
  })

  it('PW-02 refuses 1,025 bytes and a megabyte before normalising or hashing it, new or presented', async () => {
    const { service, calls } = setUp()
    const normalize = vi.spyOn(String.prototype, 'normalize')
    try {
      for (const long of ['x'.repeat(1025), `${'🦄'.repeat(256)}x`, 'e\u0301'.repeat(342), '\u0301'.repeat(500_000)]) {
        await expect(service.checkNew(long, options)).rejects.toMatchObject(refusedFor('password_too_long'))
        await expect(service.hash(long)).rejects.toThrow(RangeError)
        expect(await service.verify(`hashed:${long}`, long)).toBe(false)
        expect(await service.verify(null, long)).toBe(false)
      }
      expect(normalize).not.toHaveBeenCalled()
      expect(calls).toEqual([])
    } finally {
      normalize.mockRestore()
    }
  })

  it('PW-04 PW-05 accepts any mix of code points, and verifies what it hashed', async () => {
    const { service } = setUp()
    const point = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code))
    const passwords = fc.oneof(
      fc.string({ unit: 'binary', minLength: 8, maxLength: 100 }),
      fc.string({ unit: 'grapheme', minLength: 8, maxLength: 50 }),
      fc.array(point, { minLength: 16, maxLength: 64 }).map((points) => points.join('')),
    )
    const listed = new Set(dictionary['passwords-common'])
    const uncommon = passwords.filter((password) => !listed.has(password.toLowerCase()))
    await fc.assert(
      fc.asyncProperty(uncommon, async (password) => {
        const refused = await service.checkNew(password, options).catch((error: unknown) => error)
        if (refused !== undefined) {
          // Hangul and marks may compose to fewer than eight; nothing else stands in the way.
          expect(refused).toMatchObject(refusedFor('password_too_short'))
          expect([...password.normalize('NFC')].length).toBeLessThan(8)
        }
        expect(await service.verify(await service.hash(password), password)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('PW-05 takes the two spellings of a character for one, and compatible ones for different', async () => {
    const { service } = setUp()
    const hash = await service.hash('caf\u00e9 cr\u00e8me')
    expect(await service.verify(hash, 'cafe\u0301 cre\u0300me')).toBe(true)
    expect(await service.hash('cafe\u0301 cre\u0300me')).toBe(hash)
    expect(await service.verify(await service.hash('ﬁne words 1'), 'fine words 1')).toBe(false)
    expect(await service.verify(await service.hash('ABCDEFGH'), 'abcdefgh')).toBe(false)
    await expect(service.checkNew('e\u0301'.repeat(7), options)).rejects.toMatchObject(refusedFor('password_too_short'))
  })

  it('PW-06 refuses common passwords, the service, the e-mail address and the name, but only for new ones', async () => {
    const { service } = setUp()
    for (const bad of ['password', 'PASSWORD', '12345678', 'acme-acme-acme-acme', 'alice!!!!', 'Liddell1!']) {
      await expect(service.checkNew(bad, options)).rejects.toMatchObject(refusedFor('password_blocked'))
      expect(await service.verify(await service.hash(bad), bad)).toBe(true)
    }
  })

  it('PW-07 refuses breached passwords and accepts all where the list is down, reporting why', async () => {
    const password = 'correct horse battery'
    const suffix = createHash('sha1').update(password).digest('hex').toUpperCase().slice(5)
    const causes: unknown[] = []
    const withRange = (range: BreachedPasswordChecker['range']) =>
      setUp({ breached: { range }, onBreachedUnavailable: (cause) => causes.push(cause) }).service
    const listing = withRange(async () => `${suffix}:3`)
    await expect(listing.checkNew(password, options)).rejects.toMatchObject(refusedFor('password_breached'))
    await listing.checkNew('incorrect horse battery', options)
    expect(causes).toEqual([])
    await withRange(() => Promise.reject(new Error('down'))).checkNew(password, options)
    expect(causes).toEqual([new Error('down')])
  })

  it('answers for no user with the same work, under the present parameters, and never true', async () => {
    const { service, calls } = setUp()
    expect(await service.verify(null, 'some password')).toBe(false)
    const [made, tested] = calls
    expect(made?.method).toBe('hash')
    expect(tested).toEqual({ method: 'verify', hash: `hashed:${made?.password}`, password: 'some password' })
    // Even whoever guessed what the dummy was made of is nobody.
    expect(await service.verify(null, made?.password ?? '')).toBe(false)
    expect(await service.verify('hashed:right password', 'right password')).toBe(true)
    expect(calls.map(({ method }) => method)).toEqual(['hash', 'verify', 'verify', 'verify'])
  })

  it('does the same first work for a known user as for an unknown one', async () => {
    const [known, unknown] = [setUp(), setUp()]
    await known.service.verify('hashed:another password', 'some password')
    await unknown.service.verify(null, 'some password')
    expect(known.calls.map(({ method }) => method)).toEqual(unknown.calls.map(({ method }) => method))
  })

  it('makes the dummy once however many ask at once, and again after a failure', async () => {
    const { hasher, calls } = recordingHasher()
    let isBroken = true
    const service = createPasswordService({
      hasher: { ...hasher, hash: (password) => (isBroken ? Promise.reject(new Error('no memory')) : hasher.hash(password)) },
      serviceName: 'acme',
      clock: virtualClock(),
    })
    await expect(service.verify(null, 'some password')).rejects.toThrow('no memory')
    isBroken = false
    await Promise.all(Array.from({ length: 20 }, () => service.verify(null, 'some password')))
    expect(calls.filter(({ method }) => method === 'hash')).toHaveLength(1)
    expect(calls.filter(({ method }) => method === 'verify')).toHaveLength(20)
  })

  it('takes a failing hasher for a failure, never for a match or a mismatch', async () => {
    const { hasher } = recordingHasher()
    const { service } = setUp({ hasher: { ...hasher, verify: () => Promise.reject(new Error('no memory')) } })
    await expect(service.verify('hashed:some password', 'some password')).rejects.toThrow('no memory')
    await expect(service.verify(null, 'some password')).rejects.toThrow('no memory')
  })

  it('PW-10 finds no match in any column, with the real hasher', async () => {
    const { service } = setUp({ hasher: argon2id() })
    for (const column of [
      null,
      '',
      '$2b$10$abc',
      '$argon2id$v=19$m=4194304,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    ]) {
      expect(await service.verify(column, 'some password')).toBe(false)
    }
  })

  it('PW-11 never works on more than two hashes at once and refuses beyond the queue', async () => {
    let running = 0
    let most = 0
    const ends: (() => void)[] = []
    const { hasher } = recordingHasher()
    const slow: PasswordHasher = {
      ...hasher,
      async hash(password) {
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => ends.push(resolve))
        running--
        return hasher.hash(password)
      },
    }
    const { service } = setUp({ hasher: slow })
    const all = Array.from({ length: 500 }, (_, i) => service.hash(`password ${i}`).catch((error: unknown) => error))
    for (let ended = 0; ended < 258; ended++) {
      await vi.waitUntil(() => ends.length > ended, { interval: 0, timeout: 60_000 })
      ends[ended]?.()
    }
    const refused = (await Promise.all(all)).filter((outcome) => outcome instanceof AuthError)
    expect(most).toBe(2)
    expect(refused).toHaveLength(500 - 258)
    expect(refused[0]).toMatchObject({ code: 'overloaded', details: { retryAfterSeconds: 1 } })
  })

  it('PW-12 repeats no password in a refusal', async () => {
    const [strict, plain] = [setUp({ minLength: 64 }).service, setUp().service]
    const refusals = [
      strict.checkNew('canary-Zx81', options),
      strict.checkNew('canary-Zx81'.repeat(200), options),
      plain.checkNew('canary!!', { path: 'password', context: ['canary'] }),
      plain.hash('canary-Zx81'.repeat(200)),
    ]
    for (const outcome of await Promise.allSettled(refusals)) {
      expect(outcome.status).toBe('rejected')
      expect(inspect(outcome, { depth: 10 })).not.toContain('canary')
    }
  })

  it('passes on what the hasher says of a hash', () => {
    const { service } = setUp()
    expect(service.needsRehash('hashed:x')).toBe(false)
    expect(service.needsRehash('older')).toBe(true)
  })
})
