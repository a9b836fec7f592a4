import type { UserStore } from '../../accounts/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { countOf, uniqueText, uniqueUuid } from './samples.js'
import type { StoreSuite } from './store-suite.js'
import { emailSwapOf, revocationOf, userRecord } from './user-samples.js'
import { vandalise } from './vandalise.js'

/** Tests of `UserStore.swapEmail`. */
export function itSwapsEmails(suite: StoreSuite<UserStore>): void {
  itSwaps(suite)
  itRefuses(suite)
  itHasOneWinner(suite)
}

function itSwaps({ it, store }: StoreSuite<UserStore>): void {
  it('swapEmail: writes the address and when it was verified, and nothing else', async () => {
    const user = userRecord({ emailVerifiedAt: null })
    await store.insert(user)
    const swap = emailSwapOf(user)
    const passed = structuredClone(swap)
    expectEqual(await store.swapEmail(passed), 'swapped', 'the present address answers swapped')
    vandalise(passed)
    const { email, emailKey, verifiedAt } = swap
    const after = { ...user, email, emailKey, emailVerifiedAt: verifiedAt }
    expectEqual(await store.find(user.id), after, 'a swap changes the address alone')
    expectEqual(await store.findByEmailKey(emailKey), after, 'the user is found by the new address')
    expectEqual(await store.findByEmailKey(user.emailKey), null, 'and no longer by the old one')
    const next = userRecord({ emailKey: user.emailKey })
    expectThat(await store.insert(next), 'the old address is free at once')
    expectEqual(await store.insert(userRecord({ emailKey })), false, 'the new one is not')
  })

  it('swapEmail: confirms the address that the user has', async () => {
    const user = userRecord({ emailVerifiedAt: null })
    await store.insert(user)
    const swap = emailSwapOf(user, { email: user.email, emailKey: user.emailKey })
    expectEqual(await store.swapEmail(swap), 'swapped', 'the own address answers swapped')
    const after = { ...user, emailVerifiedAt: swap.verifiedAt }
    expectEqual(await store.findByEmailKey(user.emailKey), after, 'the address is verified now')
  })
}

function itRefuses({ it, store }: StoreSuite<UserStore>): void {
  it('swapEmail: stale where the user is in another epoch than the one asked for', async () => {
    const user = userRecord({ sessionEpoch: 4 })
    await store.insert(user)
    for (const sessionEpoch of [3, 5, 0])
      expectEqual(await store.swapEmail(emailSwapOf(user, { sessionEpoch })), 'stale', 'another epoch answers stale')
    expectEqual(await store.find(user.id), user, 'a stale swap changes nothing')
    await store.revoke(revocationOf(user.id))
    expectEqual(await store.swapEmail(emailSwapOf(user, { sessionEpoch: 4 })), 'stale', 'an epoch of the past answers stale')
    expectEqual(
      await store.swapEmail(emailSwapOf(user, { sessionEpoch: 5 })),
      'swapped',
      'the present epoch answers swapped',
    )
  })

  it('swapEmail: taken where somebody else has the address, stale where it is not `from`, and nothing changes', async () => {
    const user = userRecord()
    const other = userRecord()
    const deleted = userRecord()
    for (const each of [user, other, deleted]) await store.insert(each)
    await store.delete(deleted.id)
    const theirs = { email: other.email, emailKey: other.emailKey }
    expectEqual(await store.swapEmail(emailSwapOf(user, theirs)), 'taken', "somebody else's address answers taken")
    const refused = [
      emailSwapOf(user, { from: uniqueText('another@example.com') }),
      emailSwapOf(user, { from: user.emailKey.toUpperCase() }),
      emailSwapOf(user, { from: other.emailKey }),
      emailSwapOf(user, { from: '' }),
      emailSwapOf(user, { ...theirs, from: other.emailKey }),
      emailSwapOf(user, { userId: uniqueUuid() }),
      emailSwapOf(deleted),
    ]
    for (const swap of refused)
      expectEqual(await store.swapEmail(swap), 'stale', `swapEmail(${JSON.stringify(swap)}) is stale`)
    expectEqual([await store.find(user.id), await store.find(other.id)], [user, other], 'a refused swap changes nothing')
    expectEqual(await store.find(deleted.id), null, 'and brings nobody back')
    for (const { emailKey } of refused.filter((swap) => swap.emailKey !== other.emailKey))
      expectEqual(await store.findByEmailKey(emailKey), null, 'a refused swap takes no address')
  })
}

function itHasOneWinner({ itRaces, store, race, together }: StoreSuite<UserStore>): void {
  itRaces('ST-02 swapEmail: of racers for one address exactly one gets it, whether they swap or sign up', async () => {
    const emailKey = uniqueText('wanted@example.com')
    const users = await race(async (racing) => {
      const user = userRecord()
      await racing.insert(user)
      return user
    })
    const answers = await race(async (racing, index) => {
      const user = users[index] ?? userRecord()
      if (index % 3 === 2) return (await racing.insert(userRecord({ emailKey }))) ? 'swapped' : 'taken'
      return racing.swapEmail(emailSwapOf(user, { emailKey }))
    })
    expectEqual(countOf(answers, 'swapped'), 1, 'exactly one racer gets the address')
    expectEqual(countOf(answers, 'taken'), answers.length - 1, 'the others learn that it is taken')
    const winner = answers.indexOf('swapped')
    for (const [index, user] of users.entries()) {
      const isWinner = index === winner && index % 3 !== 2
      expectEqual((await store.find(user.id))?.emailKey, isWinner ? emailKey : user.emailKey, 'losers keep theirs')
    }
  })

  itRaces('ST-02 swapEmail: of racers with one `from` exactly one acts', async () => {
    const user = userRecord()
    await store.insert(user)
    const swaps = await race(async () => emailSwapOf(user))
    const answers = await race((racing, index) => racing.swapEmail(swaps[index] ?? emailSwapOf(user)))
    expectEqual(countOf(answers, 'swapped'), 1, 'exactly one swap acts')
    expectEqual(countOf(answers, 'stale'), answers.length - 1, 'the others are stale')
    const winner = swaps[answers.indexOf('swapped')]
    expectEqual((await store.find(user.id))?.emailKey, winner?.emailKey, 'the address is that of the one that acted')
    for (const swap of swaps.filter((each) => each !== winner))
      expectEqual(await store.findByEmailKey(swap.emailKey), null, 'no other address leads to the user')
  })

  itRaces('swapEmail, revoke: neither loses what the other wrote, and an expected address holds', async () => {
    const user = userRecord({ sessionEpoch: 1 })
    await store.insert(user)
    const swap = emailSwapOf(user)
    const [, raised, held] = await together(
      () => store.swapEmail(swap),
      () => store.revoke(revocationOf(user.id, { set: { passwordHash: 'reset' } })),
      () => store.revoke(revocationOf(user.id, { expected: { emailKey: user.emailKey } })),
    )
    const after = await store.find(user.id)
    expectEqual(after?.emailKey, swap.emailKey, 'the new address stays')
    expectEqual(after?.passwordHash, 'reset', 'and so does the new password')
    const epoch = 1 + (raised === null ? 0 : 1) + (held === null ? 0 : 1)
    expectEqual(after?.sessionEpoch, epoch, 'and every change that acted counts')
  })
}
