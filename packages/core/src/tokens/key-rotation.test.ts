import { describe, expect, it } from 'vitest'
import { segment, testRing } from '../../test/support/keys.js'
import { grant, type TestNode, testNode } from '../../test/support/tokens.js'
import { memoryRevocationStore } from '../memory/revocation-store.js'
import { memorySigningKeyStore } from '../memory/signing-key-store.js'
import { utf8 } from '../shared/bytes.js'
import { systemClock } from '../shared/clock.js'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.js'

/** A clock that shows another wall time, as two machines do. */
function skewed(clock: VirtualClock, byMs: number): VirtualClock {
  return { ...clock, now: () => new Date(clock.now().getTime() + byMs) }
}

/** Nodes over one store whose rings were read at different times, and whose clocks differ by what is tolerated. */
async function fleet(clock: VirtualClock, skews: readonly number[]): Promise<TestNode[]> {
  const store = memorySigningKeyStore()
  const revocations = memoryRevocationStore()
  const nodes: TestNode[] = []
  for (const byMs of skews) {
    const own = skewed(clock, byMs)
    const ring = testRing({ source: { store }, clock: own })
    await ring.ready()
    nodes.push(
      testNode({ clock: own, ring, store: revocations, settings: { clockToleranceSeconds: 60, accessTtlSeconds: 3600 } }),
    )
    await clock.advance(19_000)
  }
  return nodes
}

describe('a rotation under traffic', () => {
  it.each([
    ['equal clocks', [0, 0, 0]],
    ['clocks a minute apart', [-30_000, 0, 30_000]],
  ])(
    'KM-03 F-32 F-30 refuses no token that should pass, on any of three nodes, with %s, and the old key afterwards',
    async (_, skews) => {
      const clock = virtualClock()
      const nodes = await fleet(clock, skews)
      const [first] = nodes as [TestNode, TestNode, TestNode]
      const old = await first.ring.active()
      const live: { token: string; until: number }[] = []
      const signers = new Set<string>()
      const refusals: string[] = []
      const stepMs = 17_000
      for (let ms = 0; ms < 3 * 3_600_000; ms += stepMs) {
        if (ms === 10 * stepMs) await first.ring.rotate()
        const issuing = nodes[(ms / stepMs) % nodes.length] as TestNode
        const { token } = await issuing.tokens.issue(grant)
        const { kid } = await issuing.ring.active()
        signers.add(kid)
        live.push({ token, until: clock.monotonicMs() + 3_600_000 - 61_000 })
        // Each node meets the newest token, the oldest that lives, and one in between.
        while ((live[0]?.until ?? Number.POSITIVE_INFINITY) < clock.monotonicMs()) live.shift()
        for (const node of nodes) {
          for (const met of [live.at(-1), live[0], live[live.length >> 1]]) {
            const outcome = met ? await node.outcome(met.token) : 'ok'
            if (outcome !== 'ok') refusals.push(`${ms / 1000} s: ${outcome}`)
          }
        }
        await clock.advance(stepMs)
      }
      expect(refusals).toEqual([])
      expect(signers.size).toBe(2)
      const fresh = await first.tokens.issue(grant)
      const input = `${segment({ alg: old.algorithm, kid: old.kid, typ: 'at+jwt' })}.${fresh.token.split('.')[1]}`
      const late = `${input}.${segment(await old.sign(utf8(input)))}`
      for (const node of nodes) {
        expect(await node.outcome(fresh.token)).toBe('ok')
        expect(await node.outcome(late)).toBe('token_signature_invalid')
        expect((await node.ring.jwks()).keys).toHaveLength(1)
      }
    },
  )

  it('KM-03 is met by who read the JWKS up to five minutes before the new key signs', async () => {
    const clock = virtualClock()
    const [here, there] = (await fleet(clock, [0, 0])) as [TestNode, TestNode]
    let cached = { readAt: clock.monotonicMs(), kids: (await there.ring.jwks()).keys.map(({ kid }) => kid) }
    await here.ring.rotate()
    for (let ms = 0; ms < 1_800_000; ms += 7000) {
      if (clock.monotonicMs() - cached.readAt >= 300_000)
        cached = { readAt: clock.monotonicMs(), kids: (await there.ring.jwks()).keys.map(({ kid }) => kid) }
      for (const node of [here, there]) expect(cached.kids).toContain((await node.ring.active()).kid)
      await clock.advance(7000)
    }
    expect((await there.ring.active()).kid).toBe((await here.ring.active()).kid)
  })

  it('F-32 at once, after a leak, refuses no token of the new key on any node', async () => {
    const clock = virtualClock()
    const nodes = await fleet(clock, [0, 0, 0])
    const [first] = nodes as [TestNode, TestNode, TestNode]
    const leaked = await first.tokens.issue(grant)
    const { kid } = await first.ring.active()
    await first.feed.announce({ kid })
    await first.ring.remove(kid)
    for (let round = 0; round < 10; round++) {
      for (const issuing of nodes) {
        await issuing.feed.ensureFresh()
        const { token } = await issuing.tokens.issue(grant)
        for (const node of nodes) expect(await node.outcome(token)).toBe('ok')
        for (const node of nodes) expect(await node.outcome(leaked.token)).not.toBe('ok')
      }
      await clock.advance(13_000)
    }
  })
})

it('keeps real time too: issue and verify on the system clock', async () => {
  const clock = { ...systemClock, advance: async () => undefined, setWallClock: () => undefined }
  const node = testNode({ clock, ring: testRing({ clock, algorithm: 'RS256' }) })
  const { token } = await node.tokens.issue(grant)
  expect(await node.outcome(token)).toBe('ok')
})
