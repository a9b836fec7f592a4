import type { SessionRecord, SessionStore } from '../../sessions/index.js'
import { later } from '../../shared/duration.js'
import { expectEqual, expectThat } from './expectations.js'
import { drain, longAgo } from './housekeeping-tests.js'
import { afterMs, eras, present, uniqueDigest, uniqueUuid } from './samples.js'
import { revoked, rotationOf, sessionRecord, touched } from './session-samples.js'
import type { StoreSuite } from './store-suite.js'

/** Tests of `touch`. */
export function itTouches({ it, itRaces, store, together }: StoreSuite<SessionStore>): void {
  it('ST-06 touch: moves `lastSeenAt` and the idle end of what is live at `now`, and nothing else', async () => {
    for (const era of [present, ...eras]) {
      const session = sessionRecord({ generation: 4, previousDigest: sessionRecord().currentDigest }, era)
      await store.insert(session)
      const [now, idleExpiresAt] = [later(era, 5), later(era, 65)]
      expectEqual(await store.touch(session.id, now, idleExpiresAt), true, 'touch of a live session answers true')
      expectEqual(await store.find(session.id), touched(session, now, idleExpiresAt), 'touch moves nothing else')
      expectEqual(await store.touch(session.id, idleExpiresAt, later(era, 99)), false, 'touch at its idle end answers false')
      expectEqual(await store.find(session.id), touched(session, now, idleExpiresAt), 'touch never brings a session back')
    }
  })

  it('touch: false for what is revoked, past its absolute end, or absent, and never brings it back', async () => {
    const ended = sessionRecord({ revokedAt: present, revokedReason: 'logout' })
    const expired = sessionRecord({ expiresAt: later(present, 5) })
    for (const session of [ended, expired]) {
      await store.insert(session)
      expectEqual(await store.touch(session.id, later(present, 5), later(present, 65)), false, 'touch answers false')
      expectEqual(await store.find(session.id), session, 'a refused touch changes nothing')
    }
    const absent = uniqueUuid()
    expectEqual(await store.touch(absent, present, later(present, 60)), false, 'touch of an unknown session answers false')
    expectEqual(await store.find(absent), null, 'touch makes no session')
  })

  itRaces('touch, rotate: neither loses what the other wrote', async () => {
    const session = sessionRecord()
    await store.insert(session)
    const rotation = rotationOf(session)
    await together(
      () => store.touch(session.id, rotation.now, rotation.idleExpiresAt),
      () => store.rotate(rotation),
    )
    const { generation, currentDigest } = (await store.find(session.id)) ?? {}
    expectEqual(
      { generation, currentDigest },
      { generation: 1, currentDigest: rotation.successor.digest },
      'the rotation stands',
    )
  })
}

/** Tests of `eraseSuccessors`. */
export function itErasesSuccessors({ it, itRaces, store, together, isSelfExpiring }: StoreSuite<SessionStore>): void {
  it('eraseSuccessors: forgets sealed successors of rotations before `rotatedBefore`, at most `limit`, and nothing else', async () => {
    const before = longAgo
    await drain((limit) => store.eraseSuccessors(before, limit))
    const rotated = (ms: number): SessionRecord =>
      sessionRecord({ sealedSuccessor: 'sealed', generation: 1, rotatedAt: afterMs(before, ms) }, later(before, -60))
    const [old, young] = [
      [rotated(-1), rotated(-1000), rotated(-5000)],
      [rotated(1), rotated(1000), revoked(rotated(-9), 'logout', before)],
    ]
    for (const session of [...old, ...young]) await store.insert(session)
    const countSealed = async (): Promise<number> =>
      (await Promise.all(old.map(({ id }) => store.find(id)))).filter((session) => session?.sealedSuccessor === 'sealed')
        .length
    for (const left of isSelfExpiring ? [] : [1, 0, 0]) {
      const sealed = await countSealed()
      expectEqual(await store.eraseSuccessors(before, 2), sealed - left, 'eraseSuccessors answers how many it erased')
      expectEqual(await countSealed(), left, 'one call erases no more than `limit`')
    }
    expectThat((await store.eraseSuccessors(before, 2)) === 0 || isSelfExpiring, 'nothing is left to erase')
    for (const session of young) expectEqual(await store.find(session.id), session, 'later successors are kept')
    if (isSelfExpiring) return
    for (const session of old)
      expectEqual(await store.find(session.id), { ...session, sealedSuccessor: null }, 'nothing else is erased')
  })

  itRaces('eraseSuccessors, rotate: the successor of a rotation meanwhile stays', async () => {
    const spent = { sealedSuccessor: 'old', generation: 1, rotatedAt: afterMs(longAgo, -1000) }
    const session = sessionRecord(spent, later(longAgo, -60))
    await store.insert(session)
    const successor = { digest: uniqueDigest(), sealed: 'new' }
    const erase = (): Promise<number> => store.eraseSuccessors(longAgo, 1000)
    await together(erase, () => store.rotate(rotationOf(session, { now: later(longAgo, 60), successor })), erase)
    const { generation, sealedSuccessor, currentDigest } = (await store.find(session.id)) ?? {}
    expectEqual(
      { generation, sealedSuccessor, currentDigest },
      { generation: 2, sealedSuccessor: 'new', currentDigest: successor.digest },
      'the rotation and its successor stand',
    )
  })
}
