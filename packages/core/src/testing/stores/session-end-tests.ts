import type { SessionRecord, SessionRevocation, SessionStore } from '../../sessions/index.js'
import { later } from '../../shared/duration.js'
import { expectEqual, expectThat } from './expectations.js'
import { afterMs, countOf, eras, present, range, uniqueUuid } from './samples.js'
import { revoked, rotationOf, sessionRecord } from './session-samples.js'
import type { StoreSuite } from './store-suite.js'

/** Tests of `revoke` and `revokeAll`. */
export function itEndsSessions(suite: StoreSuite<SessionStore>): void {
  itRevokes(suite)
  itRemembersEnds(suite)
  itOutlastsRaces(suite)
  itRevokesAll(suite)
}

function revocationOf({ id }: Pick<SessionRecord, 'id'>, now: Date = later(present, 1)): SessionRevocation {
  return { id, reason: 'logout', now, rememberUntil: later(now, 3600) }
}

/** That nothing of a session is accepted, whichever secret is presented. */
async function expectEnded(
  store: SessionStore,
  session: SessionRecord,
  digests: readonly SessionRecord['currentDigest'][],
): Promise<void> {
  const row = await store.find(session.id)
  expectThat(row !== null && row.revokedAt !== null, 'a session that was revoked is marked')
  const now = later(present, 2)
  for (const [generation, digest] of digests.entries()) {
    const { outcome } = await store.rotate(rotationOf(session, { generation, digest, now }))
    expectEqual(outcome, 'revoked', 'no secret of a revoked session is accepted, not even one rotated meanwhile')
  }
  expectEqual(await store.touch(session.id, now, later(now, 60)), false, 'touch does not bring a revoked session back')
  expectEqual(await store.listLive(session.userId, now), [], 'a revoked session is not listed')
}

function itRevokes({ it, itRaces, store, race }: StoreSuite<SessionStore>): void {
  it('ST-06 revoke: ends a session for good; true only where it was live at `now`', async () => {
    for (const era of [present, ...eras]) {
      const session = sessionRecord(
        { generation: 1, previousDigest: sessionRecord().currentDigest, sealedSuccessor: 'sealed' },
        era,
      )
      const idle = sessionRecord({ idleExpiresAt: later(era, 1) }, era)
      await store.insert(session)
      await store.insert(idle)
      const revocation = revocationOf(session, later(era, 1))
      expectEqual(await store.revoke(revocation), true, 'revoke of a live session answers true')
      const row = revoked(session, 'logout', revocation.now)
      expectEqual(
        await store.find(session.id),
        row,
        'revoke marks the session, forgets the successor and changes nothing else',
      )
      const again = { ...revocation, reason: 'revoked', now: later(era, 9) } as const
      expectEqual(await store.revoke(again), false, 'a second revoke answers false')
      expectEqual(await store.find(session.id), row, 'a second revoke changes nothing')
      expectEqual((await store.rotate(rotationOf(session))).outcome, 'revoked', 'a revoked session is not rotated')
      expectEqual(await store.revoke(revocationOf(idle, later(era, 1))), false, 'revoke of an expired session answers false')
      expectThat((await store.find(idle.id))?.revokedAt !== null, 'revoke marks an expired session all the same')
    }
  })

  itRaces('ST-02 revoke: of racers exactly one gets true', async () => {
    const session = sessionRecord()
    await store.insert(session)
    const answers = await race((racing, index) => racing.revoke(revocationOf(session, later(present, index))))
    expectEqual(countOf(answers, true), 1, 'exactly one call ends a live session')
    expectEqual((await store.find(session.id))?.revokedAt, later(present, answers.indexOf(true)), 'the first end stands')
  })
}

function itRemembersEnds({ it, itRaces, store, together }: StoreSuite<SessionStore>): void {
  it('revoke: an id that was revoked before it was inserted is refused later', async () => {
    const session = sessionRecord()
    expectEqual(await store.revoke(revocationOf(session)), false, 'revoke of an absent session answers false')
    expectEqual(await store.find(session.id), null, 'a remembered end is no session')
    expectEqual(await store.insert(session), false, 'insert of a revoked id answers false')
    expectEqual(await store.find(session.id), null, 'a refused insert makes no session')
    const { outcome } = await store.rotate(rotationOf(session))
    expectEqual(outcome, 'absent', 'an id that was revoked before it was inserted has nothing to rotate')
    expectEqual(await store.listLive(session.userId, present), [], 'a remembered end is not listed')
  })

  it('revoke: an end without a row is remembered at least until `rememberUntil`', async () => {
    for (const era of [present, ...eras]) {
      const session = sessionRecord({}, era)
      await store.revoke({ ...revocationOf(session, era), rememberUntil: later(era, 3600) })
      await store.revoke({ ...revocationOf(session, era), rememberUntil: later(era, 60) })
      await store.deleteExpired(later(era, -86_400), 1000)
      if (era <= present) await store.deleteExpired(later(era, 61), 1000)
      expectEqual(await store.insert(session), false, 'housekeeping does not forget an end before its time')
    }
  })

  itRaces('revoke, insert: whichever comes first, the session is not live afterwards', async () => {
    const session = sessionRecord()
    const [, inserted] = await together(
      () => store.revoke(revocationOf(session)),
      () => store.insert(session),
    )
    const row = await store.find(session.id)
    expectEqual(row !== null, inserted, 'the session is there where insert answered true')
    expectThat(row === null || row.revokedAt !== null, 'once revoke resolved, the session is not live')
    const { outcome } = await store.rotate(rotationOf(session))
    expectEqual(outcome, inserted ? 'revoked' : 'absent', 'once revoke resolved, no secret is accepted')
  })
}

function itOutlastsRaces({ itRaces, store, together, concurrency }: StoreSuite<SessionStore>): void {
  itRaces('RT-02 revoke: once it resolved, no rotation succeeds, however many are on the way', async () => {
    const session = sessionRecord()
    await store.insert(session)
    const digests = [session.currentDigest]
    let isRevoked = false
    const rotateOn = async (): Promise<void> => {
      for (let generation = 0; generation < concurrency; generation++) {
        const wasRevoked = isRevoked
        const rotation = rotationOf(session, { generation, digest: digests[generation] ?? session.currentDigest })
        const { outcome } = await store.rotate(rotation)
        expectThat(!(wasRevoked && outcome === 'rotated'), 'no rotation that starts after revoke resolved succeeds')
        if (outcome !== 'rotated') return
        digests.push(rotation.successor.digest)
      }
    }
    const revoke = async (): Promise<void> => {
      await store.revoke(revocationOf(session))
      isRevoked = true
    }
    await together(rotateOn, revoke)
    await expectEnded(store, session, digests)
  })

  itRaces('revoke: once it resolved, neither touch nor swapEpoch brings the session back', async () => {
    const session = sessionRecord()
    await store.insert(session)
    const now = later(present, 1)
    await together(
      () => store.touch(session.id, now, later(now, 60)),
      () => store.swapEpoch({ id: session.id, fromEpoch: session.epoch, toEpoch: session.epoch + 1, now }),
      () => store.revoke(revocationOf(session)),
      () => store.touch(session.id, now, later(now, 90)),
    )
    const { epoch = session.epoch } = (await store.find(session.id)) ?? {}
    await expectEnded(store, { ...session, epoch }, [session.currentDigest])
  })
}

function itRevokesAll({ it, itRaces, store, together }: StoreSuite<SessionStore>): void {
  it('revokeAll: ends the user’s sessions of lower epochs, and answers how many were live', async () => {
    const userId = uniqueUuid()
    const now = later(present, 5)
    const rows = {
      low: sessionRecord({ userId, epoch: 2, sealedSuccessor: 'sealed', generation: 1 }),
      lower: sessionRecord({ userId, epoch: 0, clientId: 'client' }),
      expired: sessionRecord({ userId, epoch: 1, idleExpiresAt: now }),
      ended: sessionRecord({ userId, epoch: 1, revokedAt: present, revokedReason: 'logout' }),
    }
    const kept = [sessionRecord({ userId, epoch: 3 }), sessionRecord({ userId, epoch: 4 }), sessionRecord({ epoch: 1 })]
    for (const session of [...Object.values(rows), ...kept]) await store.insert(session)
    expectEqual(await store.revokeAll(userId, 3, 'password', now), 2, 'revokeAll answers how many were live')
    for (const session of [rows.low, rows.lower]) {
      expectEqual(await store.find(session.id), revoked(session, 'password', now), 'lower epochs have ended')
    }
    expectEqual(await store.find(rows.ended.id), rows.ended, 'what had ended before keeps its reason')
    for (const session of kept) expectEqual(await store.find(session.id), session, 'other epochs and users are left alone')
    expectEqual(await store.revokeAll(userId, 3, 'password', now), 0, 'a second call ends nothing')
  })

  it('ST-06 revokeAll: `null` ends the sessions of every epoch, counted at `now`', async () => {
    for (const era of [present, ...eras]) {
      const userId = uniqueUuid()
      const made = [1, 2, 3].map((epoch) => sessionRecord({ userId, epoch, idleExpiresAt: afterMs(era, epoch * 1000) }, era))
      for (const session of made) await store.insert(session)
      expectEqual(
        await store.revokeAll(userId, null, 'revoked', later(era, 1)),
        2,
        'what has expired at `now` is not counted',
      )
      expectEqual(await store.listLive(userId, era), [], 'no session of the user is live')
    }
  })

  itRaces('revokeAll: once it resolved, no rotation on the way has kept a session', async () => {
    const userId = uniqueUuid()
    const sessions = range(3).map(() => sessionRecord({ userId }))
    for (const session of sessions) await store.insert(session)
    const rotations = sessions.map((session) => rotationOf(session))
    await together<unknown[]>(
      ...rotations.map((rotation) => () => store.rotate(rotation)),
      () => store.revokeAll(userId, null, 'revoked', later(present, 1)),
      ...rotations.map((rotation) => () => store.touch(rotation.id, rotation.now, rotation.idleExpiresAt)),
    )
    for (const [index, session] of sessions.entries()) {
      const successor = rotations[index]?.successor.digest ?? session.currentDigest
      await expectEnded(store, session, [session.currentDigest, successor])
    }
  })
}
