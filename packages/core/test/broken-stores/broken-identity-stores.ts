import type { IdentityRecord, IdentityStore, UserRecord } from '../../src/accounts/index.js'
import { memoryIdentityStore } from '../../src/memory/identity-store.js'
import { memoryUserStore, userRows } from '../../src/memory/user-store.js'
import { identityStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws } from './common-flaws.js'

interface Rows {
  readonly identities: Map<string, IdentityRecord>
  readonly users: Map<string, UserRecord>
}

type Flawed = (store: IdentityStore, rows: Rows) => Partial<IdentityStore>

/** A memory store, and the users beside it: the suite asks for both. */
function withUsers(flawed: Flawed = () => ({})): IdentityStore {
  const users = userRows()
  const identities = new Map<string, IdentityRecord>()
  const store = memoryIdentityStore(null, users, identities)
  return {
    ...store,
    ...flawed(store, { identities, users: users.byId }),
    users: memoryUserStore(null, users),
  } as IdentityStore
}

function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<IdentityStore> {
  return { flaw, breaks, make: () => withUsers(flawed) }
}

const keeps = 'ST-01 find, list: give back every field as it was inserted, in the order of creation'
const whole = 'ST-02 insertUser: a user with their identity, or neither'
const onceByIdentity = 'ST-02 insertUser, insert: of racers with one identity exactly one gets inserted'
const onceByAddress = 'ST-02 insertUser: of racers with one address exactly one gets inserted'
const links = 'insert: stale where there is no such user in this epoch, taken where the identity is linked'
const claims =
  'AL-03 claim: the identity alone is left, the password is gone, the address is verified, the versions are raised'
const claimRefusals = 'AL-03 claim: null where the user is not as expected, and nothing changes'
const claimsOnce = 'AL-03 claim: of racers exactly one gets the account, and nothing that races with it stays usable'
const claimOrConfirm =
  'AL-03 claim: an account whose owner confirms the address at that moment is either claimed before or kept'
const unlinks = 'AL-05 delete: deleted while a password or another usable identity is left, last where none is'
const lastOne = 'AL-05 delete: of racers for the last two credentials exactly one gets deleted'
const goesWithUser = 'AL-01 a deleted user leaves no identity behind, and none is in the way of another'
const endsWithUser = 'AL-01 a link that races with the end of its user leaves nothing behind'

/** Identity stores with one flaw each. */
export const brokenIdentityStores: BrokenStores = {
  name: 'identities',
  suite: identityStoreSuite,
  stores: [
    ...commonFlaws(withUsers, {
      keepsRecords: keeps,
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 takes subjects and providers that look alike for different ones',
    }),
    broken(
      'swaps whatever is there',
      'swapTokens: replaces the tokens while they are still `from`, and nothing else',
      (store) => ({
        swapTokens: async (id, from, to) =>
          (await store.swapTokens(id, from, to)) || (await store.swapTokens(id, from?.toLowerCase() ?? null, to)),
      }),
    ),
    broken('leaves a user without their identity', whole, (_, { users }) => ({
      insertUser: async ({ user }) => {
        users.set(user.id, user)
        return 'identity_taken'
      },
    })),
    broken('leaves an identity without its user', whole, (store, { identities, users }) => ({
      async insertUser(signUp) {
        const outcome = await store.insertUser(signUp)
        if (outcome === 'email_taken' && users.has(signUp.user.id)) identities.set(signUp.identity.id, signUp.identity)
        return outcome
      },
    })),
    broken('looks an identity up before it links it', onceByIdentity, (store, { identities }) => ({
      async insert(link) {
        const { identity } = link
        if (await store.find(identity.provider, identity.subject)) return 'taken'
        await gap()
        identities.set(identity.id, structuredClone(identity))
        return 'inserted'
      },
    })),
    broken('looks an address up before it signs up', onceByAddress, (store, { identities, users }) => ({
      async insertUser({ user, identity }) {
        if (await store.find(identity.provider, identity.subject)) return 'identity_taken'
        if ([...users.values()].some((other) => other.emailKey === user.emailKey)) return 'email_taken'
        await gap()
        users.set(user.id, structuredClone(user))
        identities.set(identity.id, structuredClone(identity))
        return 'inserted'
      },
    })),
    broken('links in any epoch', links, (store, { users }) => ({
      insert: ({ identity, sessionEpoch }) =>
        store.insert({ identity, sessionEpoch: users.get(identity.userId)?.sessionEpoch ?? sessionEpoch }),
    })),
    broken('keeps the password', claims, (store, { users }) => ({
      async claim(claim) {
        const before = users.get(claim.identity.userId)
        const raised = await store.claim(claim)
        const after = users.get(claim.identity.userId)
        if (raised && before && after) users.set(after.id, { ...after, passwordHash: before.passwordHash })
        return raised
      },
    })),
    broken('keeps what was linked before', claims, (store, { identities }) => ({
      async claim(claim) {
        const before = new Map(identities)
        const raised = await store.claim(claim)
        for (const [id, identity] of before) identities.set(id, identity)
        return raised
      },
    })),
    broken('claims whoever is verified', claimRefusals, (store, { users }) => ({
      async claim(claim) {
        const user = users.get(claim.identity.userId)
        if (user) users.set(user.id, { ...user, emailVerifiedAt: null })
        return store.claim(claim)
      },
    })),
    broken('looks before it claims', claimsOnce, (store, { users }) => ({
      async claim(claim) {
        const user = users.get(claim.identity.userId)
        if (!user || user.accessVersion !== claim.accessVersion || user.emailVerifiedAt) return store.claim(claim)
        await gap()
        const now = users.get(user.id) ?? user
        users.set(user.id, { ...now, emailVerifiedAt: null })
        return store.claim({ ...claim, accessVersion: now.accessVersion })
      },
    })),
    broken('forgets that somebody confirmed meanwhile', claimOrConfirm, (store, { users }) => ({
      async claim(claim) {
        const user = users.get(claim.identity.userId)
        await gap()
        await gap()
        const now = users.get(claim.identity.userId)
        if (!user || !now || user.emailVerifiedAt) return null
        users.set(user.id, { ...now, emailVerifiedAt: null })
        return store.claim({ ...claim, accessVersion: now.accessVersion })
      },
    })),
    broken('counts every identity as a way to sign in', unlinks, (store, { identities }) => ({
      delete: (unlink) =>
        store.delete({ ...unlink, usableProviders: [...identities.values()].map(({ provider }) => provider) }),
    })),
    broken(
      'takes it from whoever has it',
      'AL-05 delete: absent for an identity of somebody else',
      (store, { identities }) => ({
        delete: (unlink) => store.delete({ ...unlink, userId: identities.get(unlink.id)?.userId ?? unlink.userId }),
      }),
    ),
    broken('counts before it takes away', lastOne, (store, { identities, users }) => ({
      async delete({ id, userId }) {
        const mine = await store.list(userId)
        if (!mine.some((identity) => identity.id === id)) return 'absent'
        if (mine.length < 2 && users.get(userId)?.passwordHash === null) return 'last'
        await gap()
        identities.delete(id)
        return 'deleted'
      },
    })),
    broken(
      'takes all but the newest',
      'deleteAll: takes all of a user and none of anybody else',
      (store, { identities }) => ({
        async deleteAll(userId) {
          const mine = await store.list(userId)
          for (const { id } of mine.slice(1)) identities.delete(id)
          return mine.length
        },
      }),
    ),
    broken('keeps what a deleted user had', goesWithUser, (store, { identities }) => ({
      find: async (provider, subject) =>
        structuredClone(
          [...identities.values()].find((each) => each.provider === provider && each.subject === subject) ?? null,
        ),
      list: async (userId) => (await store.list(userId)).filter((identity) => identity.userId === userId),
    })),
    broken('links to who is being deleted', endsWithUser, (_, { identities }) => ({
      find: async (provider, subject) =>
        structuredClone(
          [...identities.values()].find((each) => each.provider === provider && each.subject === subject) ?? null,
        ),
    })),
  ],
}
