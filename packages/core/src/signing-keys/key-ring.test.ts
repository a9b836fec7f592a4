import { describe, expect, it } from 'vitest'
import { testJwk, testRing } from '../../test/support/keys.js'
import { StoreError } from '../errors.js'
import { memorySigningKeyStore } from '../memory/signing-key-store.js'
import { randomId } from '../shared/random.js'
import { virtualClock } from '../testing/virtual-clock.js'
import type { SigningKeyStore } from './signing-key-store.js'

/** A store that counts its reads and can be down. */
function watchedStore(): SigningKeyStore & { reads: number; down: boolean } {
  const inner = memorySigningKeyStore()
  const store = {
    ...inner,
    reads: 0,
    down: false,
    async list() {
      store.reads++
      if (store.down) throw new Error('connection refused')
      return inner.list()
    },
  }
  return store
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('reading keys again', () => {
  it('happens about once a minute, once for all, and only when somebody needs them', async () => {
    const clock = virtualClock()
    const store = watchedStore()
    const ring = testRing({ source: { store }, clock })
    const { kid } = await ring.active()
    const start = store.reads
    await Promise.all(Array.from({ length: 50 }, () => ring.find(kid)))
    await clock.advance(59_999)
    await ring.ready()
    expect(store.reads).toBe(start)
    await clock.advance(1)
    await Promise.all(Array.from({ length: 50 }, () => ring.active()))
    expect(store.reads).toBe(start + 1)
    await clock.advance(86_400_000)
    expect(store.reads).toBe(start + 1)
  })

  it('does not hold up who verifies, but who signs or shows keys waits for the newest', async () => {
    const clock = virtualClock()
    const store = memorySigningKeyStore()
    const [here, there] = [testRing({ source: { store }, clock }), testRing({ source: { store }, clock })]
    const { kid } = await here.active()
    await there.ready()
    const urgent = await there.rotate({ immediately: true })
    await clock.advance(60_000)
    expect((await here.find(kid))?.kid).toBe(kid)
    expect((await here.active()).kid).toBe(urgent)
    const next = await there.rotate()
    await clock.advance(60_000)
    expect((await here.jwks()).keys.map((key) => key.kid)).toContain(next)
  })

  it('raises the version with every change of the set, and with nothing else', async () => {
    const clock = virtualClock()
    const ring = testRing({ clock })
    expect(ring.version).toBe(0)
    const { kid } = await ring.active()
    expect(ring.version).toBe(1)
    await clock.advance(60_000)
    await ring.active()
    expect(ring.version).toBe(1)
    await ring.rotate({ immediately: true })
    expect(ring.version).toBe(2)
    await ring.remove(kid)
    expect(ring.version).toBe(3)
  })
})

describe('a name that is not known', () => {
  it('A-26 F-51 costs reads within a ration, however many there are', async () => {
    const clock = virtualClock()
    const store = watchedStore()
    const ring = testRing({ source: { store }, clock })
    await ring.ready()
    const start = store.reads
    for (let i = 0; i < 10_000; i++) {
      expect(await ring.find(randomId())).toBeNull()
      if (i % 1000 === 999) await clock.advance(6000)
    }
    // A minute: five at once, then one every ten seconds, and one that was due.
    expect(store.reads - start).toBeLessThanOrEqual(12)
    expect(store.reads - start).toBeGreaterThanOrEqual(5)
  })

  it('A-26 costs one read where many ask at once', async () => {
    const store = watchedStore()
    const ring = testRing({ source: { store } })
    await ring.ready()
    const start = store.reads
    await Promise.all(Array.from({ length: 5 }, () => ring.find(randomId())))
    expect(store.reads - start).toBeLessThanOrEqual(2)
  })

  it.each(['', "' OR 1=1--", '../../etc/passwd', '__proto__', 'constructor', 'k'.repeat(65_536), 'Ä'.repeat(22)])(
    'JT-04 costs none where no key can have it: %j',
    async (kid) => {
      const store = watchedStore()
      const ring = testRing({ source: { store } })
      await ring.ready()
      const start = store.reads
      expect(await ring.find(kid)).toBeNull()
      expect(store.reads).toBe(start)
    },
  )

  it('is found where the key was made a moment ago, also while a read is under way that began before', async () => {
    const inner = memorySigningKeyStore()
    let release = (): void => undefined
    let hold: Promise<void> | undefined
    const store: SigningKeyStore = {
      ...inner,
      async list() {
        const rows = await inner.list()
        await hold
        return rows
      },
    }
    const ring = testRing({ source: { store } })
    const other = testRing({ source: { store: inner } })
    await ring.ready()
    hold = new Promise((resolve) => {
      release = resolve
    })
    const unknown = ring.find(randomId())
    await settle()
    const urgent = await other.rotate({ immediately: true })
    const found = ring.find(urgent)
    release()
    hold = undefined
    expect(await unknown).toBeNull()
    expect((await found)?.kid).toBe(urgent)
  })

  it('is not asked for where keys never change', async () => {
    const ring = testRing({ source: { keys: await testJwk('ES256') } })
    for (let i = 0; i < 100; i++) expect(await ring.find(randomId())).toBeNull()
    expect(ring.version).toBe(1)
  })
})

describe('a store that is down', () => {
  it('ER-02 is a StoreError before the ring was loaded, and forgotten when it is back', async () => {
    const store = watchedStore()
    store.down = true
    const ring = testRing({ source: { store } })
    for (const ask of [() => ring.ready(), () => ring.active(), () => ring.jwks(), () => ring.find('x')]) {
      await expect(ask()).rejects.toThrow(StoreError)
    }
    store.down = false
    await ring.ready()
  })

  it('F-33 leaves the loaded keys in force: ten minutes for signing, an hour for verifying, then none', async () => {
    const clock = virtualClock()
    const store = watchedStore()
    const ring = testRing({ source: { store }, clock })
    const { kid } = await ring.active()
    store.down = true
    await clock.advance(599_999)
    expect((await ring.active()).kid).toBe(kid)
    expect((await ring.jwks()).keys).toHaveLength(1)
    await clock.advance(1)
    await expect(ring.active()).rejects.toThrow(StoreError)
    await expect(ring.jwks()).rejects.toThrow(StoreError)
    expect((await ring.find(kid))?.kid).toBe(kid)
    await clock.advance(3_000_000 - 1)
    expect((await ring.find(kid))?.kid).toBe(kid)
    await clock.advance(1)
    await expect(ring.find(kid)).rejects.toThrow(StoreError)
    store.down = false
    expect((await ring.find(kid))?.kid).toBe(kid)
  })

  it('is asked again every few seconds, and not by every request', async () => {
    const clock = virtualClock()
    const store = watchedStore()
    const ring = testRing({ source: { store }, clock })
    await ring.ready()
    store.down = true
    await clock.advance(60_000)
    const start = store.reads
    for (let i = 0; i < 100; i++) {
      await ring.active()
      await clock.advance(100)
    }
    expect(store.reads - start).toBe(2)
    expect(ring.logged).toHaveLength(2)
  })

  it('F-05 that hangs is given up after two seconds', async () => {
    const clock = virtualClock()
    const store = { ...memorySigningKeyStore(), list: () => new Promise<never>(() => undefined) }
    const refused = expect(testRing({ source: { store }, clock }).ready()).rejects.toThrow(StoreError)
    await clock.advance(2000)
    await refused
  })

  it('is no reason to call a token forged whose key is not known: that is a StoreError', async () => {
    const store = watchedStore()
    const ring = testRing({ source: { store } })
    await ring.ready()
    store.down = true
    await expect(ring.find(randomId())).rejects.toThrow(StoreError)
  })
})
