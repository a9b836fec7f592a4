import { memorySigningKeyStore } from '../../src/memory/signing-key-store.js'
import type { SigningKeyRecord, SigningKeyStore } from '../../src/signing-keys/index.js'
import { signingKeyStoreSuite } from '../../src/testing/index.js'
import { type BrokenStore, type BrokenStores, gap } from './broken-store.js'
import { commonFlaws } from './common-flaws.js'

/** A memory store with some methods replaced by flawed ones. */
function broken(
  flaw: string,
  breaks: string,
  flawed: (store: SigningKeyStore) => Partial<SigningKeyStore>,
): BrokenStore<SigningKeyStore> {
  const make = (): SigningKeyStore => {
    const store = memorySigningKeyStore()
    return { ...store, ...flawed(store) }
  }
  return { flaw, breaks, make }
}

async function find(store: SigningKeyStore, kid: string): Promise<SigningKeyRecord | undefined> {
  return (await store.list()).find((key) => key.kid === kid)
}

/** Looks before it writes; whatever comes in between is written over. */
function slowInsert(store: SigningKeyStore): SigningKeyStore['insert'] {
  return async (key) => {
    if ((await store.list()).some(({ kid, ordinal }) => kid === key.kid || ordinal === key.ordinal)) return false
    await gap()
    await store.insert(key)
    return true
  }
}

const lists = 'ST-01 list: gives back every field as it was inserted, by ordinal'
const unique = 'ST-02 insert: false where the kid or the ordinal exists, and never overwrites'
const swaps = 'swap: replaces a row while its tag is still `fromTag`'
const swapsOnce = 'ST-02 swap: of racers with one tag exactly one gets true'
const deletes = 'delete: true where there was such a key, and removes that key only'

/** Signing key stores with one flaw each. */
export const brokenSigningKeyStores: BrokenStores = {
  name: 'signingKeys',
  suite: signingKeyStoreSuite,
  stores: [
    ...commonFlaws(memorySigningKeyStore, {
      keepsRecords: lists,
      keepsTexts: 'ST-01 keeps hostile texts unchanged',
      keepsCopies: 'ST-01 keeps copies: changing what was passed in or given out changes nothing',
      tellsApart: deletes,
    }),
    broken('lists as they come', lists, (store) => ({
      list: async () => [...(await store.list())].sort((a, b) => (a.kid < b.kid ? -1 : 1)),
    })),
    broken('lists ordinals as texts', lists, (store) => {
      const shown = new Map<string, number>()
      return {
        insert: (key) => {
          shown.set(key.kid, key.ordinal)
          return store.insert(key)
        },
        list: async () => [...(await store.list())].sort((a, b) => String(b.ordinal).localeCompare(String(a.ordinal))),
      }
    }),
    broken('overwrites a kid', unique, (store) => ({
      insert: async (key) => {
        const seen = await find(store, key.kid)
        if (seen) await store.delete(key.kid)
        return store.insert(key)
      },
    })),
    broken('keeps the ordinal of a refused key', unique, (store) => {
      const taken = new Set<number>()
      return {
        insert: async (key) => {
          const isTaken = taken.has(key.ordinal)
          taken.add(key.ordinal)
          return !isTaken && store.insert(key)
        },
      }
    }),
    broken(
      'looks an ordinal up before it inserts',
      'ST-02 insert: of racers with one ordinal exactly one gets true',
      (store) => ({
        insert: slowInsert(store),
      }),
    ),
    broken('looks a kid up before it inserts', 'ST-02 insert: of racers with one kid exactly one gets true', (store) => ({
      insert: slowInsert(store),
    })),
    broken('swaps whatever the tag is', swaps, (store) => ({
      swap: async (_, key) => store.swap((await find(store, key.kid))?.tag ?? '', key),
    })),
    broken('makes a key of a swap', swaps, (store) => ({
      swap: async (fromTag, key) => (await store.swap(fromTag, key)) || store.insert(key),
    })),
    broken('reads before it swaps', swapsOnce, (store) => ({
      swap: async (fromTag, key) => {
        const seen = await find(store, key.kid)
        if (seen?.tag !== fromTag) return false
        await gap()
        return store.swap((await find(store, key.kid))?.tag ?? '', key)
      },
    })),
    broken('brings back with a swap what is being removed', swapsOnce, (store) => ({
      swap: async (fromTag, key) => {
        const isSwapped = await store.swap(fromTag, key)
        await gap()
        if (isSwapped) await store.insert(key)
        return isSwapped
      },
    })),
    broken('removes keys that begin alike', deletes, (store) => ({
      delete: async (kid) => {
        const found = (await store.list()).find((key) => kid !== '' && key.kid.startsWith(kid))
        return store.delete(found?.kid ?? kid)
      },
    })),
    broken('finds the key before it removes it', 'ST-02 delete: of racers exactly one gets true', (store) => ({
      delete: async (kid) => {
        const key = await find(store, kid)
        await gap()
        await store.delete(kid)
        return key !== undefined
      },
    })),
  ],
}
