import { describe, expect, it } from 'vitest'
import { publicHalf, testJwk } from '../../test/support/keys.js'
import { outcomeOf } from '../../test/support/tokens.js'
import { loadVerificationKey, type VerificationKey } from '../signing-keys/index.js'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.js'
import type { VerifierKeys } from '../tokens/index.js'
import { createRemoteKeys } from './remote-keys.js'

interface Scene {
  readonly clock: VirtualClock
  readonly keys: VerifierKeys
  readonly failures: unknown[]
  reads(): number
  /** What the issuer publishes; `null` where it is down. */
  publish(...kids: readonly string[]): void
  goDown(): void
}

const maxAgeMs = 300_000
const keepMs = 3_600_000

async function keyNamed(kid: string): Promise<VerificationKey> {
  return loadVerificationKey({ ...publicHalf(await testJwk('ES256')), kid })
}

function scene(): Scene {
  const clock = virtualClock()
  const failures: unknown[] = []
  let kids: readonly string[] | null = ['a']
  let reads = 0
  const read = async (): Promise<{ keys: VerificationKey[]; maxAgeMs: number }> => {
    reads++
    await Promise.resolve()
    if (!kids) throw new Error('down')
    return { keys: await Promise.all(kids.map(keyNamed)), maxAgeMs }
  }
  const keys = createRemoteKeys({ read, clock, keepMs, onFailure: (error) => failures.push(error) })
  return {
    clock,
    keys,
    failures,
    reads: () => reads,
    publish: (...names) => {
      kids = names
    },
    goDown: () => {
      kids = null
    },
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

describe('the keys of an issuer', () => {
  it('are read once for all who ask at the same time, and not again while they are new', async () => {
    const { keys, clock, reads } = scene()
    const found = await Promise.all(Array.from({ length: 1000 }, () => keys.find('a')))
    expect([new Set(found).size, found[0]?.kid, reads()]).toEqual([1, 'a', 1])
    await clock.advance(maxAgeMs - 1)
    expect([(await keys.find('a'))?.kid, reads()]).toEqual(['a', 1])
  })

  it('are renewed behind the callers when they are old, and before the answer once nobody asked for as long again', async () => {
    const { keys, clock, reads, publish } = scene()
    await keys.ready()
    publish('b')
    await clock.advance(maxAgeMs)
    expect([(await keys.find('a'))?.kid, reads()]).toEqual(['a', 2])
    await expect.poll(() => keys.find('a')).toBeNull()
    expect((await keys.find('b'))?.kid).toBe('b')
    publish('c')
    await clock.advance(2 * maxAgeMs)
    expect(await keys.find('b')).toBeNull()
  })

  it('KM-04 A-26 cost a bounded number of reads however many unknown names come: 10,000 in a minute', async () => {
    const { keys, clock, reads } = scene()
    await keys.ready()
    for (let second = 0; second < 60; second++) {
      const names = Array.from({ length: 167 }, (_, i) => `made-up-${second}-${i}`)
      expect(new Set(await Promise.all(names.map((name) => keys.find(name))))).toEqual(new Set([null]))
      await clock.advance(1000)
    }
    expect(reads()).toBeGreaterThan(1)
    expect(reads()).toBeLessThanOrEqual(1 + 3 + 3)
  })

  it('KM-04 refuse nobody for a key that signs before anybody could know it: all who come with it wait for one read', async () => {
    const { keys, reads, publish } = scene()
    await keys.ready()
    publish('a', 'b')
    const found = await Promise.all(Array.from({ length: 1000 }, () => keys.find('b')))
    expect([found.filter((key) => key?.kid === 'b').length, reads()]).toEqual([1000, 2])
  })

  it('KM-04 serve while the issuer is down, for as long as they are kept and not longer, and are there again when it is', async () => {
    const { keys, clock, failures, goDown, publish } = scene()
    await keys.ready()
    goDown()
    for (let ms = 60_000; ms < keepMs; ms += 60_000) {
      await clock.advance(60_000)
      expect((await keys.find('a'))?.kid).toBe('a')
      await tick()
    }
    await clock.advance(59_999)
    expect((await keys.find('a'))?.kid).toBe('a')
    await clock.advance(1)
    await tick()
    expect(await outcomeOf(keys.find('a'))).toBe('StoreError')
    expect(await outcomeOf(keys.ready())).toBe('StoreError')
    expect(failures.length).toBeGreaterThan(10)
    publish('a')
    await clock.advance(5000)
    expect((await keys.find('a'))?.kid).toBe('a')
  })

  it('KM-04 are asked for at most every five seconds while the issuer is down, by however many callers', async () => {
    const { keys, clock, reads, goDown } = scene()
    goDown()
    for (let second = 0; second < 60; second++) {
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(keys.find('a'))))
      expect(new Set(outcomes)).toEqual(new Set(['StoreError']))
      await clock.advance(1000)
    }
    expect(reads()).toBeLessThanOrEqual(13)
  })

  it('say of an unknown name that it cannot be looked up, and not that there is none, while the issuer is down', async () => {
    const { keys, clock, goDown } = scene()
    await keys.ready()
    goDown()
    expect(await outcomeOf(keys.find('b'))).toBe('StoreError')
    expect(await outcomeOf(keys.find('b'))).toBe('StoreError')
    await clock.advance(maxAgeMs + 60_000)
    expect(await outcomeOf(keys.find('b'))).toBe('StoreError')
    expect((await keys.find('a'))?.kid).toBe('a')
  })

  it('let nobody wait for an issuer that is known to be down while there are old ones', async () => {
    const clock = virtualClock()
    let hangs = false
    const read = async (): Promise<{ keys: VerificationKey[]; maxAgeMs: number }> => {
      if (hangs) await clock.wait(5000).then(() => Promise.reject(new Error('no answer')))
      return { keys: [await keyNamed('a')], maxAgeMs }
    }
    const keys = createRemoteKeys({ read, clock, keepMs, onFailure: () => undefined })
    await keys.ready()
    hangs = true
    await clock.advance(maxAgeMs)
    await keys.find('a')
    await clock.advance(5000)
    await tick()
    // Three times as old as they may be, and a read that hangs: known to fail, so nobody waits for it.
    await clock.advance(2 * maxAgeMs)
    expect((await keys.find('a'))?.kid).toBe('a')
  })

  it('JT-16 are another set when a key goes, comes, or takes the name of another, and the same when nothing changes', async () => {
    const clock = virtualClock()
    const [first, second] = await Promise.all([testJwk('ES256'), testJwk('EdDSA')])
    let published = [await loadVerificationKey(publicHalf(first))]
    const read = async (): Promise<{ keys: VerificationKey[]; maxAgeMs: number }> => ({ keys: published, maxAgeMs })
    const keys = createRemoteKeys({ read, clock, keepMs, onFailure: () => undefined })
    const versionAfter = async (): Promise<number> => {
      await clock.advance(2 * maxAgeMs)
      await keys.ready()
      return keys.version
    }
    expect([await versionAfter(), await versionAfter()]).toEqual([1, 1])
    published = [await loadVerificationKey({ ...publicHalf(second), kid: first.kid })]
    expect(await versionAfter()).toBe(2)
    published = [...published, await loadVerificationKey({ ...publicHalf(first), kid: 'new' })]
    expect(await versionAfter()).toBe(3)
    published = published.slice(0, 1)
    expect(await versionAfter()).toBe(4)
  })
})
