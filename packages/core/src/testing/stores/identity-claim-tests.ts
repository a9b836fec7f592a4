import type { IdentityStore, UserRecord } from '../../accounts/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { claimOf, identityRecord, unverifiedUser, usersIn } from './identity-samples.js'
import { present } from './samples.js'
import type { StoreSuite } from './store-suite.js'
import { emailSwapOf, revocationOf } from './user-samples.js'
import { vandalise } from './vandalise.js'

/** Tests of `IdentityStore.claim`. */
export function itClaims(suite: StoreSuite<IdentityStore>): void {
  const { it, itRaces, store, race, together, opened } = suite

  /** Somebody who signed up with an address that is not proved, and linked something. */
  async function squatter(fields: Partial<UserRecord> = {}): Promise<UserRecord> {
    const user = unverifiedUser(fields)
    await store.insertUser({ user, identity: identityRecord(user.id) })
    return user
  }

  it('AL-03 claim: the identity alone is left, the password is gone, the address is verified, the versions are raised', async () => {
    const user = await squatter({ sessionEpoch: 3, accessVersion: 7 })
    const claim = claimOf(user)
    const passed = structuredClone({ ...claim, feed: null })
    const raised = await store.claim({ ...passed, feed: claim.feed })
    vandalise(passed)
    expectEqual(raised, { sessionEpoch: 4, accessVersion: 8, announced: false }, 'claim answers the versions')
    expectEqual(await store.list(user.id), [claim.identity], 'the identity is the only one')
    const after = { ...user, passwordHash: null, emailVerifiedAt: claim.verifiedAt, sessionEpoch: 4, accessVersion: 8 }
    expectEqual(await usersIn(opened()).find(user.id), after, 'and nothing else has changed')
  })

  it('AL-03 claim: null where the user is not as expected, and nothing changes', async () => {
    const users = usersIn(opened())
    const user = await squatter()
    const other = await squatter()
    const [linked] = await store.list(other.id)
    const identity = identityRecord(user.id, { provider: linked?.provider ?? '', subject: linked?.subject ?? '' })
    const before = [await users.find(user.id), await store.list(user.id), await store.list(other.id)]
    for (const [why, fields] of [
      ['another address', { emailKey: other.emailKey }],
      ['another version', { accessVersion: user.accessVersion + 1 }],
      ['an identity that is linked elsewhere', { identity }],
      ['a user who is not there', { identity: identityRecord(unverifiedUser().id) }],
    ] as const)
      expectEqual(await store.claim(claimOf(user, fields)), null, `${why} answers null`)
    const after = [await users.find(user.id), await store.list(user.id), await store.list(other.id)]
    expectEqual(after, before, 'a refused claim changes nothing')
    for (const fields of [{ emailVerifiedAt: present }, { disabledAt: present }]) {
      const settled = await squatter(fields)
      expectEqual(await store.claim(claimOf(settled)), null, 'a verified or disabled account answers null')
      expectEqual(await users.find(settled.id), settled, 'and stays as it is')
    }
  })

  itRaces('AL-03 claim: of racers exactly one gets the account, and nothing that races with it stays usable', async () => {
    const users = usersIn(opened())
    const user = await squatter({ sessionEpoch: 1 })
    const claims = await race(async () => claimOf(user))
    const answers = await race((racing, index) => racing.claim(claims[index] ?? claimOf(user)))
    const winners = claims.filter((_, index) => answers[index] !== null)
    expectEqual(winners.length, 1, 'exactly one claim acts')
    expectEqual(await store.list(user.id), [winners[0]?.identity], 'its identity is the only one')
    const next = await squatter({ sessionEpoch: 1 })
    const claim = claimOf(next)
    const link = { identity: identityRecord(next.id), sessionEpoch: 1 }
    const [claimed] = await together(
      () => store.claim(claim),
      () => store.insert(link),
      () => users.swapPasswordHash(next.id, next.passwordHash ?? '', 'renewed'),
    )
    const after = await users.find(next.id)
    expectThat(claimed !== null && after?.passwordHash === null, 'no password is left')
    expectEqual(await store.list(next.id), [claim.identity], 'no identity is left but that of the claim')
  })

  itRaces(
    'AL-03 claim: an account whose owner confirms the address at that moment is either claimed before or kept',
    async () => {
      const users = usersIn(opened())
      const user = await squatter()
      const linked = await store.list(user.id)
      const claim = claimOf(user)
      const [claimed, swapped, revoked] = await together(
        () => store.claim(claim),
        () => users.swapEmail(emailSwapOf(user, { email: user.email, emailKey: user.emailKey })),
        () => users.revoke(revocationOf(user.id, { ends: 'tokens', expected: { accessVersion: user.accessVersion } })),
      )
      expectEqual(swapped, 'swapped', 'the confirmation is made')
      expectThat(claimed === null || revoked === null, 'only one of two that expect one version acts')
      const after = await users.find(user.id)
      expectEqual(after?.passwordHash, claimed ? null : user.passwordHash, 'the password is gone only with a claim')
      expectEqual(await store.list(user.id), claimed ? [claim.identity] : linked, 'and so are identities')
    },
  )
}
