import { decideRotation, type Rotation, type SessionRecord, type SessionStore } from '../../sessions/index.js'
import { later } from '../../shared/duration.js'
import { expectEqual } from './expectations.js'
import { afterMs, countOf, eras, present, range, uniqueDigest, uniqueText } from './samples.js'
import { epochSwapped, revoked, rotationOf, sessionRecord, touched } from './session-samples.js'
import type { StoreSuite } from './store-suite.js'

/** Tests of `rotate` and `swapEpoch`. */
export function itRotates(suite: StoreSuite<SessionStore>): void {
  itFollowsTheRule(suite)
  itFollowsTheRuleOverHistories(suite)
  itHasOneWinner(suite)
  itSwapsEpochs(suite)
}

function itFollowsTheRule({ it, store }: StoreSuite<SessionStore>): void {
  it('ST-06 rotate: each outcome is what `decideRotation` says, at the `now` passed in', async () => {
    for (const era of [present, ...eras]) {
      for (const [fields, asked] of situations(era)) {
        const session = sessionRecord({ ...rotatedOnce(era), ...fields }, era)
        await store.insert(session)
        const rotation = rotationOf(session, { now: later(era, 5), retryWindowMs: 10_000, ...asked })
        const { outcome, write } = decideRotation(session, rotation)
        expectEqual(await store.rotate(rotation), outcome, `rotate decides as decideRotation does: ${outcome.outcome}`)
        expectEqual(
          await store.find(session.id),
          write ?? session,
          `rotate writes as decideRotation does: ${outcome.outcome}`,
        )
      }
    }
    const absent = rotationOf(sessionRecord())
    expectEqual(await store.rotate(absent), { outcome: 'absent' }, 'rotate of an unknown session answers absent')
    expectEqual(await store.find(absent.id), null, 'rotate makes no session')
  })
}

const previous = uniqueDigest()

function rotatedOnce(era: Date): Partial<SessionRecord> {
  return { generation: 5, previousDigest: previous, sealedSuccessor: 'sealed', rotatedAt: era }
}

/** Rows and presented secrets for each line of the rule, to the millisecond. */
function situations(era: Date): readonly (readonly [Partial<SessionRecord>, Partial<Rotation>])[] {
  const spent = { generation: 4, digest: previous }
  return [
    [{}, {}],
    [{}, { idleExpiresAt: later(era, 1e9) }],
    [{}, { carrier: 'cookie' }],
    [{}, { clientId: 'another' }],
    [{ clientId: 'client' }, { clientId: null }],
    [{ revokedAt: era, revokedReason: 'logout' }, {}],
    [{ revokedAt: later(era, 60), revokedReason: 'reuse' }, spent],
    [{}, { userEpoch: 4 }],
    [{}, { userEpoch: 2, ...spent }],
    [{}, { now: later(era, 86_400) }],
    [{ idleExpiresAt: later(era, 5) }, {}],
    [{ idleExpiresAt: afterMs(era, 5001) }, {}],
    [{ expiresAt: later(era, 5) }, { generation: 1 }],
    [{ expiresAt: afterMs(era, 5001) }, {}],
    [{}, spent],
    [{}, { ...spent, now: afterMs(era, 9999) }],
    [{}, { ...spent, now: later(era, 10) }],
    [{}, { ...spent, retryWindowMs: 0, now: era }],
    [{ sealedSuccessor: null }, spent],
    [{ previousDigest: null }, spent],
    [{}, { ...spent, digest: uniqueDigest() }],
    [{}, { ...spent, generation: 3 }],
    [{}, { generation: 0 }],
    [{}, { generation: 6 }],
    [{}, { digest: uniqueDigest() }],
    [{ generation: 0, previousDigest: null, sealedSuccessor: null, rotatedAt: null }, {}],
  ]
}

function itFollowsTheRuleOverHistories(suite: StoreSuite<SessionStore>): void {
  const { itRaces, store, random } = suite
  itRaces('ST-01 rotate, touch, swapEpoch, revoke: give over random histories what the rule gives', async () => {
    const start = random.pick([present, ...eras])
    let row = sessionRecord({ idleExpiresAt: later(start, 60), expiresAt: later(start, 300) }, start)
    const secrets = [row.currentDigest]
    await store.insert(row)
    for (let now = start, step = 0; step < 20; step++) {
      now = afterMs(now, random.below(random.pick([2, 2000, 30_000])))
      row = await takeStep(suite, row, secrets, now)
      expectEqual(await store.find(row.id), row, `the row after step ${step + 1} is what the rule makes of it`)
    }
  })
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}

/** Does one thing to a session, compares the answer with the rule's and gives the row as the rule makes it. */
async function takeStep(
  { store, random }: StoreSuite<SessionStore>,
  row: SessionRecord,
  secrets: SessionRecord['currentDigest'][],
  now: Date,
): Promise<SessionRecord> {
  const { id } = row
  const choice = random.below(100)
  if (choice < 10) {
    const idleExpiresAt = earlier(later(now, 60), row.expiresAt)
    const after = touched(row, now, idleExpiresAt)
    expectEqual(await store.touch(id, now, idleExpiresAt), after !== null, 'touch answers whether the session was live')
    return after ?? row
  }
  if (choice < 20) {
    const secret = random.chance(50) ? { digest: uniqueDigest() } : {}
    const swap = { id, fromEpoch: row.epoch - (random.chance(20) ? 1 : 0), toEpoch: row.epoch + 1, now, ...secret }
    const after = epochSwapped(row, swap)
    expectEqual(await store.swapEpoch(swap), after !== null, 'swapEpoch answers whether it acted')
    if (after && secret.digest) secrets[after.generation] = secret.digest
    return after ?? row
  }
  if (choice < 22) {
    const wasLive = touched(row, now, now) !== null
    const answer = await store.revoke({ id, reason: 'logout', now, rememberUntil: later(now, 3600) })
    expectEqual(answer, wasLive, 'revoke answers whether it ended a live session')
    return revoked(row, 'logout', now)
  }
  const generation = Math.max(0, row.generation + (random.chance(75) ? 0 : random.pick([-1, -1, -2, 1])))
  const successor = { digest: uniqueDigest(), sealed: random.chance(70) ? uniqueText('sealed') : null }
  const rotation = rotationOf(row, {
    generation,
    digest: random.chance(96) ? (secrets[generation] ?? uniqueDigest()) : uniqueDigest(),
    successor,
    clientId: random.chance(96) ? row.clientId : 'another',
    userEpoch: row.epoch + (random.chance(95) ? 0 : 1),
    now,
    retryWindowMs: random.pick([0, 10_000]),
    idleExpiresAt: later(now, 60),
  })
  const { outcome, write } = decideRotation(row, rotation)
  expectEqual(await store.rotate(rotation), outcome, 'rotate decides as decideRotation does')
  if (outcome.outcome === 'rotated') secrets[outcome.session.generation] = successor.digest
  return write ?? row
}

function itHasOneWinner({ itRaces, store, race, concurrency }: StoreSuite<SessionStore>): void {
  itRaces('RT-02 rotate: of N racers with one secret one is rotated, one reused, the rest revoked', async () => {
    const session = sessionRecord()
    await store.insert(session)
    const rotations = range(concurrency).map(() => rotationOf(session))
    const answers = await race((racing, index) => racing.rotate(rotations[index] ?? rotationOf(session)))
    const outcomes = answers.map(({ outcome }) => outcome)
    expectEqual(countOf(outcomes, 'rotated'), 1, 'exactly one racer rotates')
    expectEqual(countOf(outcomes, 'reused'), 1, 'without a retry window exactly one other finds the reuse')
    expectEqual(countOf(outcomes, 'revoked'), concurrency - 2, 'all others find the session ended')
    const row = await store.find(session.id)
    const winner = rotations[outcomes.indexOf('rotated')]
    expectEqual(row?.generation, 1, 'the session has one successor')
    expectEqual(row?.currentDigest, winner?.successor.digest, 'the successor is the one of whoever rotated')
    expectEqual(row?.revokedReason, 'reuse', 'the reuse has ended the session')
  })

  itRaces('RT-04 rotate: within the window all other racers are given the same successor', async () => {
    const session = sessionRecord()
    await store.insert(session)
    const successor = (index: number): Rotation['successor'] => ({ digest: uniqueDigest(), sealed: `successor ${index}` })
    const rotations = range(concurrency).map((index) =>
      rotationOf(session, { retryWindowMs: 10_000, successor: successor(index) }),
    )
    const answers = await race((racing, index) => racing.rotate(rotations[index] ?? rotationOf(session)))
    const winner = answers.findIndex(({ outcome }) => outcome === 'rotated')
    const { outcome, write } = decideRotation(session, rotations[winner] ?? rotationOf(session))
    const retried = { outcome: 'retried', session: write, sealedSuccessor: `successor ${winner}` }
    const expected = answers.map((_, index) => (index === winner ? outcome : retried))
    expectEqual(answers, expected, 'exactly one racer rotates, and every other gets its successor')
    expectEqual(await store.find(session.id), write, 'the session has that one successor')
  })
}

function itSwapsEpochs({ it, itRaces, store, race, together }: StoreSuite<SessionStore>): void {
  it('swapEpoch: moves a live session from the old epoch to the new one, with a new secret where one is given', async () => {
    const row = sessionRecord({ ...rotatedOnce(present), epoch: 3 })
    const dead = sessionRecord({ epoch: 3, revokedAt: present, revokedReason: 'password' })
    await store.insert(row)
    await store.insert(dead)
    const swap = { id: row.id, fromEpoch: 3, toEpoch: 4, now: later(present, 5) }
    expectEqual(await store.swapEpoch({ ...swap, fromEpoch: 2 }), false, 'another epoch than the present one answers false')
    expectEqual(await store.swapEpoch({ ...swap, id: dead.id }), false, 'a session that has ended answers false')
    expectEqual(
      await store.swapEpoch({ ...swap, now: row.idleExpiresAt }),
      false,
      'a session past its idle end answers false',
    )
    expectEqual(await store.swapEpoch({ ...swap, id: sessionRecord().id }), false, 'an unknown session answers false')
    expectEqual([await store.find(row.id), await store.find(dead.id)], [row, dead], 'a refused swap changes nothing')
    expectEqual(await store.swapEpoch(swap), true, 'the present epoch answers true')
    expectEqual(await store.find(row.id), { ...row, epoch: 4 }, 'without a secret the epoch alone changes')
    const digest = uniqueDigest()
    await store.swapEpoch({ ...swap, fromEpoch: 4, toEpoch: 7, digest })
    const expected = { epoch: 7, generation: 6, currentDigest: digest, previousDigest: null, sealedSuccessor: null }
    expectEqual(await store.find(row.id), { ...row, ...expected }, 'a secret takes its place at the next generation')
  })

  itRaces('ST-02 swapEpoch: of racers with one epoch exactly one gets true', async () => {
    const session = sessionRecord({ epoch: 3 })
    await store.insert(session)
    const now = later(present, 1)
    const answers = await race((racing, index) =>
      racing.swapEpoch({ id: session.id, fromEpoch: 3, toEpoch: 4 + index, now }),
    )
    expectEqual(countOf(answers, true), 1, 'exactly one swap answers true')
    expectEqual(
      (await store.find(session.id))?.epoch,
      4 + answers.indexOf(true),
      'the epoch is the one whose swap answered true',
    )
  })

  itRaces('swapEpoch, rotate: neither loses what the other wrote', async () => {
    const session = sessionRecord({ epoch: 3 })
    await store.insert(session)
    const rotation = rotationOf(session)
    const [swapped, { outcome }] = await together(
      () => store.swapEpoch({ id: session.id, fromEpoch: 3, toEpoch: 4, now: rotation.now }),
      () => store.rotate(rotation),
    )
    const { epoch, generation } = (await store.find(session.id)) ?? {}
    const expected = { swapped: true, epoch: 4, generation: outcome === 'rotated' ? 1 : 0 }
    expectEqual(
      { swapped, epoch, generation },
      expected,
      'the session has the new epoch, and the successor if it was rotated',
    )
  })
}
