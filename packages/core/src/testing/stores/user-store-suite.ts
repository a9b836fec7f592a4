import type { UserRecord, UserStore } from '../../accounts/index.js'
import { itSwapsEmails } from './email-swap-tests.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { itKeepsRoleHolders } from './role-holder-tests.js'
import { countOf, uniqueText, uniqueUuid } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells, itTellsAtOnce } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { itListsUsers } from './user-list-tests.js'
import { itRaisesVersions } from './user-revocation-tests.js'
import { emailSwapOf, revocationOf, userRecord, variedUsers } from './user-samples.js'
import { vandalise } from './vandalise.js'

/** Proves a `UserStore`: each sentence of its interface is a test. */
export function userStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('users', api, openStores, options, (suite) => {
    itKeepsUsers(suite)
    itTellsTextsApart(suite)
    itTakesAnyText(suite)
    itInserts(suite)
    itSwapsPasswordHashes(suite)
    itSwapsEmails(suite)
    itRaisesVersions(suite)
    itKeepsRoleHolders(suite)
    itListsUsers(suite)
    itDeletes(suite)
    itTellsOfUsers(suite)
  })
}

function itKeepsUsers({ it, store }: StoreSuite<UserStore>): void {
  it('ST-01 find, findByEmailKey: give back every field as it was inserted', async () => {
    for (const user of variedUsers()) {
      expectThat(await store.insert(user), 'insert of a new user answers true')
      expectEqual(await store.find(user.id), user, 'find gives back the user')
      expectEqual(await store.findByEmailKey(user.emailKey), user, 'findByEmailKey gives back the user')
    }
  })

  it('ST-01 find, findByEmailKey: null for what was never inserted, whatever text it is', async () => {
    for (const text of [uniqueUuid(), ...hostileTexts]) {
      expectEqual(await store.find(text), null, `find(${JSON.stringify(text)}) answers null`)
      expectEqual(await store.findByEmailKey(`${text}${uniqueText('')}`), null, 'findByEmailKey answers null')
    }
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const text of shortHostileTexts) {
      const emailKey = `${text}${uniqueText('')}`
      const user = userRecord({ email: text, emailKey, name: text, passwordHash: text, roles: [text, 'user', text] })
      expectThat(await store.insert(user), 'insert of a new user answers true')
      expectEqual(await store.findByEmailKey(emailKey), user, 'findByEmailKey gives back the user')
      const set = { roles: [text, 'admin'], passwordHash: `${text} again` }
      await store.revoke(revocationOf(user.id, { ends: 'tokens', set }))
      const changed = { ...user, ...set, accessVersion: user.accessVersion + 1 }
      expectEqual(await store.find(user.id), changed, 'revoke writes what it is given')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const user = userRecord()
    const passed = structuredClone(user)
    await store.insert(passed)
    vandalise(passed)
    vandalise(await store.find(user.id))
    vandalise(await store.findByEmailKey(user.emailKey))
    expectEqual(await store.find(user.id), user, 'the store keeps what was inserted')

    const set = { roles: ['editor'], disabledAt: new Date(user.createdAt) }
    const passedSet = structuredClone(set)
    await store.revoke(revocationOf(user.id, { ends: 'tokens', set: passedSet }))
    vandalise(passedSet)
    const changed = { ...user, ...set, accessVersion: user.accessVersion + 1 }
    expectEqual(await store.find(user.id), changed, 'the store keeps what revoke was given')
  })
}

function itTellsTextsApart({ it, store }: StoreSuite<UserStore>): void {
  it('ST-01 takes ids that look alike for different ones', async () => {
    const user = userRecord()
    await store.insert(user)
    for (const id of lookalikesOf(user.id)) {
      const like = `for an id that looks like another: ${JSON.stringify(id.slice(0, 60))}`
      expectEqual(await store.find(id), null, `find answers null ${like}`)
      expectEqual(await store.revoke(revocationOf(id)), null, `revoke answers null ${like}`)
      expectEqual(
        await store.swapPasswordHash(id, user.passwordHash ?? '', 'x'),
        false,
        `swapPasswordHash answers false ${like}`,
      )
      expectEqual(await store.delete(id), false, `delete answers false ${like}`)
    }
    expectEqual(await store.find(user.id), user, 'the user is as before')
  })

  it('ST-01 takes canonical addresses that look alike for different ones', async () => {
    const user = userRecord({ emailKey: uniqueText('jos\u00e9+a_b@Example.com') })
    await store.insert(user)
    const others = lookalikesOf(user.emailKey)
    for (const emailKey of others) {
      expectEqual(await store.findByEmailKey(emailKey), null, `findByEmailKey(${JSON.stringify(emailKey)}) answers null`)
    }
    for (const emailKey of others.filter((other) => other.length > 24 && other.length < 250)) {
      const other = userRecord({ emailKey })
      expectThat(await store.insert(other), `insert answers true for another address: ${JSON.stringify(emailKey)}`)
      expectEqual((await store.findByEmailKey(emailKey))?.id, other.id, 'findByEmailKey finds exactly that user')
      await store.delete(other.id)
    }
  })
}

function itTakesAnyText(suite: StoreSuite<UserStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => [
    ['find', store.find(text), null],
    ['findByEmailKey', store.findByEmailKey(text), null],
    ['revoke', store.revoke(revocationOf(text)), null],
    ['swapPasswordHash', store.swapPasswordHash(text, 'a', 'b'), false],
    ['swapEmail', store.swapEmail(emailSwapOf({ ...userRecord(), id: text })), 'stale'],
    ['delete', store.delete(text), false],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const user = userRecord({ email: text, name: text })
    return {
      write: () => store.insert(user),
      read: () => store.find(user.id),
      expected: { kept: user, refused: null },
    }
  })
}

function itInserts({ it, itRaces, store, race }: StoreSuite<UserStore>): void {
  it('ST-02 insert: false where the id or the address exists, and nothing changes', async () => {
    const user = userRecord()
    await store.insert(user)
    const sameId = userRecord({ id: user.id })
    const sameAddress = userRecord({ emailKey: user.emailKey })
    expectEqual(await store.insert(user), false, 'insert of the same user answers false')
    expectEqual(await store.insert(sameId), false, 'insert with an id that exists answers false')
    expectEqual(await store.insert(sameAddress), false, 'insert with an address that exists answers false')
    expectEqual(await store.find(user.id), user, 'insert never overwrites')
    expectEqual(await store.findByEmailKey(user.emailKey), user, 'insert never takes an address over')
    expectEqual(await store.find(sameAddress.id), null, 'a refused insert leaves nothing behind')
    expectThat(await store.insert(userRecord({ emailKey: sameId.emailKey })), 'a refused insert leaves its address free')
  })

  itRaces('ST-02 insert: of racers with one address exactly one gets true', async () => {
    const emailKey = uniqueText('raced@example.com')
    const users: string[] = []
    const answers = await race((racing, index) => {
      const user = userRecord({ emailKey })
      users[index] = user.id
      return racing.insert(user)
    })
    expectEqual(countOf(answers, true), 1, 'exactly one insert of an address answers true')
    const winner = users[answers.indexOf(true)] ?? ''
    expectEqual((await store.findByEmailKey(emailKey))?.id, winner, 'the address belongs to whoever got true')
    for (const id of users.filter((other) => other !== winner))
      expectEqual(await store.find(id), null, 'a loser is not there')
  })

  itRaces('ST-02 insert: of racers with one id exactly one gets true', async () => {
    const id = uniqueUuid()
    const answers = await race((racing, index) => racing.insert(userRecord({ id, name: `racer ${index}` })))
    expectEqual(countOf(answers, true), 1, 'exactly one insert of an id answers true')
    expectEqual(
      (await store.find(id))?.name,
      `racer ${answers.indexOf(true)}`,
      'the user is the one whose insert answered true',
    )
  })
}

function itSwapsPasswordHashes({ it, itRaces, store, race }: StoreSuite<UserStore>): void {
  it('swapPasswordHash: replaces the hash while it is still `from`, and nothing else', async () => {
    const user = userRecord({ passwordHash: 'old' })
    const empty = userRecord({ passwordHash: null })
    await store.insert(user)
    await store.insert(empty)
    expectEqual(
      await store.swapPasswordHash(user.id, 'OLD', 'new'),
      false,
      'another hash than the present one answers false',
    )
    expectEqual(await store.swapPasswordHash(empty.id, '', 'new'), false, 'an account without a password answers false')
    expectEqual(await store.swapPasswordHash(uniqueUuid(), 'old', 'new'), false, 'an unknown user answers false')
    expectEqual([await store.find(user.id), await store.find(empty.id)], [user, empty], 'a refused swap changes nothing')
    expectEqual(await store.swapPasswordHash(user.id, 'old', 'new'), true, 'the present hash answers true')
    expectEqual(await store.find(user.id), { ...user, passwordHash: 'new' }, 'a swap changes the hash alone')
  })

  itRaces('ST-02 swapPasswordHash: of racers with one `from` exactly one gets true', async () => {
    const user = userRecord({ passwordHash: 'old' })
    await store.insert(user)
    const answers = await race((racing, index) => racing.swapPasswordHash(user.id, 'old', `new ${index}`))
    expectEqual(countOf(answers, true), 1, 'exactly one swap answers true')
    const winner = { ...user, passwordHash: `new ${answers.indexOf(true)}` }
    expectEqual(await store.find(user.id), winner, 'the hash is the one whose swap answered true')
  })
}

function itDeletes({ it, itRaces, store, race, together }: StoreSuite<UserStore>): void {
  it('delete: true once, and the address is free at once', async () => {
    const user = userRecord()
    await store.insert(user)
    expectEqual(await store.delete(user.id), true, 'delete answers true')
    expectEqual(await store.delete(user.id), false, 'a second delete answers false')
    expectEqual(await store.delete(uniqueUuid()), false, 'delete of an unknown user answers false')
    expectEqual(await store.find(user.id), null, 'find answers null after delete')
    expectEqual(await store.findByEmailKey(user.emailKey), null, 'findByEmailKey answers null after delete')
    expectEqual(await store.revoke(revocationOf(user.id)), null, 'revoke answers null after delete')
    const next = userRecord({ emailKey: user.emailKey })
    expectThat(await store.insert(next), 'the address of a deleted user is free')
    expectEqual(await store.findByEmailKey(user.emailKey), next, 'the address belongs to the new user')
  })

  it('delete: the id never comes back', async () => {
    const user = userRecord()
    await store.insert(user)
    await store.delete(user.id)
    const again = userRecord({ id: user.id })
    expectEqual(await store.insert(user), false, 'insert of a deleted user answers false')
    expectEqual(await store.insert(again), false, 'insert with the id of a deleted user answers false')
    expectEqual(await store.find(user.id), null, 'a deleted user stays deleted')
    expectEqual(await store.findByEmailKey(again.emailKey), null, 'a refused insert leaves its address free')
  })

  itRaces('ST-02 delete: of racers exactly one gets true', async () => {
    const user = userRecord()
    await store.insert(user)
    const answers = await race((racing) => racing.delete(user.id))
    expectEqual(countOf(answers, true), 1, 'exactly one delete answers true')
  })

  itRaces('delete: no change that races with it brings the user back', async () => {
    const user = userRecord({ passwordHash: 'old' })
    await store.insert(user)
    await together(
      () => store.delete(user.id),
      () => store.revoke(revocationOf(user.id, { set: { roles: ['admin'] } })),
      () => store.swapPasswordHash(user.id, 'old', 'new'),
      () => store.swapEmail(emailSwapOf(user)),
      () => store.revoke(revocationOf(user.id, { ends: 'tokens' })),
    )
    expectEqual(await store.find(user.id), null, 'a deleted user stays deleted')
    expectEqual(await store.findByEmailKey(user.emailKey), null, 'its address stays free')
  })
}

function itTellsOfUsers(suite: StoreSuite<UserStore>): void {
  const { store } = suite

  async function inserted(): Promise<UserRecord> {
    const user = userRecord()
    await store.insert(user)
    return user
  }

  itTells(suite, 'insert', async () => {
    const user = userRecord()
    return (users, event) => users.insert(user, event)
  })
  itTellsAtOnce(suite, 'insert', async () => {
    const user = userRecord()
    return {
      make: (users, event) => users.insert(user, event),
      isSeen: async (users) => (await users.find(user.id)) !== null,
    }
  })
  itTells(suite, 'swapEmail', async () => {
    const user = await inserted()
    return async (users, event) => (await users.swapEmail(emailSwapOf(user, { event }))) === 'swapped'
  })
  itTells(suite, 'revoke', async () => {
    const { id, accessVersion } = await inserted()
    const change = revocationOf(id, { expected: { accessVersion } })
    return async (users, event) => (await users.revoke({ ...change, event })) !== null
  })
  itTells(suite, 'revoke, with the feed beside it', async () => {
    const { id, accessVersion } = await inserted()
    return async (users, event, { stores: { revocations } }) => {
      const feed = revocations ? { feed: revocations } : {}
      return (await users.revoke(revocationOf(id, { expected: { accessVersion }, event, ...feed }))) !== null
    }
  })
  itTells(suite, 'revoke, keeping holders', async () => {
    const { id, accessVersion } = await inserted()
    const change = revocationOf(id, { expected: { accessVersion }, keepsHolderOf: [[uniqueText('nobody has')]] })
    return async (users, event) => (await users.revoke({ ...change, event })) !== null
  })
  itTells(suite, 'delete', async () => {
    const { id } = await inserted()
    return (users, event) => users.delete(id, [], event)
  })
}
