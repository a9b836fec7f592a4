import { expect, it } from 'vitest'
import { testRing } from '../../test/support/keys.js'
import { type SecondService, secondService } from '../../test/support/remote-issuer.js'
import { grant, outcomeOf, testNode } from '../../test/support/tokens.js'
import { virtualClock } from '../testing/virtual-clock.js'

const hourMs = 3_600_000
const stepMs = 23_000

/** Verifiers that began at different times; the last one meets a token only now and then. */
async function services(node: ReturnType<typeof testNode>): Promise<SecondService[]> {
  const made: SecondService[] = []
  for (let i = 0; i < 3; i++) {
    const service = secondService(node)
    await service.verifier.ready()
    made.push(service)
    await node.clock.advance(97_000)
  }
  return made
}

it.each([
  ['with an issuer that always answers', []],
  ['with an issuer that is down for ten minutes when the new key comes, and again when it signs', [0.5, 0.75]],
])('KM-03 KM-04 F-32 a rotation costs no good token a 401 at any verifier, %s', async (_, downAt: readonly number[]) => {
  const clock = virtualClock()
  const node = testNode({ clock, ring: testRing({ clock }), settings: { accessTtlSeconds: 3600 } })
  const all = await services(node)
  const old = await node.ring.active()
  const kept = await node.tokens.issue(grant)
  const live: { token: string; until: number }[] = []
  const signers = new Set<string>()
  const refusals: string[] = []
  let verified = 0
  let unavailable = 0
  for (let ms = 0; ms < 3 * hourMs; ms += stepMs) {
    const isDown = downAt.some((hours) => ms >= hours * hourMs && ms < hours * hourMs + 600_000)
    for (const { remote } of all) remote.answer(isDown ? () => Promise.reject(new TypeError('fetch failed')) : null)
    if (ms === 78 * stepMs) await node.ring.rotate()
    const { token } = await node.tokens.issue(grant)
    signers.add((await node.ring.active()).kid)
    live.push({ token, until: clock.monotonicMs() + hourMs })
    while ((live[0]?.until ?? Number.POSITIVE_INFINITY) <= clock.monotonicMs()) live.shift()
    for (const [i, { verifier }] of all.entries()) {
      if (i === 2 && (ms / stepMs) % 60 !== 0) continue
      for (const met of [live.at(-1), live[0], live[live.length >> 1]]) {
        const outcome = met ? await outcomeOf(verifier.verify(met.token)) : 'ok'
        verified++
        if (outcome === 'StoreError') unavailable++
        else if (outcome !== 'ok') refusals.push(`${ms / 1000} s: ${outcome}`)
      }
    }
    await clock.advance(stepMs)
    await new Promise(setImmediate)
  }
  expect(refusals).toEqual([])
  expect(signers.size).toBe(2)
  expect(verified).toBeGreaterThan(2500)
  // A key that came and signed while the issuer could not be asked is not known to be bad.
  expect(unavailable).toBeLessThan(downAt.length === 0 ? 1 : 200)
  // Over for the verifiers too, whatever its tokens say of their own end.
  for (const { verifier } of all) {
    await outcomeOf(verifier.verify(live.at(-1)?.token ?? ''))
    expect(await outcomeOf(verifier.verify(kept.token))).toMatch(/^token_/)
  }
  expect((await node.ring.jwks()).keys.map(({ kid }) => kid)).not.toContain(old.kid)
})

it('F-32 a key that signs at once, after a leak, costs no good token a 401, however many come with it', async () => {
  const clock = virtualClock()
  const node = testNode({ clock, ring: testRing({ clock }) })
  const all = await services(node)
  const leaked = await node.tokens.issue(grant)
  for (const { verifier } of all) expect(await outcomeOf(verifier.verify(leaked.token))).toBe('ok')
  await node.ring.remove((await node.ring.active()).kid)
  const fresh = await Promise.all(Array.from({ length: 200 }, () => node.tokens.issue(grant)))
  for (const { verifier } of all) {
    const outcomes = await Promise.all(fresh.map(({ token }) => outcomeOf(verifier.verify(token))))
    expect(new Set(outcomes)).toEqual(new Set(['ok']))
    // Whoever met a token of the new key has the new set, in which the leaked one is not.
    expect(await outcomeOf(verifier.verify(leaked.token))).toBe('token_signature_invalid')
  }
})
