import type { SessionRecord, SessionStore } from '../../sessions/index.js'
import { later } from '../../shared/duration.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { itDeletesExpired } from './housekeeping-tests.js'
import { afterMs, countOf, eras, present, range, uniqueText, uniqueUuid } from './samples.js'
import { itEndsSessions } from './session-end-tests.js'
import { itRotates } from './session-rotation-tests.js'
import { rotationOf, sessionRecord, variedSessions } from './session-samples.js'
import { itErasesSuccessors, itTouches } from './session-upkeep-tests.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells, itTellsAtOnce } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { foreignUsers, userRecord } from './user-samples.js'
import { vandalise } from './vandalise.js'

/** Proves a `SessionStore`: each sentence of its interface is a test. */
export function sessionStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('sessions', api, openStores, options, (suite) => {
    itKeepsSessions(suite)
    itFindsWithUser(suite)
    itTellsTextsApart(suite)
    itTakesAnyText(suite)
    itInserts(suite)
    itListsLiveSessions(suite)
    itRotates(suite)
    itEndsSessions(suite)
    itTouches(suite)
    itErasesSuccessors(suite)
    itTellsOfSessions(suite)
    itDeletesExpired(suite, async (end) => {
      const created = later(end, -3600)
      const session = sessionRecord({ idleExpiresAt: later(created, 60), expiresAt: end }, created)
      expectThat(await suite.store.insert(session), 'insert of a new session answers true')
      return { isThere: async () => (await suite.store.find(session.id)) !== null }
    })
  })
}

function itKeepsSessions({ it, store }: StoreSuite<SessionStore>): void {
  it('ST-01 find: gives back every field as it was inserted, dead or alive', async () => {
    for (const session of variedSessions()) {
      expectThat(await store.insert(session), 'insert of a new session answers true')
      expectEqual(await store.find(session.id), session, 'find gives back the session')
    }
  })

  it('ST-01 find: null for what was never inserted, whatever text it is', async () => {
    for (const text of [uniqueUuid(), ...hostileTexts]) {
      expectEqual(await store.find(text), null, `find(${JSON.stringify(text)}) answers null`)
      expectEqual(await store.listLive(`${text}${uniqueText('')}`, present), [], 'listLive of an unknown user is empty')
    }
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const text of shortHostileTexts) {
      const session = sessionRecord({ clientId: text, ip: text, userAgent: text, sealedSuccessor: text })
      await store.insert(session)
      expectEqual(await store.find(session.id), session, 'find gives back the session')
      const rotation = rotationOf(session, { successor: { digest: session.currentDigest, sealed: `${text} again` } })
      const { outcome } = await store.rotate(rotation)
      expectEqual(outcome, 'rotated', 'rotate knows the client')
      expectEqual((await store.find(session.id))?.sealedSuccessor, `${text} again`, 'rotate writes what it is given')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const session = sessionRecord()
    const passed = structuredClone(session)
    await store.insert(passed)
    vandalise(passed)
    vandalise(await store.find(session.id))
    vandalise(await store.findWithUser(session.id, foreignUsers([]).users))
    vandalise(await store.listLive(session.userId, present))
    const rotation = rotationOf(session, { retryWindowMs: 5000 })
    const passedRotation = structuredClone(rotation)
    vandalise(await store.rotate(passedRotation))
    const now = later(present, 2)
    const passedNow = new Date(now)
    await store.touch(session.id, passedNow, passedNow)
    vandalise([passedRotation, passedNow])
    const { idleExpiresAt, lastSeenAt, rotatedAt, currentDigest } = (await store.find(session.id)) ?? {}
    const expected = {
      idleExpiresAt: now,
      lastSeenAt: now,
      rotatedAt: rotation.now,
      currentDigest: rotation.successor.digest,
    }
    expectEqual({ idleExpiresAt, lastSeenAt, rotatedAt, currentDigest }, expected, 'the store keeps what it was given')
  })
}

function itFindsWithUser({ it, store, opened }: StoreSuite<SessionStore>): void {
  it('findWithUser: the session as `find` gives it, dead or alive, with its user of the given store', async () => {
    const ownUsers = opened()[0]?.stores.users
    const sessions = opened()[0]?.stores.sessions
    for (const given of variedSessions()) {
      const user = userRecord()
      const session = { ...given, userId: user.id }
      const elsewhere = { ...user, name: 'as another system knows them' }
      await store.insert(session)
      const { users } = foreignUsers([elsewhere])
      expectEqual(
        await store.findWithUser(session.id, users),
        { session, user: elsewhere },
        'the user is of the given store',
      )
      if (!ownUsers || !sessions) continue
      expectEqual(await sessions.findWithUser(session.id, ownUsers), { session, user: null }, 'an unknown user is null')
      await ownUsers.insert(user)
      expectEqual(await sessions.findWithUser(session.id, ownUsers), { session, user }, 'the user is found')
      expectEqual(await sessions.findWithUser(session.id, users), { session, user: elsewhere }, 'also of another system')
      await ownUsers.delete(user.id)
      expectEqual(await sessions.findWithUser(session.id, ownUsers), { session, user: null }, 'a deleted user is null')
    }
  })

  it('findWithUser: null for what is no session, which asks for no user', async () => {
    const { users, asked } = foreignUsers([])
    const revocation = { id: uniqueUuid(), reason: 'logout', now: present, rememberUntil: later(present, 60) } as const
    await store.revoke(revocation)
    for (const id of [uniqueUuid(), revocation.id, ...shortHostileTexts])
      expectEqual(await store.findWithUser(id, users), null, `findWithUser(${JSON.stringify(id)}) answers null`)
    expectEqual(asked, [], 'nobody is asked for a user')
  })
}

function itTellsTextsApart({ it, store }: StoreSuite<SessionStore>): void {
  it('ST-01 takes ids that look alike for different ones', async () => {
    const session = sessionRecord()
    await store.insert(session)
    for (const id of lookalikesOf(session.id)) {
      const like = `for an id that looks like another: ${JSON.stringify(id.slice(0, 60))}`
      expectEqual(await store.find(id), null, `find answers null ${like}`)
      expectEqual(await store.findWithUser(id, foreignUsers([]).users), null, `findWithUser answers null ${like}`)
      expectEqual((await store.rotate(rotationOf({ ...session, id }))).outcome, 'absent', `rotate answers absent ${like}`)
      expectEqual(await store.touch(id, present, later(present, 5)), false, `touch answers false ${like}`)
      const swap = { id, fromEpoch: session.epoch, toEpoch: 9, now: present }
      expectEqual(await store.swapEpoch(swap), false, `swapEpoch answers false ${like}`)
    }
    expectEqual(await store.find(session.id), session, 'the session is as before')
  })

  it('ST-01 takes users, clients and secrets that look alike for different ones', async () => {
    const session = sessionRecord({ userId: uniqueText('user'), clientId: uniqueText('client') })
    await store.insert(session)
    for (const text of lookalikesOf(session.userId)) {
      expectEqual(await store.listLive(text, present), [], 'listLive lists the sessions of exactly this user')
      expectEqual(
        await store.revokeAll(text, null, 'revoked', present),
        0,
        'revokeAll ends the sessions of exactly this user',
      )
    }
    for (const clientId of [null, ...lookalikesOf(session.clientId ?? '')]) {
      const { outcome } = await store.rotate(rotationOf(session, { clientId }))
      expectEqual(outcome, 'invalid', 'rotate takes the secret from exactly this client')
    }
    expectEqual(await store.find(session.id), session, 'the session is as before')
    const digest = session.currentDigest.toLowerCase() as SessionRecord['currentDigest'] // Another secret's.
    expectEqual((await store.rotate(rotationOf(session, { digest }))).outcome, 'rolled_back', 'digests differ by their case')
  })
}

function itTakesAnyText(suite: StoreSuite<SessionStore>): void {
  const { store } = suite
  const now = later(present, 1)
  itLooksUpAnyText(suite, (text) => [
    ['find', store.find(text), null],
    ['listLive', store.listLive(text, now), []],
    ['rotate', store.rotate(rotationOf(sessionRecord({ id: text }))), { outcome: 'absent' }],
    ['touch', store.touch(text, now, later(now, 60)), false],
    ['swapEpoch', store.swapEpoch({ id: text, fromEpoch: 3, toEpoch: 4, now }), false],
    ['revokeAll', store.revokeAll(text, null, 'revoked', now), 0],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const session = sessionRecord({ clientId: text, userAgent: text })
    return {
      write: () => store.insert(session),
      read: () => store.find(session.id),
      expected: { kept: session, refused: null },
    }
  })
}

function itInserts({ it, itRaces, store, race }: StoreSuite<SessionStore>): void {
  it('ST-02 insert: false where the id exists, and never overwrites', async () => {
    for (const session of [
      sessionRecord(),
      sessionRecord({ revokedAt: present, revokedReason: 'logout' }),
      sessionRecord({}, later(present, -1e9)),
    ]) {
      await store.insert(session)
      expectEqual(
        await store.insert(sessionRecord({ id: session.id })),
        false,
        'insert with an id that exists answers false',
      )
      expectEqual(await store.find(session.id), session, 'insert never overwrites')
    }
  })

  itRaces('ST-02 insert: of racers with one id exactly one gets true', async () => {
    const id = uniqueUuid()
    const answers = await race((racing, index) => racing.insert(sessionRecord({ id, userAgent: `racer ${index}` })))
    expectEqual(countOf(answers, true), 1, 'exactly one insert of an id answers true')
    const winner = `racer ${answers.indexOf(true)}`
    expectEqual((await store.find(id))?.userAgent, winner, 'the session is the one whose insert answered true')
  })
}

function itListsLiveSessions({ it, store }: StoreSuite<SessionStore>): void {
  it('ST-06 listLive: the sessions of a user that are neither revoked nor expired at `now`, newest first', async () => {
    for (const now of [present, ...eras]) {
      const userId = uniqueUuid()
      const made = (seconds: number, fields: Partial<SessionRecord> = {}): SessionRecord =>
        sessionRecord({
          userId,
          createdAt: later(now, seconds),
          idleExpiresAt: afterMs(now, 1),
          expiresAt: afterMs(now, 1),
          ...fields,
        })
      const live = [made(-5), made(-1), made(-9, { epoch: 0 }), made(-2, { carrier: 'cookie', clientId: 'a client' })]
      const dead = [
        made(-3, { idleExpiresAt: now }),
        made(-3, { expiresAt: now }),
        made(-3, { revokedAt: later(now, 60), revokedReason: 'logout' }),
      ]
      for (const session of [...live, ...dead, sessionRecord({}, now)]) await store.insert(session)
      const expected = [live[1], live[3], live[0], live[2]]
      expectEqual(await store.listLive(userId, now), expected, 'listLive lists exactly what is live at `now`, newest first')
      expectEqual(await store.listLive(userId, afterMs(now, 1)), [], 'nothing is listed at the instant of its end')
    }
  })

  it('listLive: at most 1,000, the newest', async () => {
    const userId = uniqueUuid()
    for (const tens of range(101)) {
      const batch = range(10).map((ones) => sessionRecord({ userId, createdAt: later(present, -(tens * 10 + ones)) }))
      await Promise.all(batch.map((session) => store.insert(session)))
    }
    const listed = await store.listLive(userId, present)
    const expected = range(1000).map((seconds) => later(present, -seconds))
    expectEqual(
      listed.map(({ createdAt }) => createdAt),
      expected,
      'listLive lists the newest 1,000',
    )
  })
}

function itTellsOfSessions(suite: StoreSuite<SessionStore>): void {
  itTells(suite, 'insert', async () => {
    const session = sessionRecord()
    return (sessions, event) => sessions.insert(session, event)
  })
  itTellsAtOnce(suite, 'insert', async () => {
    const session = sessionRecord()
    return {
      make: (sessions, event) => sessions.insert(session, event),
      isSeen: async (sessions) => (await sessions.find(session.id)) !== null,
    }
  })
  itTells(suite, 'rotate', async () => {
    const session = sessionRecord()
    await suite.store.insert(session)
    return async (sessions, event) => (await sessions.rotate(rotationOf(session, { event }))).outcome === 'rotated'
  })
  itTells(suite, 'revoke', async () => {
    const session = sessionRecord()
    await suite.store.insert(session)
    const now = later(session.createdAt, 1)
    const end = { id: session.id, reason: 'logout', now, rememberUntil: later(now, 600) } as const
    // What has ended by itself and what was never there is no session that this call ends.
    const ended = sessionRecord({ idleExpiresAt: now, expiresAt: later(now, 60) })
    await suite.store.insert(ended)
    return async (sessions, event) => {
      for (const id of [ended.id, uniqueUuid()]) await sessions.revoke({ ...end, id, event })
      return sessions.revoke({ ...end, event })
    }
  })
}
