import type { ApiKeyStore } from '../../api-keys/index.js'
import { later } from '../../shared/duration.js'
import { apiKeyRecord, apiKeyRotationOf } from './api-key-samples.js'
import { expectEqual } from './expectations.js'
import { afterMs, countOf, eras, present, range, uniqueText, uniqueUuid } from './samples.js'
import type { StoreSuite } from './store-suite.js'

/** Tests of `ApiKeyStore.rotate`. */
export function itRotatesKeys(suite: StoreSuite<ApiKeyStore>): void {
  itReplacesKeys(suite)
  itRefusesToRotate(suite)
  itRotatesOnce(suite)
}

function itReplacesKeys({ it, store }: StoreSuite<ApiKeyStore>): void {
  it('rotate: adds the successor and shortens the old key’s life, never lengthens it', async () => {
    for (const expiresAt of [null, later(present, 9000), later(present, 61)]) {
      const key = apiKeyRecord({ expiresAt })
      await store.insert(key)
      const rotation = apiKeyRotationOf(key)
      const sooner = expiresAt && expiresAt < rotation.validUntil ? expiresAt : rotation.validUntil
      expectEqual(await store.rotate(rotation), 'rotated', 'rotate of a live key answers rotated')
      const expected = { ...key, expiresAt: sooner, replacedBy: rotation.successor.id }
      expectEqual(await store.find(key.id), expected, 'the old key stays valid until the sooner of both ends')
      expectEqual(await store.find(rotation.successor.id), rotation.successor, 'the successor is stored as it was given')
    }
  })
}

function itRefusesToRotate({ it, store }: StoreSuite<ApiKeyStore>): void {
  it('ST-06 rotate: says why it refuses, by the `now` passed in, and changes nothing', async () => {
    for (const era of [present, ...eras]) {
      const key = apiKeyRecord({ createdAt: era, expiresAt: later(era, 60) })
      const ended = apiKeyRecord({ createdAt: era, revokedAt: era })
      const replaced = apiKeyRecord({ createdAt: era, replacedBy: uniqueText('key') })
      for (const given of [key, ended, replaced]) await store.insert(given)
      const refused = [
        [apiKeyRotationOf(key), 'expired'],
        [apiKeyRotationOf(ended), 'revoked'],
        [apiKeyRotationOf(replaced), 'replaced'],
        [apiKeyRotationOf(key, { userId: uniqueUuid() }), 'absent'],
        [apiKeyRotationOf(apiKeyRecord({ createdAt: era })), 'absent'],
      ] as const
      for (const [rotation, outcome] of refused) {
        expectEqual(await store.rotate(rotation), outcome, `rotate answers ${outcome}`)
        expectEqual(await store.find(rotation.successor.id), null, 'a refused rotation adds no successor')
      }
      const kept = [await store.find(key.id), await store.find(ended.id), await store.find(replaced.id)]
      expectEqual(kept, [key, ended, replaced], 'a refused rotation changes nothing')
      const inTime = apiKeyRotationOf(key, { now: afterMs(later(era, 60), -1) })
      expectEqual(await store.rotate(inTime), 'rotated', 'a key that has not expired at `now` is rotated')
    }
  })

  it('rotate: never overwrites a key that has the successor’s id', async () => {
    const [key, other] = [apiKeyRecord(), apiKeyRecord()]
    for (const given of [key, other]) await store.insert(given)
    const answer = await store
      .rotate(apiKeyRotationOf(key, { successor: apiKeyRecord({ id: other.id, userId: key.userId }) }))
      .catch(() => 'failed')
    expectEqual(answer === 'rotated', false, 'rotate does not succeed where the successor’s id exists')
    expectEqual([await store.find(key.id), await store.find(other.id)], [key, other], 'neither key has changed')
  })
}

function itRotatesOnce({ itRaces, store, race, together, concurrency }: StoreSuite<ApiKeyStore>): void {
  itRaces('ST-02 rotate: of N racers one gets rotated, the others replaced, also without overlap', async (round) => {
    const key = apiKeyRecord()
    await store.insert(key)
    const now = later(present, 60)
    const validUntil = round % 2 ? now : later(now, 300)
    const rotations = range(concurrency).map(() => apiKeyRotationOf(key, { now, validUntil }))
    const outcomes = await race((racing, index) => racing.rotate(rotations[index] ?? apiKeyRotationOf(key)))
    expectEqual(countOf(outcomes, 'rotated'), 1, 'exactly one racer rotates a key')
    expectEqual(countOf(outcomes, 'replaced'), concurrency - 1, 'every other racer learns that it was replaced')
    const winner = rotations[outcomes.indexOf('rotated')]
    expectEqual((await store.find(key.id))?.replacedBy, winner?.successor.id, 'the successor is the one of whoever rotated')
    const listed = (await store.list(key.userId)).map(({ id }) => id).sort()
    expectEqual(listed, [key.id, winner?.successor.id].sort(), 'a key has one successor')
  })

  itRaces('revoke: once it resolved, no rotation on the way has brought the key back', async () => {
    const key = apiKeyRecord()
    await store.insert(key)
    const rotation = apiKeyRotationOf(key)
    const [outcome, isRevoked] = await together(
      () => store.rotate(rotation),
      () => store.revoke(key.id, key.userId, rotation.now),
    )
    expectEqual(isRevoked, true, 'a key can be revoked while it is being rotated')
    expectEqual((await store.find(key.id))?.revokedAt, rotation.now, 'the key stays revoked')
    const successor = outcome === 'rotated' ? rotation.successor : null
    expectEqual(await store.find(rotation.successor.id), successor, 'its successor is another key, where it was first')
  })

  itRaces('revokeAll: once it resolved, no rotation on the way has kept a key', async () => {
    const key = apiKeyRecord()
    await store.insert(key)
    const rotation = apiKeyRotationOf(key)
    const [outcome, ended] = await together(
      () => store.rotate(rotation),
      () => store.revokeAll(key.userId, rotation.now),
    )
    const live = (await store.list(key.userId)).filter(({ revokedAt }) => revokedAt === null)
    expectEqual(live, [], 'no key of the owner is live, nor what one was being rotated to')
    expectEqual(ended, outcome === 'rotated' ? 2 : 1, 'revokeAll answers how many keys it ended')
  })
}
