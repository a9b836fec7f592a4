import type { ApiKeyRecord, ApiKeyRotation, ApiKeyStore } from '../../api-keys/index.js'
import { later } from '../../shared/duration.js'
import { itRotatesKeys } from './api-key-rotation-tests.js'
import { apiKeyRecord, apiKeyRotationOf, variedKeys } from './api-key-samples.js'
import { expectEqual } from './expectations.js'
import { hostileTexts, lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { itDeletesExpired } from './housekeeping-tests.js'
import { countOf, present, range, uniqueText, uniqueUuid } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves an `ApiKeyStore`: each sentence of its interface is a test. */
export function apiKeyStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('apiKeys', api, openStores, options, (suite) => {
    itKeepsKeys(suite)
    itTellsTextsApart(suite)
    itTakesAnyText(suite)
    itInserts(suite)
    itLimitsKeys(suite)
    itLists(suite)
    itRotatesKeys(suite)
    itRevokes(suite)
    itRecordsUses(suite)
    itTellsOfKeys(suite)
    itDeletesExpired(suite, async (end, index) => {
      const dead = index % 2 ? { expiresAt: null, revokedAt: end } : { expiresAt: end, revokedAt: null }
      const key = apiKeyRecord({ ...dead, createdAt: later(end, -3600) })
      expectEqual(await suite.store.insert(key), 'inserted', 'insert of a new key answers inserted')
      return { isThere: async () => (await suite.store.find(key.id)) !== null }
    })
  })
}

function itKeepsKeys({ it, store }: StoreSuite<ApiKeyStore>): void {
  it('ST-01 find: gives back every field as it was inserted, dead or alive', async () => {
    for (const key of variedKeys()) {
      expectEqual(await store.insert(key), 'inserted', 'insert of a new key answers inserted')
      expectEqual(await store.find(key.id), key, 'find gives back the key')
      expectEqual(await store.list(key.userId), [key], 'list gives back the key')
    }
  })

  it('ST-01 find: null for what was never inserted, whatever text it is', async () => {
    for (const text of [uniqueText('key'), ...hostileTexts]) {
      expectEqual(await store.find(text), null, `find(${JSON.stringify(text)}) answers null`)
      expectEqual(await store.list(`${text}${uniqueText('')}`), [], 'list of an unknown user is empty')
    }
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const text of shortHostileTexts) {
      const lists = { scopes: [text, 'read:orders', text], allowedIps: [text] }
      const key = apiKeyRecord({ prefix: text, name: text, replacedBy: text, ...lists })
      await store.insert(key)
      expectEqual(await store.find(key.id), key, 'find gives back the key')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const key = apiKeyRecord()
    const successor = apiKeyRecord({ userId: key.userId })
    const passed = structuredClone({ key, successor, validUntil: later(present, 60), lastUsedAt: later(present, 9) })
    const { lastUsedAt, validUntil } = structuredClone(passed)
    await store.insert(passed.key)
    const { id, userId } = key
    await store.rotate({ id, userId, successor: passed.successor, validUntil: passed.validUntil, now: new Date(present) })
    await store.recordUses([{ id, lastUsedAt: passed.lastUsedAt, uses: 1 }])
    vandalise(passed)
    vandalise([await store.find(id), await store.list(userId)])
    const expected = { ...key, expiresAt: validUntil, replacedBy: successor.id, lastUsedAt, uses: key.uses + 1 }
    expectEqual(await store.find(id), expected, 'the store keeps what it was given')
    expectEqual(await store.find(successor.id), successor, 'the store keeps the successor it was given')
  })
}

function itTellsTextsApart({ it, store }: StoreSuite<ApiKeyStore>): void {
  it('ST-01 takes ids and owners that look alike for different ones', async () => {
    const key = apiKeyRecord({ userId: uniqueText('user') })
    await store.insert(key)
    const rotation = (fields: Partial<ApiKeyRotation>): ApiKeyRotation => {
      const validUntil = later(present, 60)
      return { id: key.id, userId: key.userId, successor: apiKeyRecord(), validUntil, now: present, ...fields }
    }
    for (const id of lookalikesOf(key.id)) {
      expectEqual(await store.find(id), null, 'find finds exactly this id')
      expectEqual(await store.revoke(id, key.userId, present), false, 'revoke ends exactly this key')
      expectEqual(await store.rotate(rotation({ id })), 'absent', 'rotate replaces exactly this key')
      await store.recordUses([{ id, lastUsedAt: later(present, 99), uses: 1 }])
    }
    for (const userId of lookalikesOf(key.userId)) {
      expectEqual(await store.list(userId), [], 'list lists the keys of exactly this owner')
      expectEqual(await store.revoke(key.id, userId, present), false, 'revoke takes exactly this owner')
      expectEqual(await store.revokeAll(userId, present), 0, 'revokeAll ends the keys of exactly this owner')
      expectEqual(await store.rotate(rotation({ userId })), 'absent', 'rotate takes exactly this owner')
    }
    expectEqual(await store.find(key.id), key, 'the key is as before')
  })
}

function itTakesAnyText(suite: StoreSuite<ApiKeyStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => [
    ['find', store.find(text), null],
    ['list', store.list(text), []],
    ['revoke', store.revoke(text, text, present), false],
    ['revokeAll', store.revokeAll(text, present), 0],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const key = apiKeyRecord({ name: text, scopes: [text] })
    return { write: () => store.insert(key), read: () => store.find(key.id), expected: { kept: key, refused: null } }
  })
}

function itInserts({ it, itRaces, store, race }: StoreSuite<ApiKeyStore>): void {
  it('ST-02 insert: says where the id exists, and never overwrites', async () => {
    const key = apiKeyRecord()
    await store.insert(key)
    for (const limit of [undefined, 100]) {
      const answer = await store.insert(apiKeyRecord({ id: key.id }), limit)
      expectEqual(answer, 'exists', 'insert with an id that exists answers exists')
    }
    expectEqual(await store.find(key.id), key, 'insert never overwrites')
  })

  itRaces('ST-02 insert: of racers with one id exactly one gets inserted', async (round) => {
    const id = uniqueText('key')
    const limit = round % 2 ? 100 : undefined
    const answers = await race((racing, index) => racing.insert(apiKeyRecord({ id, name: `racer ${index}` }), limit))
    expectEqual(countOf(answers, 'inserted'), 1, 'exactly one insert of an id answers inserted')
    expectEqual(countOf(answers, 'exists'), answers.length - 1, 'the others learn that the id exists')
    expectEqual(
      (await store.find(id))?.name,
      `racer ${answers.indexOf('inserted')}`,
      'the key is the one whose insert answered inserted',
    )
  })
}

function itLimitsKeys({ it, itRaces, store, race, concurrency }: StoreSuite<ApiKeyStore>): void {
  it('ST-02 insert: adds none to an owner who has `limit` keys, dead ones included', async () => {
    const userId = uniqueText('user')
    const owned = [{}, { revokedAt: present }, { expiresAt: later(present, -9) }].map((ends) =>
      apiKeyRecord({ userId, ...ends }),
    )
    const foreign = [userId.toUpperCase(), `${userId} `, uniqueUuid()].map((other) => apiKeyRecord({ userId: other }))
    for (const key of [...owned, ...foreign]) await store.insert(key)
    const [refused, last, beyond] = [apiKeyRecord({ userId }), apiKeyRecord({ userId }), apiKeyRecord({ userId })]
    for (const limit of [3, 2, 1, 0]) expectEqual(await store.insert(refused, limit), 'limit', `at a limit of ${limit}`)
    expectEqual(await store.find(refused.id), null, 'a refused key is not there')
    expectEqual(await store.insert(last, 4), 'inserted', 'below the limit insert answers inserted')
    expectEqual(await store.insert(last, 4), 'exists', 'a key that is there is no key beyond the limit')
    expectEqual(await store.insert(beyond, 4), 'limit', 'the last key counts too')
    expectEqual(await store.insert(beyond), 'inserted', 'without a limit insert answers inserted')
    expectEqual([await store.find(last.id), await store.find(beyond.id)], [last, beyond], 'what was inserted is there')
  })

  itRaces('ST-02 insert: of racers for one owner no more get in than `limit` leaves room for', async (round) => {
    const userId = uniqueText('user')
    const before = range(2).map(() => apiKeyRecord({ userId }))
    for (const key of before) await store.insert(key)
    const room = 1 + (round % (concurrency - 1))
    const keys = range(concurrency).map(() => apiKeyRecord({ userId }))
    const answers = await race((racing, index) => racing.insert(keys[index] as ApiKeyRecord, before.length + room)) // One each.
    expectEqual(countOf(answers, 'inserted'), room, 'as many get in as there is room for')
    expectEqual(countOf(answers, 'limit'), concurrency - room, 'every other one learns that there is none')
    const added = keys.filter((_, index) => answers[index] === 'inserted')
    const listed = (await store.list(userId)).map(({ id }) => id).sort()
    expectEqual(listed, [...before, ...added].map(({ id }) => id).sort(), 'the owner has those keys and no other')
  })
}

function itLists({ it, store }: StoreSuite<ApiKeyStore>): void {
  it('list: the owner’s keys, dead or alive, newest first', async () => {
    const userId = uniqueUuid()
    const made = (seconds: number, fields: Partial<ApiKeyRecord> = {}): ApiKeyRecord =>
      apiKeyRecord({ userId, createdAt: later(present, seconds), ...fields })
    const [middle, newest, oldest] = [
      made(-5, { revokedAt: present }),
      made(-1),
      made(-9, { expiresAt: later(present, -2) }),
    ]
    for (const key of [middle, newest, oldest, apiKeyRecord()]) await store.insert(key)
    expectEqual(await store.list(userId), [newest, middle, oldest], 'list lists exactly the owner’s keys, newest first')
  })

  it('list: at most 1,000, the newest', async () => {
    const userId = uniqueUuid()
    for (const tens of range(101)) {
      const batch = range(10).map((ones) => apiKeyRecord({ userId, createdAt: later(present, -(tens * 10 + ones)) }))
      await Promise.all(batch.map((key) => store.insert(key)))
    }
    const times = (await store.list(userId)).map(({ createdAt }) => createdAt)
    expectEqual(
      times,
      range(1000).map((seconds) => later(present, -seconds)),
      'list lists the newest 1,000',
    )
  })
}

function itRevokes({ it, itRaces, store, race }: StoreSuite<ApiKeyStore>): void {
  it('revoke: true once, for the owner’s own key only, and the first end stands', async () => {
    const key = apiKeyRecord()
    await store.insert(key)
    expectEqual(await store.revoke(key.id, uniqueUuid(), present), false, 'revoke of somebody else’s key answers false')
    expectEqual(await store.revoke(uniqueText('key'), key.userId, present), false, 'revoke of an unknown key answers false')
    expectEqual(await store.find(key.id), key, 'a refused revoke changes nothing')
    expectEqual(await store.revoke(key.id, key.userId, present), true, 'revoke answers true')
    expectEqual(await store.revoke(key.id, key.userId, later(present, 9)), false, 'a second revoke answers false')
    expectEqual(await store.find(key.id), { ...key, revokedAt: present }, 'revoke marks the key and changes nothing else')
  })

  it('revokeAll: ends all keys of an owner, and answers how many', async () => {
    const userId = uniqueUuid()
    const live = [apiKeyRecord({ userId }), apiKeyRecord({ userId })]
    const ended = apiKeyRecord({ userId, revokedAt: later(present, -9) })
    const foreign = apiKeyRecord()
    for (const key of [...live, ended, foreign]) await store.insert(key)
    expectEqual(await store.revokeAll(userId, present), 2, 'revokeAll answers how many it ended')
    expectEqual(await store.revokeAll(userId, later(present, 9)), 0, 'a second call ends nothing')
    for (const key of live) expectEqual(await store.find(key.id), { ...key, revokedAt: present }, 'all keys have ended')
    expectEqual(await store.find(ended.id), ended, 'the first end stands')
    expectEqual(await store.find(foreign.id), foreign, 'keys of others are left alone')
  })

  itRaces('ST-02 revoke: of racers exactly one gets true', async () => {
    const key = apiKeyRecord()
    await store.insert(key)
    const answers = await race((racing, index) => racing.revoke(key.id, key.userId, later(present, index)))
    expectEqual(countOf(answers, true), 1, 'exactly one call ends a key')
    expectEqual((await store.find(key.id))?.revokedAt, later(present, answers.indexOf(true)), 'the first end stands')
  })
}

function itRecordsUses({ it, itRaces, store, race, together, concurrency }: StoreSuite<ApiKeyStore>): void {
  it('recordUses: adds uses up and moves `lastUsedAt` forward, never back', async () => {
    const used = apiKeyRecord({ uses: 5, lastUsedAt: present })
    const unused = apiKeyRecord({ uses: 0, lastUsedAt: null })
    for (const key of [used, unused]) await store.insert(key)
    const absent = uniqueText('key')
    await store.recordUses([])
    await store.recordUses([
      { id: used.id, lastUsedAt: later(present, -60), uses: 2 },
      { id: absent, lastUsedAt: present, uses: 1 },
      { id: unused.id, lastUsedAt: later(present, 5), uses: 1 },
      { id: used.id, lastUsedAt: later(present, 7), uses: 3 },
      { id: unused.id, lastUsedAt: later(present, 3), uses: 1 },
    ])
    expectEqual(
      await store.find(used.id),
      { ...used, uses: 10, lastUsedAt: later(present, 7) },
      'uses add up, also in one call',
    )
    expectEqual(
      await store.find(unused.id),
      { ...unused, uses: 2, lastUsedAt: later(present, 5) },
      '`lastUsedAt` is the latest',
    )
    expectEqual(await store.find(absent), null, 'keys that are gone are passed over')
  })

  itRaces('recordUses: no use is lost in a race, nor the end of a key', async () => {
    const [raced, ended] = [apiKeyRecord({ uses: 0 }), apiKeyRecord({ uses: 0 })]
    for (const key of [raced, ended]) await store.insert(key)
    await race((racing, index) => racing.recordUses([{ id: raced.id, lastUsedAt: later(present, index), uses: index }]))
    const sum = (concurrency * (concurrency - 1)) / 2
    const expected = { ...raced, uses: sum, lastUsedAt: later(present, concurrency - 1) }
    expectEqual(await store.find(raced.id), expected, 'N racers add up exactly, and the latest use stands')
    await together(
      () => store.recordUses([{ id: ended.id, lastUsedAt: later(present, 1), uses: 1 }]),
      () => store.revoke(ended.id, ended.userId, present),
    )
    const after = { ...ended, uses: 1, lastUsedAt: later(present, 1), revokedAt: present }
    expectEqual(await store.find(ended.id), after, 'recording a use never takes back a revocation')
  })
}

function itTellsOfKeys(suite: StoreSuite<ApiKeyStore>): void {
  for (const limit of [undefined, 10])
    itTells(suite, limit === undefined ? 'insert' : 'insert, with a limit', async () => {
      const key = apiKeyRecord()
      return async (keys, event) => (await keys.insert(key, limit, event)) === 'inserted'
    })
  itTells(suite, 'rotate', async () => {
    const key = apiKeyRecord()
    await suite.store.insert(key)
    return async (keys, event) => (await keys.rotate({ ...apiKeyRotationOf(key), event })) === 'rotated'
  })
  itTells(suite, 'revoke', async () => {
    const { id, userId, createdAt } = apiKeyRecord()
    await suite.store.insert(apiKeyRecord({ id, userId, createdAt }))
    return (keys, event) => keys.revoke(id, userId, later(createdAt, 1), event)
  })
}
