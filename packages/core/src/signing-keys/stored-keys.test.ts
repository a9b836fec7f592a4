import { describe, expect, it } from 'vitest'
import { algorithms, secretText, testJwk, testRing } from '../../test/support/keys.js'
import { type AuditEvent, createAuditRecorder } from '../audit/index.js'
import { StoreError } from '../errors.js'
import { memorySigningKeyStore } from '../memory/signing-key-store.js'
import { base64url, utf8 } from '../shared/bytes.js'
import { createSecrets } from '../shared/secrets.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { publishSeconds, retireSeconds } from './key-phases.js'
import type { KeyRing } from './key-ring.js'
import type { SigningKeyRecord, SigningKeyStore } from './signing-key-store.js'

const otherSecret = 'second-deadbf-b1946ac92492d2347c-0099'
const input = utf8('input')

/** A store whose rows a test may write as somebody with access to the database would. */
function openStore(rows: SigningKeyRecord[] = []): SigningKeyStore & { rows: SigningKeyRecord[]; lists: number } {
  const store = {
    rows,
    lists: 0,
    deployment: null,
    async list() {
      store.lists++
      return structuredClone([...store.rows].sort((a, b) => a.ordinal - b.ordinal))
    },
    async insert(key: SigningKeyRecord) {
      if (store.rows.some(({ kid, ordinal }) => kid === key.kid || ordinal === key.ordinal)) return false
      store.rows.push(structuredClone(key))
      return true
    },
    async swap(fromTag: string, key: SigningKeyRecord) {
      const at = store.rows.findIndex(({ kid, tag }) => kid === key.kid && tag === fromTag)
      if (at >= 0) store.rows[at] = structuredClone(key)
      return at >= 0
    },
    async delete(kid: string) {
      const before = store.rows.length
      store.rows = store.rows.filter((row) => row.kid !== kid)
      return store.rows.length < before
    },
  }
  return store
}

const works = async (signing: KeyRing, verifying: KeyRing): Promise<boolean> => {
  const active = await signing.active()
  const key = await verifying.find(active.kid)
  return key !== null && key.algorithm === active.algorithm && key.verify(input, await active.sign(input))
}

describe('keys in a store', () => {
  it.each(algorithms)('are made on first need for %s, and are the same for every process', async (algorithm) => {
    const store = openStore()
    const rings = [testRing({ source: { store }, algorithm }), testRing({ source: { store }, algorithm })] as const
    expect(await works(rings[0], rings[1])).toBe(true)
    expect(await works(rings[1], rings[0])).toBe(true)
    expect(store.rows.map(({ ordinal }) => ordinal)).toEqual([1])
    expect((await rings[1].jwks()).keys).toHaveLength(algorithm === 'HS256' ? 0 : 1)
  })

  it('are one key where N processes start at once over an empty store', async () => {
    for (let round = 0; round < 20; round++) {
      const store = memorySigningKeyStore()
      const rings = Array.from({ length: 8 }, () => testRing({ source: { store } }))
      const kids = await Promise.all(rings.map(async (ring) => (await ring.active()).kid))
      expect(new Set(kids).size).toBe(1)
      expect(await store.list()).toHaveLength(1)
    }
  })

  it('are one key where clocks differ: a process that is behind makes no other', async () => {
    const store = openStore()
    const ahead = virtualClock(new Date('2026-01-01T00:01:55Z'))
    const behind = virtualClock(new Date('2026-01-01T00:00:00Z'))
    const first = testRing({ source: { store }, clock: ahead })
    await first.ready()
    const second = testRing({ source: { store }, clock: behind })
    expect(await works(second, first)).toBe(true)
    expect(store.rows).toHaveLength(1)
  })

  it('hold no private key in the open, and nothing that opens without the secret', async () => {
    const store = openStore()
    await testRing({ source: { store } }).ready()
    const [row] = store.rows
    const text = JSON.stringify(row)
    expect(text).not.toMatch(/"d\\?"/)
    expect(row?.publicJwk).not.toBeNull()
    const secrets = createSecrets(otherSecret)
    expect(await secrets.open('signing-key-seal', row?.sealedPrivateJwk ?? '', utf8(''))).toBeNull()
  })

  it('record who they are and when they end', async () => {
    const events: AuditEvent[] = []
    const write = (event: AuditEvent): void => void events.push(event)
    const audit = createAuditRecorder({ clock: virtualClock(), sinks: [{ write }] })
    const ring = testRing({ audit })
    const { kid } = await ring.active()
    await ring.remove(kid)
    const { kid: successor } = await ring.active()
    expect(events.map(({ type, subject }) => [type, subject])).toEqual([
      ['signing_key.created', kid],
      ['signing_key.created', successor],
      ['signing_key.revoked', kid],
    ])
  })
})

describe('a row that somebody wrote into the database', () => {
  const changes: Record<string, (row: SigningKeyRecord, other: SigningKeyRecord) => Partial<SigningKeyRecord>> = {
    kid: () => ({ kid: 'A'.repeat(22) }),
    ordinal: () => ({ ordinal: 99 }),
    algorithm: () => ({ algorithm: 'RS256' }),
    'public key': (_, other) => ({ publicJwk: other.publicJwk }),
    'absent public key': () => ({ publicJwk: null }),
    'private key': (_, other) => ({ sealedPrivateJwk: other.sealedPrivateJwk }),
    'time of creation': (row) => ({ createdAt: new Date(row.createdAt.getTime() + 1) }),
    'time of activation': (row) => ({ activeFrom: new Date(row.activeFrom.getTime() + 1) }),
    'invalid time': () => ({ activeFrom: new Date(Number.NaN) }),
    tag: (row) => ({ tag: row.tag.replace(/^./, (char) => (char === 'A' ? 'B' : 'A')) }),
    'tag of another': (_, other) => ({ tag: other.tag }),
    'empty tag': () => ({ tag: '' }),
    'tag that is no base64url': () => ({ tag: '=' }),
  }

  it.each(Object.entries(changes))(
    'is ignored and reported with another %s, and takes nothing with it',
    async (_, change) => {
      const store = openStore()
      const ring = testRing({ source: { store } })
      const { kid } = await ring.active()
      const other = openStore()
      await testRing({ source: { store: other } }).ready()
      const [row, foreign] = [store.rows[0] as SigningKeyRecord, other.rows[0] as SigningKeyRecord]
      store.rows = [{ ...row, ...change(row, foreign) }]

      const node = testRing({ source: { store } })
      const active = await node.active()
      expect(active.kid).not.toBe(kid)
      expect(await node.find(kid)).toBeNull()
      expect((await node.jwks()).keys.map((key) => key.kid)).toEqual([active.kid])
      expect(node.logged).toEqual([expect.objectContaining({ message: expect.stringContaining('altered') })])
    },
  )

  it('KM-02 plants no key, whatever it claims: not its own, not one sealed under another secret', async () => {
    const store = openStore()
    const ring = testRing({ source: { store } })
    const { kid } = await ring.active()
    const jwk = await testJwk('ES256', 'B'.repeat(22))
    const { d: _, ...publicJwk } = jwk
    const planted: SigningKeyRecord = {
      kid: jwk.kid,
      ordinal: 2 ** 31 - 1,
      algorithm: 'ES256',
      publicJwk: JSON.stringify(publicJwk),
      sealedPrivateJwk: base64url(utf8(JSON.stringify(jwk))),
      createdAt: new Date(0),
      activeFrom: new Date(0),
      tag: base64url(new Uint8Array(36)),
    }
    const foreign = openStore()
    await testRing({ source: { store: foreign }, secrets: createSecrets(otherSecret) }).ready()
    store.rows.push(planted, { ...(foreign.rows[0] as SigningKeyRecord), ordinal: 7 })
    const node = testRing({ source: { store } })
    expect((await node.active()).kid).toBe(kid)
    expect(await node.find(jwk.kid)).toBeNull()
    expect(await node.rotate({ immediately: true })).toBe((await node.active()).kid)
    expect(store.rows.map(({ ordinal }) => ordinal)).toContain(2)
    expect(node.logged.filter(({ message }) => message.includes('altered'))).toHaveLength(2)
  })

  it('is reported once, not at every read', async () => {
    const clock = virtualClock()
    const store = openStore()
    const ring = testRing({ source: { store }, clock })
    await ring.ready()
    store.rows.push({ ...(store.rows[0] as SigningKeyRecord), kid: 'C'.repeat(22), ordinal: 2 })
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(60_000)
      await ring.active()
    }
    expect(ring.logged).toHaveLength(1)
  })

  it('brings no removed key back to life: a copy of its row never signs again, and soon verifies nothing', async () => {
    const clock = virtualClock()
    const store = openStore()
    const ring = testRing({ source: { store }, clock })
    const { kid } = await ring.active()
    const waiting = await ring.rotate()
    const copies = structuredClone(store.rows)
    await ring.remove(waiting)
    await ring.remove(kid)
    store.rows.push(...copies)
    await clock.advance(60_000)
    expect([kid, waiting]).not.toContain((await ring.active()).kid)
    await clock.advance((publishSeconds + retireSeconds) * 1000)
    const { keys } = await ring.jwks()
    expect([kid, waiting]).not.toContain((await ring.active()).kid)
    expect(keys.map((key) => key.kid)).toEqual([(await ring.active()).kid])
  })
})

describe('rotate', () => {
  it('KM-03 publishes the next key, signs with it later, and keeps the one before it for as long as tokens live', async () => {
    const clock = virtualClock()
    const ring = testRing({ clock })
    const { kid: first } = await ring.active()
    const second = await ring.rotate()
    expect((await ring.jwks()).keys.map(({ kid }) => kid)).toEqual([first, second])
    expect((await ring.active()).kid).toBe(first)
    await clock.advance(publishSeconds * 1000 - 1)
    expect((await ring.active()).kid).toBe(first)
    await clock.advance(1)
    expect((await ring.active()).kid).toBe(second)
    await clock.advance(retireSeconds * 1000 - 1)
    expect((await ring.find(first))?.kid).toBe(first)
    await clock.advance(1)
    expect(await ring.find(first)).toBeNull()
    expect((await ring.jwks()).keys.map(({ kid }) => kid)).toEqual([second])
  })

  it('answers the key that waits already, so that a schedule on every node makes one', async () => {
    const store = memorySigningKeyStore()
    const rings = Array.from({ length: 6 }, () => testRing({ source: { store } }))
    await Promise.all(rings.map((ring) => ring.ready()))
    const kids = await Promise.all(rings.map((ring) => ring.rotate()))
    expect(new Set(kids).size).toBe(1)
    expect(await store.list()).toHaveLength(2)
  })

  it('at once makes one key of N that are asked for together, and it signs everywhere', async () => {
    for (let round = 0; round < 10; round++) {
      const clock = virtualClock()
      const store = memorySigningKeyStore()
      const rings = Array.from({ length: 4 }, () => testRing({ source: { store }, clock }))
      await Promise.all(rings.map((ring) => ring.ready()))
      const kids = await Promise.all(rings.map((ring) => ring.rotate({ immediately: true })))
      expect(new Set(kids).size).toBe(1)
      for (const ring of rings) expect((await ring.active()).kid).toBe(kids[0])
    }
  })

  it('at once overtakes a key that waits', async () => {
    const clock = virtualClock()
    const ring = testRing({ clock })
    const waiting = await ring.rotate()
    const urgent = await ring.rotate({ immediately: true })
    expect(urgent).not.toBe(waiting)
    await clock.advance(2 * publishSeconds * 1000)
    expect((await ring.active()).kid).toBe(urgent)
  })

  it('moves to another algorithm, and says so while it is due', async () => {
    const clock = virtualClock()
    const store = memorySigningKeyStore()
    await testRing({ source: { store }, clock, algorithm: 'ES256' }).ready()
    const ring = testRing({ source: { store }, clock, algorithm: 'EdDSA' })
    expect((await ring.active()).algorithm).toBe('ES256')
    expect(ring.logged.map(({ message }) => message)).toEqual([expect.stringContaining('rotate() makes one for EdDSA')])
    await ring.rotate()
    await clock.advance(publishSeconds * 1000)
    expect((await ring.active()).algorithm).toBe('EdDSA')
  })

  it('KM-02 never mixes shared secrets with key pairs: another family is another set', async () => {
    const store = openStore()
    const pairs = testRing({ source: { store }, algorithm: 'ES256' })
    const { kid } = await pairs.active()
    const shared = testRing({ source: { store }, algorithm: 'HS256' })
    expect((await shared.active()).algorithm).toBe('HS256')
    expect(await shared.find(kid)).toBeNull()
    expect(await shared.jwks()).toEqual({ keys: [] })
    const again = testRing({ source: { store }, algorithm: 'ES256' })
    expect((await again.active()).kid).toBe(kid)
    expect(store.rows).toHaveLength(2)
  })
})

describe('remove', () => {
  it('A-26 ends a key everywhere, with another in its place where it signed', async () => {
    const clock = virtualClock()
    const store = memorySigningKeyStore()
    const [here, there] = [testRing({ source: { store }, clock }), testRing({ source: { store }, clock })]
    const { kid } = await here.active()
    await there.ready()
    expect(await here.remove(kid)).toBe(true)
    expect(await here.find(kid)).toBeNull()
    expect((await here.active()).kid).not.toBe(kid)
    expect(await works(here, there)).toBe(true)
    await clock.advance(60_000)
    expect((await there.active()).kid).toBe((await here.active()).kid)
    expect(await there.find(kid)).toBeNull()
    expect(await here.remove(kid)).toBe(false)
  })

  it('raises no older key from the dead', async () => {
    const clock = virtualClock()
    const ring = testRing({ clock })
    const { kid: first } = await ring.active()
    const second = await ring.rotate({ immediately: true })
    await clock.advance(1000)
    const third = await ring.rotate()
    await ring.remove(second)
    expect([first, second, third]).not.toContain((await ring.active()).kid)
  })

  it('has the key replaced by whoever would sign with it, where the remover died half way', async () => {
    const store = memorySigningKeyStore()
    const rings = Array.from({ length: 4 }, () => testRing({ source: { store } }))
    const leaked = (await rings[0]?.active())?.kid
    const kids = await Promise.all(rings.map(async (ring) => (await ring.active((kid) => kid === leaked)).kid))
    expect(new Set(kids).size).toBe(1)
    expect(kids).not.toContain(leaked)
    expect(await store.list()).toHaveLength(2)
  })
})

describe('reseal', () => {
  it('moves every row to the secret in use, after which the old one can go', async () => {
    const store = memorySigningKeyStore()
    const before = testRing({ source: { store } })
    const { kid } = await before.active()
    await before.rotate()
    const both = testRing({ source: { store }, secrets: createSecrets([otherSecret, secretText]) })
    expect((await both.active()).kid).toBe(kid)
    expect(await both.reseal()).toBe(2)
    expect(await both.reseal()).toBe(0)
    const after = testRing({ source: { store }, secrets: createSecrets(otherSecret) })
    expect((await after.active()).kid).toBe(kid)
    expect(await works(after, both)).toBe(true)
    expect(after.logged).toEqual([])
  })

  it('is done once where several do it at once, and opens no other set of keys', async () => {
    const store = memorySigningKeyStore()
    await testRing({ source: { store } }).ready()
    const rings = Array.from({ length: 4 }, () =>
      testRing({ source: { store }, secrets: createSecrets([otherSecret, secretText]) }),
    )
    await Promise.all(rings.map((ring) => ring.ready()))
    const changed = await Promise.all(rings.map((ring) => ring.reseal()))
    expect(changed.reduce((a, b) => a + b)).toBe(1)
    expect(rings.map(({ version }) => version)).toEqual([1, 1, 1, 1])
  })

  it('is no way around a secret that was dropped: a new key takes the place of what cannot be opened', async () => {
    const store = memorySigningKeyStore()
    const { kid } = await testRing({ source: { store } }).active()
    const after = testRing({ source: { store }, secrets: createSecrets(otherSecret) })
    expect((await after.active()).kid).not.toBe(kid)
    expect(await after.find(kid)).toBeNull()
    expect(await after.reseal()).toBe(0)
  })
})

describe('maintain', () => {
  it('removes keys a day after they are gone, and none before', async () => {
    const clock = virtualClock()
    const store = memorySigningKeyStore()
    const ring = testRing({ source: { store }, clock })
    await ring.ready()
    const second = await ring.rotate({ immediately: true })
    await clock.advance((retireSeconds + 86_400) * 1000 - 1)
    expect(await ring.maintain()).toBe(0)
    await clock.advance(1)
    expect(await ring.maintain()).toBe(1)
    expect((await store.list()).map(({ kid }) => kid)).toEqual([second])
    expect(await ring.maintain()).toBe(0)
  })
})

describe('a store that does not keep its word', () => {
  it('F-50 is a StoreError where it shows nothing of what was put there, after a bounded number of tries', async () => {
    let inserts = 0
    const store: SigningKeyStore = {
      ...memorySigningKeyStore(),
      list: async () => [],
      insert: async () => {
        inserts++
        return true
      },
    }
    await expect(testRing({ source: { store } }).ready()).rejects.toThrow(StoreError)
    expect(inserts).toBeLessThan(10)
  })

  it('F-07 is used as it is where an insert was written, but its answer was lost', async () => {
    const inner = memorySigningKeyStore()
    let lost = false
    const store: SigningKeyStore = {
      ...inner,
      async insert(key) {
        await inner.insert(key)
        if (lost) return true
        lost = true
        throw new Error('connection reset')
      },
    }
    const ring = testRing({ source: { store } })
    await expect(ring.ready()).rejects.toThrow(StoreError)
    await ring.ready()
    expect(await inner.list()).toHaveLength(1)
  })
})
