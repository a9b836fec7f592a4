import type { UserChanges, UserRecord, UserRevocation, UserStore } from '../../accounts/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { countOf, present, range, uniqueText } from './samples.js'
import type { StoreSuite } from './store-suite.js'
import { revocationOf, userRecord } from './user-samples.js'

/** Tests of `keepsHolderOf`, and of what a change expects of `accessVersion`. */
export function itKeepsRoleHolders(suite: StoreSuite<UserStore>): void {
  itKeepsTheLast(suite)
  itActsWhileOthersRemain(suite)
  itCountsHolders(suite)
  itKeepsEachSet(suite)
  itKeepsOneOfRacers(suite)
  itKeepsOneOfEachSet(suite)
  itExpectsVersions(suite)
}

/** A user who holds a role and is not disabled. */
function holder(role: string, fields: Partial<UserRecord> = {}): UserRecord {
  return userRecord({ roles: ['user', role], disabledAt: null, ...fields })
}

function keeping(user: UserRecord, role: string, set: UserChanges, more: Partial<UserRevocation> = {}): UserRevocation {
  return revocationOf(user.id, { set, keepsHolderOf: [['another role', role]], ...more })
}

function itKeepsTheLast({ it, store }: StoreSuite<UserStore>): void {
  it('ST-02 revoke, delete: what would leave no holder of `keepsHolderOf` changes nothing', async () => {
    const role = uniqueText('owner')
    const last = holder(role)
    await store.insert(last)
    // None of these is another holder.
    await store.insert(holder(role, { disabledAt: present }))
    await store.insert(holder(`${role}s`))
    await store.insert(holder(role.toUpperCase()))
    const gone = holder(role)
    await store.insert(gone)
    await store.delete(gone.id)
    const changes: readonly UserChanges[] = [
      { roles: [] },
      { roles: ['user', `${role} `] },
      { disabledAt: present },
      { roles: [role], disabledAt: present },
    ]
    for (const set of changes) {
      const told = `revoke of the last holder with ${JSON.stringify(set)} answers null`
      expectEqual(await store.revoke(keeping(last, role, set)), null, told)
    }
    expectEqual(await store.delete(last.id, [[role, 'another role']]), false, 'delete of the last holder answers false')
    expectEqual(await store.find(last.id), last, 'a refused change changes nothing')
    expectEqual((await store.findByEmailKey(last.emailKey))?.id, last.id, 'the last holder keeps the address')
    expectThat((await store.revoke(revocationOf(last.id, { set: { roles: [] } }))) !== null, 'without it, revoke acts')
  })
}

function itActsWhileOthersRemain({ it, store }: StoreSuite<UserStore>): void {
  it('revoke, delete: act while another holder of `keepsHolderOf` remains', async () => {
    const changes: readonly UserChanges[] = [{ roles: [] }, { disabledAt: present }]
    for (const set of changes) {
      const role = uniqueText('owner')
      const [first, second] = [holder(role), holder(role)]
      await store.insert(first)
      await store.insert(second)
      expectThat((await store.revoke(keeping(first, role, set))) !== null, 'revoke acts while another holder remains')
      const now = { ...first, ...set, sessionEpoch: first.sessionEpoch + 1, accessVersion: first.accessVersion + 1 }
      expectEqual(await store.find(first.id), now, 'revoke writes `set`')
      expectEqual(await store.revoke(keeping(second, role, set)), null, 'the one that remains is the last')
      expectThat(await store.insert(holder(role)), 'insert answers true')
      expectEqual(await store.delete(second.id, [[role]]), true, 'delete acts while another holder remains')
    }
  })
}

function itCountsHolders({ it, store }: StoreSuite<UserStore>): void {
  it('revoke, delete: hold nobody back who is no holder, or stays one', async () => {
    const role = uniqueText('owner')
    const last = holder(role)
    const [plain, disabled] = [userRecord({ roles: ['user'], disabledAt: null }), holder(role, { disabledAt: present })]
    for (const user of [last, plain, disabled]) await store.insert(user)
    const allowed: readonly (readonly [UserRecord, UserChanges])[] = [
      [last, {}],
      [last, { passwordHash: 'another', roles: [role, role] }],
      [last, { roles: ['another role'] }],
      [last, { roles: [role], disabledAt: null }],
      [plain, { roles: [] }],
      [plain, { disabledAt: present }],
      [disabled, { roles: [] }],
    ]
    for (const [user, set] of allowed) {
      const told = `revoke with ${JSON.stringify(set)} acts`
      expectThat((await store.revoke(keeping(user, role, set))) !== null, told)
    }
    expectEqual(await store.delete(plain.id, [[role]]), true, 'delete of who is no holder answers true')
    expectEqual(await store.delete(disabled.id, [[role]]), true, 'delete of a disabled user answers true')
    const unheld = [[], [uniqueText('unheld')]]
    expectThat((await store.revoke(keeping(last, role, { roles: [] }, { keepsHolderOf: unheld }))) !== null, 'unheld sets')
    const next = holder(role)
    await store.insert(next)
    expectThat((await store.revoke(keeping(next, role, { roles: [] }, { keepsHolderOf: [] }))) !== null, 'no sets')
  })
}

function itKeepsEachSet({ it, store }: StoreSuite<UserStore>): void {
  it('ST-02 revoke, delete: keep the last holder of each set of `keepsHolderOf`, whoever holds the others', async () => {
    const [upper, lower] = [uniqueText('owner'), uniqueText('manager')]
    const sets = { keepsHolderOf: [[upper], [upper, lower], []] }
    const [first, last, other] = [holder(lower), holder(lower), holder(upper)]
    for (const user of [first, last]) await store.insert(user)
    // Nobody holds the first set: the second one counts all the same.
    expectThat((await store.revoke(keeping(first, lower, { roles: [] }, sets))) !== null, 'who is not the last may go')
    for (const set of [{ roles: ['user'] }, { disabledAt: present }]) {
      expectEqual(await store.revoke(keeping(last, lower, set, sets)), null, 'the last holder of the second set is kept')
    }
    expectEqual(await store.delete(last.id, sets.keepsHolderOf), false, 'and is not deleted')
    expectThat((await store.revoke(keeping(last, lower, { roles: [lower] }, sets))) !== null, 'what keeps the set acts')

    await store.insert(other)
    expectEqual(await store.revoke(keeping(other, upper, { roles: [lower] }, sets)), null, 'the first set counts by itself')
    expectThat((await store.revoke(keeping(last, lower, { roles: [] }, sets))) !== null, 'a holder of both sets remains')
    expectEqual(await store.delete(other.id, sets.keepsHolderOf), false, 'the last holder of both is not deleted')

    const apart = { keepsHolderOf: [[upper], [lower]] }
    const second = holder(lower)
    await store.insert(second)
    const told = 'no holder of one set stands in for those of another'
    expectEqual(await store.revoke(keeping(other, upper, { roles: [lower] }, apart)), null, told)
    expectEqual(await store.revoke(keeping(second, lower, { roles: [upper] }, apart)), null, told)
    expectEqual(
      [await store.find(other.id), await store.find(second.id)],
      [other, second],
      'what is refused changes nothing',
    )
  })
}

function itKeepsOneOfRacers({ itRaces, store, concurrency, race }: StoreSuite<UserStore>): void {
  itRaces('ST-02 revoke, delete: of racers that each take another holder away, one holder remains', async (round) => {
    const role = uniqueText('owner')
    const users = range(concurrency).map(() => holder(role))
    for (const user of users) await store.insert(user)
    const acted = await race(async (racing, index) => {
      const user = users[index] as UserRecord // One for each racer.
      if ((round + index) % 3 === 0) return racing.delete(user.id, [[role]])
      const set = (round + index) % 3 === 1 ? { roles: ['user'] } : { disabledAt: present }
      return (await racing.revoke(keeping(user, role, set))) !== null
    })
    expectEqual(countOf(acted, false), 1, 'exactly one of them is held back')
    const found = await Promise.all(users.map((user) => store.find(user.id)))
    const left = found.filter((user) => user !== null && user.disabledAt === null && user.roles.includes(role))
    expectEqual(
      left.map((user) => user?.id),
      [users[acted.indexOf(false)]?.id],
      'and is the one holder that remains',
    )
  })
}

function itKeepsOneOfEachSet({ itRaces, store, concurrency, race }: StoreSuite<UserStore>): void {
  itRaces('ST-02 revoke, delete: racers leave one holder of each set of `keepsHolderOf`', async (round) => {
    const [even, odd, unheld] = [uniqueText('even'), uniqueText('odd'), uniqueText('unheld')]
    const users = range(concurrency).map((index) => holder(index % 2 ? odd : even))
    for (const user of users) await store.insert(user)
    const keepsHolderOf = [[unheld], [unheld, even], [odd]]
    const acted = await race(async (racing, index) => {
      const user = users[index] as UserRecord // One for each racer.
      if ((round + index) % 3 === 0) return racing.delete(user.id, keepsHolderOf)
      const set = (round + index) % 3 === 1 ? { roles: ['user'] } : { disabledAt: present }
      return (await racing.revoke(revocationOf(user.id, { set, keepsHolderOf }))) !== null
    })
    const kept = users.filter((_, index) => acted[index] === false)
    expectEqual(kept.map(({ roles }) => roles[1]).sort(), [even, odd].sort(), 'one holder of each set is held back')
    for (const user of kept) expectEqual(await store.find(user.id), user, 'and remains as it was')
  })
}

function itExpectsVersions({ it, itRaces, store, race }: StoreSuite<UserStore>): void {
  it('revoke: acts only while `accessVersion` is the expected one', async () => {
    const user = userRecord({ accessVersion: 7 })
    await store.insert(user)
    for (const accessVersion of [0, 6, 8]) {
      expectEqual(await store.revoke(revocationOf(user.id, { expected: { accessVersion } })), null, 'another is refused')
    }
    expectEqual(await store.find(user.id), user, 'a refused change changes nothing')
    const raised = await store.revoke(revocationOf(user.id, { expected: { accessVersion: 7 }, ends: 'tokens' }))
    expectEqual(raised?.accessVersion, 8, 'the present one is accepted')
  })

  itRaces('ST-02 revoke: of racers that expect one `accessVersion` exactly one acts', async () => {
    const user = userRecord({ accessVersion: 7 })
    await store.insert(user)
    const answers = await race((racing, index) =>
      racing.revoke(revocationOf(user.id, { expected: { accessVersion: 7 }, set: { roles: [`racer ${index}`] } })),
    )
    const winners = answers.flatMap((raised, index) => (raised ? [`racer ${index}`] : []))
    expectEqual(winners.length, 1, 'exactly one acts')
    expectEqual((await store.find(user.id))?.roles, winners, 'the roles are those of the one that acted')
  })
}
