import type { IdentityRecord, IdentityStore } from '../../accounts/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { itClaims } from './identity-claim-tests.js'
import { itUnlinks } from './identity-end-tests.js'
import { claimOf, identityRecord, unverifiedUser, usersIn, variedIdentities } from './identity-samples.js'
import { countOf, uniqueText, uniqueUuid } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { userRecord } from './user-samples.js'
import { vandalise } from './vandalise.js'

/** Proves an `IdentityStore`: each sentence of its interface is a test. `openStores` gives the store of users beside it. */
export function identityStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('identities', api, openStores, options, (suite) => {
    itKeepsIdentities(suite)
    itTellsTextsApart(suite)
    itSignsUp(suite)
    itLinks(suite)
    itClaims(suite)
    itUnlinks(suite)
    itTellsOfIdentities(suite)
  })
}

/** Signs somebody up with an identity. */
async function signUp(store: IdentityStore, fields: Partial<IdentityRecord> = {}) {
  const user = userRecord()
  const identity = identityRecord(user.id, fields)
  expectEqual(await store.insertUser({ user, identity }), 'inserted', 'insertUser of somebody new answers inserted')
  return { user, identity }
}

function itKeepsIdentities(suite: StoreSuite<IdentityStore>): void {
  const { it, store, opened } = suite
  it('ST-01 find, list: give back every field as it was inserted, in the order of creation', async () => {
    const { user, identity } = await signUp(store)
    const { sessionEpoch } = user
    expectEqual(await usersIn(opened()).find(user.id), user, 'the user is there with every field')
    const others = variedIdentities(user.id)
    for (const each of others) expectEqual(await store.insert({ identity: each, sessionEpoch }), 'inserted', 'is linked')
    for (const each of [identity, ...others])
      expectEqual(await store.find(each.provider, each.subject), each, 'find gives back the identity')
    const times = (await store.list(user.id)).map(({ createdAt }) => createdAt.getTime())
    expectEqual(
      times,
      [...times].sort((a, b) => a - b),
      'list is in the order of creation',
    )
    expectEqual(times.length, others.length + 1, 'list gives all of them')
    expectEqual(await store.list(uniqueUuid()), [], 'somebody unknown has none')
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const user = userRecord()
    const identity = identityRecord(user.id)
    const passed = structuredClone({ user, identity })
    await store.insertUser(passed)
    vandalise(passed)
    vandalise(await store.find(identity.provider, identity.subject))
    vandalise(await store.list(user.id))
    expectEqual(await store.find(identity.provider, identity.subject), identity, 'the store keeps what was inserted')
    expectEqual(await store.list(user.id), [identity], 'list gives the same')
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const [index, text] of hostileTexts.entries()) {
      const subject = `${shortHostileTexts[index]}${uniqueText('')}`
      const { identity } = await signUp(store, { subject, email: text, sealedTokens: text })
      expectEqual(await store.find(identity.provider, identity.subject), identity, `keeps ${JSON.stringify(text)}`)
    }
  })

  it('swapTokens: replaces the tokens while they are still `from`, and nothing else', async () => {
    const { identity } = await signUp(store, { sealedTokens: null })
    const found = (): Promise<IdentityRecord | null> => store.find(identity.provider, identity.subject)
    expectEqual(await store.swapTokens(identity.id, 'a', 'b'), false, 'other tokens than the present ones answer false')
    expectEqual(await found(), identity, 'a refused swap changes nothing')
    expectEqual(await store.swapTokens(identity.id, null, 'a'), true, 'no tokens are tokens too')
    expectEqual(await store.swapTokens(identity.id, 'A', 'b'), false, 'case counts')
    expectEqual(await found(), { ...identity, sealedTokens: 'a' }, 'a swap changes the tokens alone')
    expectEqual(await store.swapTokens(identity.id, 'a', null), true, 'the present tokens answer true')
    expectEqual(await found(), identity, 'tokens can go')
  })
}

function itTellsTextsApart(suite: StoreSuite<IdentityStore>): void {
  const { it, store } = suite
  it('ST-01 takes subjects and providers that look alike for different ones', async () => {
    const { user, identity } = await signUp(store, { subject: uniqueText('jos\u00e9_Aa'), provider: uniqueText('acme') })
    for (const text of lookalikesOf(identity.subject))
      expectEqual(await store.find(identity.provider, text), null, `no identity for ${JSON.stringify(text.slice(0, 60))}`)
    for (const text of lookalikesOf(identity.provider))
      expectEqual(await store.find(text, identity.subject), null, `no provider ${JSON.stringify(text.slice(0, 60))}`)
    for (const text of lookalikesOf(user.id)) {
      expectEqual(await store.list(text), [], 'list answers none for an id that looks like another')
      expectEqual(await store.deleteAll(text), 0, 'deleteAll answers 0 for an id that looks like another')
    }
    expectEqual(await store.list(user.id), [identity], 'the identity is as before')
  })
  itLooksUpAnyText(suite, (text) => [
    ['find', store.find(text, text), null],
    ['list', store.list(text), []],
    ['delete', store.delete({ id: text, userId: text, usableProviders: [text] }), 'absent'],
    ['deleteAll', store.deleteAll(text), 0],
    ['swapTokens', store.swapTokens(text, 'a', 'b'), false],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const user = userRecord()
    const identity = identityRecord(user.id, { email: text, sealedTokens: text })
    return {
      write: () => store.insertUser({ user, identity }),
      read: () => store.find(identity.provider, identity.subject),
      expected: { kept: identity, refused: null },
    }
  })
}

function itSignsUp({ it, itRaces, store, race, opened }: StoreSuite<IdentityStore>): void {
  it('ST-02 insertUser: a user with their identity, or neither', async () => {
    const { user, identity } = await signUp(store)
    const users = usersIn(opened())
    const other = userRecord()
    const again = { ...identityRecord(other.id), provider: identity.provider, subject: identity.subject }
    expectEqual(await store.insertUser({ user: other, identity: again }), 'identity_taken', 'a linked identity is taken')
    expectEqual(await users.find(other.id), null, 'no user is made without their identity')
    for (const taken of [userRecord({ emailKey: user.emailKey }), userRecord({ id: user.id })]) {
      const unlinked = identityRecord(taken.id)
      expectEqual(await store.insertUser({ user: taken, identity: unlinked }), 'email_taken', 'an address or id is taken')
      expectEqual(await store.find(unlinked.provider, unlinked.subject), null, 'no identity is left without its user')
      expectEqual(await users.findByEmailKey(user.emailKey), user, 'nobody is overwritten')
    }
    expectEqual(await store.list(user.id), [identity], 'the identity is as before')
    const free = identityRecord(other.id)
    expectEqual(await store.insertUser({ user: other, identity: free }), 'inserted', 'what was refused left nothing behind')
  })

  itRaces('ST-02 insertUser, insert: of racers with one identity exactly one gets inserted', async () => {
    const wanted = { provider: 'acme', subject: uniqueText('raced') }
    const users = usersIn(opened())
    const racers = await race(async () => {
      const user = userRecord()
      await users.insert(user)
      return user
    })
    const made: string[] = []
    const answers = await race((racing, index) => {
      const user = index % 2 ? userRecord() : (racers[index] ?? userRecord())
      made[index] = user.id
      const identity = identityRecord(user.id, wanted)
      return index % 2 ? racing.insertUser({ user, identity }) : racing.insert({ identity, sessionEpoch: user.sessionEpoch })
    })
    expectEqual(countOf(answers, 'inserted'), 1, 'exactly one racer gets the identity')
    const winner = made[answers.indexOf('inserted')]
    expectEqual((await store.find(wanted.provider, wanted.subject))?.userId, winner, 'it is that one')
    for (const [index, id] of made.entries())
      if (index % 2 && id !== winner) expectEqual(await users.find(id), null, 'a loser who signed up is not there')
  })

  itRaces('ST-02 insertUser: of racers with one address exactly one gets inserted', async () => {
    const emailKey = uniqueText('raced@example.com')
    const identities: IdentityRecord[] = []
    const answers = await race((racing, index) => {
      const user = userRecord({ emailKey })
      const identity = identityRecord(user.id)
      identities[index] = identity
      return racing.insertUser({ user, identity })
    })
    expectEqual(countOf(answers, 'inserted'), 1, 'exactly one racer gets the address')
    for (const [index, { provider, subject }] of identities.entries()) {
      const isWinner = answers[index] === 'inserted'
      expectEqual((await store.find(provider, subject)) !== null, isWinner, 'no loser left an identity')
    }
  })
}

function itLinks({ it, store, opened }: StoreSuite<IdentityStore>): void {
  it('insert: stale where there is no such user in this epoch, taken where the identity is linked', async () => {
    const { user, identity } = await signUp(store)
    const other = await signUp(store)
    const { sessionEpoch } = user
    for (const epoch of [sessionEpoch - 1, sessionEpoch + 1]) {
      const link = { identity: identityRecord(user.id), sessionEpoch: epoch }
      expectEqual(await store.insert(link), 'stale', 'another epoch answers stale')
    }
    expectEqual(await store.insert({ identity: identityRecord(uniqueUuid()), sessionEpoch }), 'stale', 'nobody is stale')
    for (const userId of [user.id, other.user.id]) {
      const same = identityRecord(userId, { provider: identity.provider, subject: identity.subject })
      expectEqual(await store.insert({ identity: same, sessionEpoch }), 'taken', 'an identity is linked once')
    }
    expectEqual(await store.list(user.id), [identity], 'a refused link changes nothing')
    expectEqual(await store.list(other.user.id), [other.identity], 'nor for anybody else')
    const elsewhere = identityRecord(other.user.id, { provider: uniqueText('other'), subject: identity.subject })
    expectEqual(await store.insert({ identity: elsewhere, sessionEpoch }), 'inserted', 'subjects are those of a provider')
    expectThat((await usersIn(opened()).find(user.id)) !== null, 'the user is there')
  })
}

function itTellsOfIdentities(suite: StoreSuite<IdentityStore>): void {
  const { store, opened } = suite
  itTells(suite, 'insertUser', async () => {
    const user = userRecord()
    const identity = identityRecord(user.id)
    return async (identities, event) => (await identities.insertUser({ user, identity, event })) === 'inserted'
  })
  itTells(suite, 'insert', async () => {
    const user = userRecord()
    await usersIn(opened()).insert(user)
    const link = { identity: identityRecord(user.id), sessionEpoch: user.sessionEpoch }
    return async (identities, event) => (await identities.insert({ ...link, event })) === 'inserted'
  })
  itTells(suite, 'claim', async () => {
    const user = unverifiedUser()
    await usersIn(opened()).insert(user)
    return async (identities, event) => (await identities.claim(claimOf(user, { event }))) !== null
  })
  itTells(suite, 'delete', async () => {
    const { user, identity } = await signUp(store)
    const unlink = { id: identity.id, userId: user.id, usableProviders: [] }
    return async (identities, event) => (await identities.delete({ ...unlink, event })) === 'deleted'
  })
}
