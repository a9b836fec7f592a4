import type { UserChanges, UserRecord, UserStore } from '../../accounts/index.js'
import type { RevocationEntry } from '../../tokens/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { afterMs, present, range, uniqueUuid } from './samples.js'
import type { OpenedStores, StoreSuite } from './store-suite.js'
import { foreignFeed, revocationOf, userRecord } from './user-samples.js'

/** Tests of `UserStore.revoke`. */
export function itRaisesVersions(suite: StoreSuite<UserStore>): void {
  itRaisesAndWrites(suite)
  itHoldsToExpectations(suite)
  itAnnounces(suite)
  itCountsRacers(suite)
  itLosesNoUpdate(suite)
}

function itRaisesAndWrites({ it, store }: StoreSuite<UserStore>): void {
  it('revoke: `sessions` raises both versions by one, `tokens` accessVersion alone', async () => {
    const user = userRecord({ sessionEpoch: 3, accessVersion: 7 })
    await store.insert(user)
    const first = await store.revoke(revocationOf(user.id, { ends: 'sessions' }))
    expectEqual(first, { sessionEpoch: 4, accessVersion: 8, announced: false }, 'revoke answers the versions after it')
    expectEqual(await store.find(user.id), { ...user, sessionEpoch: 4, accessVersion: 8 }, '`sessions` raises both, no more')
    const second = await store.revoke(revocationOf(user.id, { ends: 'tokens', set: {} }))
    expectEqual(second, { sessionEpoch: 4, accessVersion: 9, announced: false }, 'revoke answers the versions after it')
    expectEqual(await store.find(user.id), { ...user, sessionEpoch: 4, accessVersion: 9 }, '`tokens` raises one, no more')
    expectEqual(await store.findByEmailKey(user.emailKey), await store.find(user.id), 'both ways of finding agree')
  })

  it('revoke: writes what is in `set` and leaves all else', async () => {
    const changes: readonly UserChanges[] = [
      { passwordHash: 'another' },
      { passwordHash: null },
      { emailVerifiedAt: null },
      { emailVerifiedAt: afterMs(present, 7) },
      { roles: [] },
      { roles: ['b', 'a', 'b'] },
      { disabledAt: null },
      { disabledAt: afterMs(present, 5) },
      { passwordHash: null, emailVerifiedAt: afterMs(present, 8), roles: ['user'], disabledAt: null },
    ]
    for (const set of changes) {
      const user = userRecord()
      await store.insert(user)
      expectThat((await store.revoke(revocationOf(user.id, { set }))) !== null, 'revoke finds the user')
      const expected = { ...user, ...set, sessionEpoch: user.sessionEpoch + 1, accessVersion: user.accessVersion + 1 }
      expectEqual(await store.find(user.id), expected, 'revoke writes `set` and nothing else')
    }
  })
}

function itHoldsToExpectations({ it, store }: StoreSuite<UserStore>): void {
  it('revoke: null where there is no such user or an expectation fails, and nothing changes', async () => {
    const user = userRecord({ passwordHash: 'present', sessionEpoch: 3 })
    const without = userRecord({ passwordHash: null, sessionEpoch: 3 })
    await store.insert(user)
    await store.insert(without)
    const refused = [
      revocationOf(uniqueUuid()),
      revocationOf(user.id, { expected: { passwordHash: 'another' } }),
      revocationOf(user.id, { expected: { passwordHash: null } }),
      revocationOf(user.id, { expected: { emailKey: without.emailKey } }),
      revocationOf(user.id, { expected: { passwordHash: 'present', emailKey: user.emailKey.toUpperCase() } }),
      revocationOf(user.id, { expected: { sessionEpoch: 2 } }),
      revocationOf(user.id, { expected: { sessionEpoch: 4 } }),
      revocationOf(user.id, { expected: { passwordHash: 'present', sessionEpoch: 2 } }),
      revocationOf(user.id, { expected: { passwordHash: 'another', sessionEpoch: 3 } }),
      revocationOf(without.id, { expected: { passwordHash: 'present' } }),
      revocationOf(without.id, { expected: { passwordHash: '' } }),
    ]
    for (const change of refused) {
      const told = `revoke expecting ${JSON.stringify(change.expected)} answers null`
      expectEqual(await store.revoke({ ...change, set: { roles: ['admin'] } }), null, told)
    }
    expectEqual(
      [await store.find(user.id), await store.find(without.id)],
      [user, without],
      'a refused change changes nothing',
    )
  })

  it('revoke: acts where every expectation holds, also that there is no password', async () => {
    const expectations: readonly Partial<UserRecord>[] = [{ passwordHash: 'present' }, { passwordHash: null }, {}]
    for (const fields of expectations) {
      const user = userRecord({ ...fields, sessionEpoch: 3 })
      await store.insert(user)
      const expected = { ...fields, emailKey: user.emailKey, sessionEpoch: 3 }
      const raised = await store.revoke(revocationOf(user.id, { expected, set: { passwordHash: 'next' } }))
      expectEqual(raised?.sessionEpoch, 4, `revoke acts where ${JSON.stringify(expected)} holds`)
      expectEqual((await store.find(user.id))?.passwordHash, 'next', 'revoke writes `set`')
    }
  })
}

function itAnnounces({ it, itRaces, store, opened, concurrency, together }: StoreSuite<UserStore>): void {
  it('revoke: leaves a feed that the store does not keep to the caller', async () => {
    const user = userRecord()
    await store.insert(user)
    const { feed, appended } = foreignFeed()
    const raised = await store.revoke(revocationOf(user.id, { feed }))
    expectEqual(raised?.announced, false, '`announced` is false for a feed of another system')
    expectEqual(appended, [], 'nothing is appended to a feed of another system')
  })

  itRaces(
    'revoke: `announced` is true only where the feed has the entry, and a refused change announces nothing',
    async () => {
      const user = userRecord({ passwordHash: 'present' })
      await store.insert(user)
      const entryExpiresAt = afterMs(present, 3_900_000)
      const racers = range(concurrency).map((index) => () => {
        const { users, feed } = connection(opened(), index)
        return users.revoke(revocationOf(user.id, { ends: index % 2 ? 'tokens' : 'sessions', feed, entryExpiresAt }))
      })
      const raised = await together(...racers)
      const { users, feed } = connection(opened(), 0)
      await users.revoke(revocationOf(user.id, { feed, expected: { passwordHash: 'another' } }))
      const inFeed = await entriesOf(opened(), user.id)
      const announced = raised.flatMap((versions) => (versions?.announced ? [versions.accessVersion] : []))
      const expected = announced
        .sort((a, b) => a - b)
        .map((minVersion) => ({ target: { user: user.id, minVersion }, expiresAt: entryExpiresAt }))
      expectEqual(inFeed, expected, 'the feed holds { user, minVersion } of each change that was announced, and no other')
    },
  )
}

/** A user store and the feed that is opened with it; without one, a feed of another system. */
function connection(opened: readonly OpenedStores[], index: number): { users: UserStore; feed: UserRevocationFeed } {
  const { users, revocations } = opened[index % opened.length]?.stores ?? {}
  if (!users) throw new Error('openStores() gave no users store')
  return { users, feed: revocations ?? foreignFeed().feed }
}

type UserRevocationFeed = ReturnType<typeof foreignFeed>['feed']

/** What the last connection's feed holds about a user, by version, each entry once. */
async function entriesOf(opened: readonly OpenedStores[], userId: string): Promise<readonly Omit<RevocationEntry, 'id'>[]> {
  const page = await opened.at(-1)?.stores.revocations?.read(null, present)
  const byId = new Map(page?.entries.map((entry) => [entry.id, entry]))
  return [...byId.values()]
    .flatMap(({ target, expiresAt }) => ('user' in target && target.user === userId ? [{ target, expiresAt }] : []))
    .sort((a, b) => a.target.minVersion - b.target.minVersion)
}

function itCountsRacers({ itRaces, store, race, concurrency }: StoreSuite<UserStore>): void {
  itRaces('ST-02 revoke: each of N racers raises by one, and answers its own versions', async () => {
    const user = userRecord({ sessionEpoch: 1, accessVersion: 1 })
    await store.insert(user)
    const raised = await race((racing, index) =>
      racing.revoke(revocationOf(user.id, { ends: index % 2 ? 'tokens' : 'sessions', set: { roles: [`racer ${index}`] } })),
    )
    const versions = raised.map((answer) => answer?.accessVersion ?? 0)
    const inOrder = [...versions].sort((a, b) => a - b)
    expectEqual(
      inOrder,
      range(concurrency).map((index) => index + 2),
      'N changes raise accessVersion exactly N times',
    )
    const after = await store.find(user.id)
    const ended = Math.ceil(concurrency / 2)
    expectEqual(after?.accessVersion, concurrency + 1, 'accessVersion is raised once for each change')
    expectEqual(after?.sessionEpoch, ended + 1, 'sessionEpoch is raised once for each change that ends sessions')
    const last = versions.indexOf(Math.max(...versions))
    expectEqual(
      after?.roles,
      [`racer ${last}`],
      '`set` is written in the same statement: the last version has the last roles',
    )
  })

  itRaces('ST-02 revoke: of racers with one expectation exactly one acts', async () => {
    const user = userRecord({ sessionEpoch: 1, passwordHash: 'present' })
    await store.insert(user)
    const byEpoch = await race((racing) => racing.revoke(revocationOf(user.id, { expected: { sessionEpoch: 1 } })))
    expectEqual(byEpoch.filter((answer) => answer !== null).length, 1, 'exactly one change expecting an epoch acts')
    const byHash = await race((racing, index) => {
      const set = { passwordHash: `racer ${index}` }
      return racing.revoke(revocationOf(user.id, { set, expected: { passwordHash: 'present' } }))
    })
    const winner = byHash.findIndex((answer) => answer !== null)
    expectEqual(byHash.filter((answer) => answer !== null).length, 1, 'exactly one change expecting a hash acts')
    const { sessionEpoch, passwordHash } = (await store.find(user.id)) ?? {}
    expectEqual(
      { sessionEpoch, passwordHash },
      { sessionEpoch: 3, passwordHash: `racer ${winner}` },
      'only the winners change the user',
    )
  })
}

function itLosesNoUpdate({ itRaces, store, together }: StoreSuite<UserStore>): void {
  itRaces('revoke, swapPasswordHash: neither loses what the other wrote', async () => {
    const user = userRecord({ passwordHash: 'old', sessionEpoch: 1, accessVersion: 1, roles: ['user'] })
    await store.insert(user)
    await together(
      () => store.swapPasswordHash(user.id, 'old', 'the old one, renewed'),
      () => store.revoke(revocationOf(user.id, { set: { passwordHash: 'reset' } })),
      () => store.revoke(revocationOf(user.id, { ends: 'tokens', set: { roles: ['admin'] } })),
    )
    const expected = { ...user, passwordHash: 'reset', roles: ['admin'], sessionEpoch: 2, accessVersion: 3 }
    expectEqual(await store.find(user.id), expected, 'a password that was reset stays reset, and every change is there')
  })

  itRaces('find, findByEmailKey: all fields are of one moment', async () => {
    const user = userRecord({ passwordHash: 'hash 1', sessionEpoch: 1 })
    await store.insert(user)
    const change = async (): Promise<void> => {
      for (const epoch of range(6)) {
        await store.revoke(revocationOf(user.id, { set: { passwordHash: `hash ${epoch + 2}` } }))
      }
    }
    const watch = async (): Promise<void> => {
      for (const index of range(12)) {
        const seen = await (index % 2 ? store.find(user.id) : store.findByEmailKey(user.emailKey))
        expectEqual(seen?.passwordHash, `hash ${seen?.sessionEpoch}`, 'the hash and the epoch that are read belong together')
      }
    }
    await together(change, watch, watch)
  })
}
