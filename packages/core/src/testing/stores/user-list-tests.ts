import type { UserRecord, UserStore } from '../../accounts/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { uniqueUuid } from './samples.js'
import type { StoreSuite } from './store-suite.js'
import { userRecord, variedUsers } from './user-samples.js'

const pageSize = 7

/** Tests of `UserStore.list`. */
export function itListsUsers({ it, store }: StoreSuite<UserStore>): void {
  async function insertAll(users: readonly UserRecord[]): Promise<void> {
    for (const user of users) await store.insert(user)
  }

  /** All users, page by page. Before each next page, something may happen. */
  async function readPages(between: (last: UserRecord) => Promise<void> = async () => undefined): Promise<UserRecord[]> {
    const seen: UserRecord[] = []
    for (let after: string | null = null; ; after = seen.at(-1)?.id ?? null) {
      const page = await store.list({ after, limit: pageSize })
      expectThat(page.length <= pageSize, 'a page is no longer than `limit`')
      seen.push(...page)
      const last = page.at(-1)
      if (!last) return seen
      await between(last)
    }
  }

  it('list: its pages give every user once, with every field, in one order', async () => {
    const users = [...variedUsers(), ...Array.from({ length: 2 * pageSize }, () => userRecord())]
    await insertAll(users)
    const seen = await readPages()
    const ids = seen.map((user) => user.id)
    expectEqual(new Set(ids).size, ids.length, 'nobody comes twice')
    for (const user of users) expectEqual(seen.find(({ id }) => id === user.id) ?? null, user, 'every user comes')
    expectEqual(
      (await readPages()).map((user) => user.id),
      ids,
      'the order stays',
    )
    const [first] = await store.list({ after: null, limit: 1 })
    expectEqual(first?.id, ids[0], 'a page holds the first users of its place')
  })

  it('list: misses and repeats nobody where users come and go meanwhile', async () => {
    const users = Array.from({ length: 3 * pageSize }, () => userRecord())
    await insertAll(users)
    const gone = new Set<string>()
    const seen = await readPages(async (last) => {
      await store.insert(userRecord())
      // The very user that the next page begins after.
      if (gone.size < 3 && users.some(({ id }) => id === last.id) && (await store.delete(last.id))) gone.add(last.id)
    })
    const ids = seen.map((user) => user.id)
    expectEqual(new Set(ids).size, ids.length, 'nobody comes twice')
    const missed = users.filter(({ id }) => !ids.includes(id))
    expectEqual(missed, [], 'whoever was there throughout comes')
  })

  it('list: leaves out who was deleted, and takes any text for a place', async () => {
    const user = userRecord()
    await store.insert(user)
    await store.delete(user.id)
    const everybody = await readPages()
    expectThat(!everybody.some(({ id }) => id === user.id), 'a deleted user is not listed')
    expectEqual(await store.list({ after: '\u{10ffff}', limit: 1 }), [], 'nothing comes after the last place')
    const [next] = await store.list({ after: uniqueUuid(), limit: 1 })
    expectThat(next === undefined || everybody.some(({ id }) => id === next.id), 'an unknown place is a place all the same')
  })
}
