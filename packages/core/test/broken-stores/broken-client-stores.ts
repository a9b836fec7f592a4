import { memoryClientStore } from '../../src/memory/client-store.js'
import type { ClientRecord, ClientStore } from '../../src/oauth-server/index.js'
import { clientStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws } from './common-flaws.js'

type Flawed = (store: ClientStore, rows: Map<string, ClientRecord>) => Partial<ClientStore>

/** A memory store with some methods replaced by flawed ones, which get at its rows. */
function broken(flaw: string, breaks: string, flawed: Flawed): BrokenStore<ClientStore> {
  const make = (): ClientStore => {
    const rows = new Map<string, ClientRecord>()
    const store = memoryClientStore(null, rows)
    return { ...store, ...flawed(store, rows) }
  }
  return { flaw, breaks, make }
}

const unknown = 'ST-01 find: null for what was never inserted, whatever text it is'
const lists = 'ST-01 list: by id in the order of code points, after `after`, at most `limit`'
const swaps = 'swap: replaces a client while its version is still `fromVersion`'
const swapsOnce = 'ST-02 swap: of racers with one version exactly one gets true'
const deletesOnce = 'ST-02 delete: of racers exactly one gets true, and no swap on the way brings the client back'

/** Client stores with one flaw each. */
export const brokenClientStores: BrokenStores = {
  name: 'clients',
  suite: clientStoreSuite,
  stores: [
    ...commonFlaws(memoryClientStore, {
      keepsRecords: 'ST-01 find: gives back every field as it was inserted',
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: 'ST-01 takes ids that look alike for different ones',
    }),
    broken('keeps clients in a plain object', unknown, (store) => ({
      find: async (id) => (id in {} ? ({} as ClientRecord) : store.find(id)),
    })),
    broken('makes a client of a swap', unknown, (store, rows) => ({
      swap: async (fromVersion, client) => {
        if (!rows.has(client.id)) rows.set(client.id, client)
        return store.swap(fromVersion, client)
      },
    })),
    broken('overwrites', 'ST-02 insert: false where the id exists, and never overwrites', (_, rows) => ({
      insert: async (client) => Boolean(rows.set(client.id, structuredClone(client))),
    })),
    broken('looks an id up before it inserts', 'ST-02 insert: of racers with one id exactly one gets true', (_, rows) => ({
      insert: async (client) => {
        if (rows.has(client.id)) return false
        await gap()
        rows.set(client.id, structuredClone(client))
        return true
      },
    })),
    broken('lists without regard to case', lists, (_, rows) => ({
      list: async (after, limit) => {
        const ordered = [...rows.values()].sort((a, b) => a.id.localeCompare(b.id, 'en'))
        return ordered.filter(({ id }) => after === null || id.localeCompare(after, 'en') > 0).slice(0, limit)
      },
    })),
    broken('repeats the last of the page before', lists, (_, rows) => ({
      list: async (after, limit) => {
        const ids = [...rows.keys()].sort().filter((id) => after === null || id >= after)
        return ids.slice(0, limit).flatMap((id) => rows.get(id) ?? [])
      },
    })),
    broken('swaps whatever the version is', swaps, (store, rows) => ({
      swap: (_, client) => store.swap(rows.get(client.id)?.version ?? -1, client),
    })),
    broken('keeps a field that a swap changes', swaps, (store, rows) => ({
      swap: (fromVersion, client) => {
        const { disabledAt = null } = rows.get(client.id) ?? {}
        return store.swap(fromVersion, { ...client, disabledAt: client.disabledAt ?? disabledAt })
      },
    })),
    broken('reads before it swaps', swapsOnce, (store, rows) => ({
      swap: async (fromVersion, client) => {
        const seen = await store.find(client.id)
        if (seen?.version !== fromVersion) return false
        await gap()
        rows.set(client.id, structuredClone(client))
        return true
      },
    })),
    broken('deletes more than once', 'delete: true once', (store) => ({
      delete: async (id) => (await store.delete(id)) || id.startsWith('client'),
    })),
    broken('finds the client before it deletes', deletesOnce, (store) => ({
      delete: async (id) => {
        const client = await store.find(id)
        await gap()
        await store.delete(id)
        return client !== null
      },
    })),
    broken('brings back with a swap what is being deleted', deletesOnce, (store, rows) => ({
      swap: async (fromVersion, client) => {
        const seen = await store.find(client.id)
        if (seen?.version !== fromVersion) return false
        await gap()
        rows.set(client.id, structuredClone(client))
        return true
      },
    })),
  ],
}
