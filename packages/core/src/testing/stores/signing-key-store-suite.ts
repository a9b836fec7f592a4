import type { SigningKeyRecord, SigningKeyStore } from '../../signing-keys/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { afterMs, countOf, eras, present, uniqueNumber, uniqueText } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves a `SigningKeyStore`: each sentence of its interface is a test. Removes the keys it makes. */
export function signingKeyStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('signingKeys', api, openStores, options, (suite) => {
    itKeepsKeys(suite)
    itTakesAnyText(suite)
    itInserts(suite)
    itSwaps(suite)
    itDeletes(suite)
    itTellsOfKeys(suite)
  })
}

/** Far above what a deployment comes to, and below what fits into 32 bits. */
function uniqueOrdinal(): number {
  return 1_000_000_000 + uniqueNumber(1_000_000_000)
}

function keyRecord(fields: Partial<SigningKeyRecord> = {}): SigningKeyRecord {
  return {
    kid: uniqueText('kid'),
    ordinal: uniqueOrdinal(),
    algorithm: 'RS256',
    publicJwk: '{"kty": "RSA",  "n":"\\u0000", "e":"AQAB"}',
    sealedPrivateJwk: 'c2VhbGVk'.repeat(400),
    createdAt: present,
    activeFrom: afterMs(present, 480_334),
    tag: uniqueText('tag'),
    ...fields,
  }
}

/** The keys of a test among all that the store lists. */
async function listed(store: SigningKeyStore, ...keys: readonly SigningKeyRecord[]): Promise<readonly SigningKeyRecord[]> {
  const kids = new Set(keys.map(({ kid }) => kid))
  return (await store.list()).filter(({ kid }) => kids.has(kid))
}

async function removeAll(store: SigningKeyStore, ...keys: readonly SigningKeyRecord[]): Promise<void> {
  for (const { kid } of keys) await store.delete(kid)
}

function itKeepsKeys({ it, store }: StoreSuite<SigningKeyStore>): void {
  it('ST-01 list: gives back every field as it was inserted, by ordinal', async () => {
    const ordinal = uniqueOrdinal()
    const keys = [
      keyRecord({ ordinal, kid: uniqueText('z') }),
      keyRecord({ ordinal: ordinal + 1, algorithm: 'HS256', publicJwk: null }),
      ...eras.map((era, index) => keyRecord({ ordinal: ordinal + 2 + index, createdAt: era, activeFrom: afterMs(era, 1) })),
      keyRecord({ ordinal: ordinal + 9, kid: uniqueText('a'), algorithm: 'EdDSA' }),
    ]
    for (const key of [...keys].sort((a, b) => (a.kid < b.kid ? -1 : 1))) {
      expectThat(await store.insert(key), 'insert of a new key answers true')
    }
    expectEqual(await listed(store, ...keys), keys, 'list lists the keys by ordinal')
    const ordinals = (await store.list()).map((key) => key.ordinal)
    expectEqual(
      ordinals,
      [...ordinals].sort((a, b) => a - b),
      'list lists all keys by ordinal, as numbers',
    )
    await removeAll(store, ...keys)
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const text of shortHostileTexts) {
      const kid = `${text}${uniqueText('')}`
      const key = keyRecord({ kid, publicJwk: text, sealedPrivateJwk: text, tag: text })
      await store.insert(key)
      expectEqual(await listed(store, key), [key], 'list gives back the key')
      expectThat(await store.swap(text, { ...key, tag: `${text}.` }), 'swap knows the tag')
      expectThat(await store.delete(kid), 'delete knows the key')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const key = keyRecord()
    const next = { ...key, sealedPrivateJwk: 'anew', tag: uniqueText('tag') }
    const passed = { key: structuredClone(key), next: structuredClone(next) }
    await store.insert(passed.key)
    vandalise(passed.key)
    vandalise(await listed(store, key))
    expectEqual(await listed(store, key), [key], 'the store keeps what insert was given')
    await store.swap(key.tag, passed.next)
    vandalise(passed.next)
    expectEqual(await listed(store, key), [next], 'the store keeps what swap was given')
    await removeAll(store, key)
  })
}

function itTakesAnyText(suite: StoreSuite<SigningKeyStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => [
    ['swap', store.swap(text, keyRecord()), false],
    ['delete', store.delete(text), false],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const key = keyRecord({ sealedPrivateJwk: text })
    const read = async (): Promise<unknown> => {
      const found = await listed(store, key)
      await removeAll(store, key)
      return found
    }
    return { write: () => store.insert(key), read, expected: { kept: [key], refused: [] } }
  })
}

function itInserts({ it, itRaces, store, race }: StoreSuite<SigningKeyStore>): void {
  it('ST-02 insert: false where the kid or the ordinal exists, and never overwrites', async () => {
    const key = keyRecord()
    await store.insert(key)
    const [sameKid, sameOrdinal] = [keyRecord({ kid: key.kid }), keyRecord({ ordinal: key.ordinal })]
    expectEqual(await store.insert(sameKid), false, 'insert with a kid that exists answers false')
    expectEqual(await store.insert(sameOrdinal), false, 'insert with an ordinal that exists answers false')
    expectEqual(await listed(store, key, sameOrdinal), [key], 'a refused insert changes nothing')
    const other = keyRecord({ ordinal: sameKid.ordinal })
    expectThat(await store.insert(other), 'a refused insert leaves its ordinal free')
    await removeAll(store, key, other)
  })

  itRaces('ST-02 insert: of racers with one ordinal exactly one gets true', async () => {
    const ordinal = uniqueOrdinal()
    const keys: SigningKeyRecord[] = []
    const answers = await race((racing, index) => {
      const key = keyRecord({ ordinal })
      keys[index] = key
      return racing.insert(key)
    })
    expectEqual(countOf(answers, true), 1, 'exactly one insert of an ordinal answers true')
    expectEqual(await listed(store, ...keys), [keys[answers.indexOf(true)]], 'the key is the one whose insert answered true')
    await removeAll(store, ...keys)
  })

  itRaces('ST-02 insert: of racers with one kid exactly one gets true', async () => {
    const kid = uniqueText('kid')
    const ordinal = uniqueOrdinal()
    const answers = await race((racing, index) => racing.insert(keyRecord({ kid, ordinal: ordinal + index })))
    expectEqual(countOf(answers, true), 1, 'exactly one insert of a kid answers true')
    const [key] = await listed(store, keyRecord({ kid }))
    expectEqual(key?.ordinal, ordinal + answers.indexOf(true), 'the key is the one whose insert answered true')
    await store.delete(kid)
  })
}

function itSwaps({ it, itRaces, store, race, together }: StoreSuite<SigningKeyStore>): void {
  it('swap: replaces a row while its tag is still `fromTag`', async () => {
    const [key, other] = [keyRecord(), keyRecord()]
    for (const given of [key, other]) await store.insert(given)
    const next = { ...key, sealedPrivateJwk: 'anew', tag: uniqueText('tag') }
    const absent = keyRecord()
    for (const tag of [uniqueText('tag'), next.tag, other.tag, ...lookalikesOf(key.tag)]) {
      expectEqual(await store.swap(tag, next), false, 'another tag than the present one answers false')
    }
    for (const kid of lookalikesOf(key.kid)) {
      expectEqual(await store.swap(key.tag, { ...next, kid }), false, 'swap replaces exactly this kid')
    }
    expectEqual(await store.swap(absent.tag, absent), false, 'swap of an unknown key answers false')
    expectEqual(await listed(store, key), [key], 'a refused swap changes nothing')
    expectEqual(await store.swap(key.tag, next), true, 'the present tag answers true')
    expectEqual(await listed(store, key), [next], 'swap replaces the row')
    expectEqual(await listed(store, other, absent), [other], 'swap leaves other rows alone and makes none')
    await removeAll(store, key, other)
  })

  itRaces('ST-02 swap: of racers with one tag exactly one gets true', async () => {
    const key = keyRecord()
    await store.insert(key)
    const next = (index: number): SigningKeyRecord => ({
      ...key,
      sealedPrivateJwk: `racer ${index}`,
      tag: `${key.tag} ${index}`,
    })
    const answers = await race((racing, index) => racing.swap(key.tag, next(index)))
    expectEqual(countOf(answers, true), 1, 'exactly one swap answers true')
    expectEqual(await listed(store, key), [next(answers.indexOf(true))], 'the row is the one whose swap answered true')
    const { tag } = next(answers.indexOf(true))
    await together(
      () => store.delete(key.kid),
      () => store.swap(tag, { ...key, tag: uniqueText('tag') }),
    )
    expectEqual(await listed(store, key), [], 'no swap on the way brings a removed key back')
  })
}

function itDeletes({ it, itRaces, store, race }: StoreSuite<SigningKeyStore>): void {
  it('delete: true where there was such a key, and removes that key only', async () => {
    const key = keyRecord()
    await store.insert(key)
    for (const kid of [...lookalikesOf(key.kid), ...hostileTexts]) {
      expectEqual(await store.delete(kid), false, 'delete of an unknown key answers false')
    }
    expectEqual(await listed(store, key), [key], 'other keys are left alone')
    expectEqual(await store.delete(key.kid), true, 'delete answers true')
    expectEqual(await store.delete(key.kid), false, 'a second delete answers false')
    expectEqual(await listed(store, key), [], 'a removed key is not listed')
  })

  itRaces('ST-02 delete: of racers exactly one gets true', async () => {
    const key = keyRecord()
    await store.insert(key)
    expectEqual(countOf(await race((racing) => racing.delete(key.kid)), true), 1, 'exactly one delete answers true')
  })
}

function itTellsOfKeys(suite: StoreSuite<SigningKeyStore>): void {
  itTells(suite, 'insert', async () => {
    const key = keyRecord()
    return (keys, event) => keys.insert(key, event)
  })
  itTells(suite, 'delete', async () => {
    const key = keyRecord()
    await suite.store.insert(key)
    return (keys, event) => keys.delete(key.kid, event)
  })
}
