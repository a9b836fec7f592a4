import type { IdentityRecord, IdentityStore, UserRecord } from '../../accounts/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { identityRecord, usersIn } from './identity-samples.js'
import { countOf, uniqueUuid } from './samples.js'
import type { StoreSuite } from './store-suite.js'
import { userRecord } from './user-samples.js'

/** Tests of what takes identities away: `delete`, `deleteAll`, and the end of their user. */
export function itUnlinks(suite: StoreSuite<IdentityStore>): void {
  const { it, itRaces, store, race, together, opened } = suite
  const usableProviders = ['acme', 'other']

  /** Somebody with an identity of each provider. */
  async function owner(
    passwordHash: string | null,
    ...providers: readonly string[]
  ): Promise<{ user: UserRecord; identities: readonly IdentityRecord[] }> {
    const user = userRecord({ passwordHash })
    const identities = providers.map((provider) => identityRecord(user.id, { provider }))
    for (const [index, identity] of identities.entries()) {
      if (index === 0) await store.insertUser({ user, identity })
      else await store.insert({ identity, sessionEpoch: user.sessionEpoch })
    }
    return { user, identities }
  }

  async function unlink({ id, userId }: IdentityRecord, usable: readonly string[] = usableProviders) {
    return store.delete({ id, userId, usableProviders: usable })
  }

  it('AL-05 delete: deleted while a password or another usable identity is left, last where none is', async () => {
    const social = await owner(null, 'acme', 'other', 'gone')
    const [first, second, gone] = social.identities as [IdentityRecord, IdentityRecord, IdentityRecord]
    expectEqual(await unlink(first), 'deleted', 'another identity is left')
    expectEqual(await unlink(first), 'absent', 'what is gone is absent')
    expectEqual(await unlink(second), 'last', 'an identity of a provider that is not usable does not count')
    expectEqual((await store.list(social.user.id)).length, 2, 'a refused delete changes nothing')
    expectEqual(await unlink(gone), 'deleted', 'what nobody can sign in with may go while another is left')
    expectEqual(await unlink(second), 'last', 'the last one stays')
    const named = await owner('a hash', 'acme')
    expectEqual(await unlink(named.identities[0] as IdentityRecord), 'deleted', 'the password is left')
  })

  it('AL-05 delete: absent for an identity of somebody else', async () => {
    const { user, identities } = await owner('a hash', 'acme')
    const other = await owner('a hash', 'acme')
    const [identity] = identities as [IdentityRecord]
    for (const userId of [other.user.id, uniqueUuid()])
      expectEqual(await unlink({ ...identity, userId }), 'absent', 'it is not theirs')
    expectEqual(await store.list(user.id), [identity], 'it is still linked')
  })

  itRaces('AL-05 delete: of racers for the last two credentials exactly one gets deleted', async () => {
    const { user, identities } = await owner(null, 'acme', 'other')
    const answers = await race((racing, index) => {
      const { id, userId } = identities[index % 2] as IdentityRecord
      return racing.delete({ id, userId, usableProviders })
    })
    expectEqual(countOf(answers, 'deleted'), 1, 'exactly one identity goes')
    expectEqual((await store.list(user.id)).length, 1, 'and one is left')
  })

  it('deleteAll: takes all of a user and none of anybody else', async () => {
    const { user, identities } = await owner(null, 'acme', 'other')
    const other = await owner(null, 'acme')
    expectEqual(await store.deleteAll(user.id), 2, 'deleteAll answers how many there were')
    expectEqual(await store.deleteAll(user.id), 0, 'and 0 where there are none')
    expectEqual(await store.list(user.id), [], 'all are gone')
    for (const { provider, subject } of identities) expectEqual(await store.find(provider, subject), null, 'none is found')
    expectEqual(await store.list(other.user.id), other.identities, 'nobody else has lost any')
  })

  it('AL-01 a deleted user leaves no identity behind, and none is in the way of another', async () => {
    const { user, identities } = await owner(null, 'acme')
    const [identity] = identities as [IdentityRecord]
    expectThat(await usersIn(opened()).delete(user.id), 'the user is deleted')
    expectEqual(await store.find(identity.provider, identity.subject), null, 'the identity is not found')
    expectEqual(await store.list(user.id), [], 'nor listed')
    const { sessionEpoch } = user
    expectEqual(await store.insert({ identity: identityRecord(user.id), sessionEpoch }), 'stale', 'nothing is linked')
    const next = userRecord()
    const again = identityRecord(next.id, { provider: identity.provider, subject: identity.subject })
    expectEqual(await store.insertUser({ user: next, identity: again }), 'inserted', 'it signs up anew')
  })

  itRaces('AL-01 a link that races with the end of its user leaves nothing behind', async () => {
    const { user } = await owner(null, 'acme')
    const late = identityRecord(user.id)
    const users = usersIn(opened())
    await together(
      () => users.delete(user.id),
      () => store.insert({ identity: late, sessionEpoch: user.sessionEpoch }),
    )
    expectEqual(await store.find(late.provider, late.subject), null, 'the identity is not found')
    const next = userRecord()
    const again = identityRecord(next.id, { provider: late.provider, subject: late.subject })
    expectEqual(await store.insertUser({ user: next, identity: again }), 'inserted', 'it is in nobody’s way')
  })
}
