import type { ClientRecord, ClientStore } from '../../oauth-server/index.js'
import { expectEqual, expectThat } from './expectations.js'
import { hostileTexts, lookalikesOf, shortHostileTexts } from './hostile-texts.js'
import { afterMs, countOf, eras, present, range, uniqueDigest, uniqueText } from './samples.js'
import { defineSuite, type OpenStores, type StoreSuite, type SuiteOptions } from './store-suite.js'
import type { TestApi } from './test-api.js'
import { itTells } from './trail-tests.js'
import { itKeepsOrRefuses, itLooksUpAnyText } from './unstorable-text-tests.js'
import { vandalise } from './vandalise.js'

/** Proves a `ClientStore`: each sentence of its interface is a test. */
export function clientStoreSuite(api: TestApi, openStores: OpenStores, options: SuiteOptions = {}): void {
  defineSuite('clients', api, openStores, options, (suite) => {
    itKeepsClients(suite)
    itTellsTextsApart(suite)
    itTakesAnyText(suite)
    itInserts(suite)
    itLists(suite)
    itSwaps(suite)
    itDeletes(suite)
    itTellsOfClients(suite)
  })
}

function clientRecord(fields: Partial<ClientRecord> = {}): ClientRecord {
  return {
    id: uniqueText('client'),
    name: 'Acme Reports',
    kind: 'confidential',
    secrets: [
      { digest: uniqueDigest(), createdAt: present, expiresAt: afterMs(present, 334) },
      { digest: uniqueDigest(), createdAt: afterMs(present, 5), expiresAt: null },
    ],
    redirectUris: ['https://b.example/cb?x=1&y=%20', 'https://a.example/cb'],
    grants: ['refresh_token', 'authorization_code'],
    scopes: ['write:orders', 'read:orders'],
    authMethods: ['client_secret_post', 'client_secret_basic'],
    resources: ['https://stock.example.com/', 'https://api.example.com'],
    introspects: ['https://api.example.com'],
    consent: 'explicit',
    createdAt: present,
    disabledAt: afterMs(present, 876),
    grantsSince: afterMs(present, 543),
    version: 1,
    ...fields,
  }
}

function variedClients(): readonly ClientRecord[] {
  const lists = { redirectUris: [], grants: [], scopes: [], authMethods: [], resources: [], introspects: [] }
  const empty = { ...lists, secrets: [], consent: 'implicit', disabledAt: null, grantsSince: null } as const
  const old = (era: Date): Partial<ClientRecord> => ({
    createdAt: era,
    disabledAt: afterMs(era, 1),
    secrets: [{ digest: uniqueDigest(), createdAt: era, expiresAt: afterMs(era, 9) }],
  })
  return [clientRecord(), clientRecord({ kind: 'public', ...empty }), ...eras.map((era) => clientRecord(old(era)))]
}

function itKeepsClients({ it, store }: StoreSuite<ClientStore>): void {
  it('ST-01 find: gives back every field as it was inserted', async () => {
    for (const client of variedClients()) {
      expectThat(await store.insert(client), 'insert of a new client answers true')
      expectEqual(await store.find(client.id), client, 'find gives back the client')
    }
  })

  it('ST-01 find: null for what was never inserted, whatever text it is', async () => {
    for (const text of [
      uniqueText('client'),
      ...hostileTexts.map((hostile) => `${hostile}${uniqueText('')}`),
      '__proto__',
      'constructor',
      '',
    ]) {
      expectEqual(await store.find(text), null, `find(${JSON.stringify(text)}) answers null`)
      expectEqual(await store.swap(1, clientRecord({ id: text })), false, 'swap of an unknown client answers false')
      expectEqual(await store.delete(text), false, 'delete of an unknown client answers false')
      expectEqual(await store.find(text), null, 'neither swap nor delete makes a client')
    }
  })

  it('ST-01 keeps hostile texts unchanged', async () => {
    for (const text of shortHostileTexts) {
      const lists = { redirectUris: [text, text], grants: [text], scopes: [text, 'read:orders'] }
      const client = clientRecord({ id: `${text}${uniqueText('')}`, name: text, ...lists })
      await store.insert(client)
      expectEqual(await store.find(client.id), client, 'find gives back the client')
      expectThat(await store.swap(1, { ...client, version: 2 }), 'swap knows the client')
      expectThat(await store.delete(client.id), 'delete knows the client')
    }
  })

  it('ST-01 keeps copies: changing what was passed in or given out changes nothing', async () => {
    const client = clientRecord()
    const next = clientRecord({ id: client.id, version: 2 })
    const passed = { client: structuredClone(client), next: structuredClone(next) }
    await store.insert(passed.client)
    vandalise(passed.client)
    vandalise(await store.find(client.id))
    expectEqual(await store.find(client.id), client, 'the store keeps what insert was given')
    await store.swap(1, passed.next)
    vandalise(passed.next)
    vandalise(await store.list(client.id.slice(0, -1), 1))
    expectEqual(await store.find(client.id), next, 'the store keeps what swap was given')
  })
}

function itTellsTextsApart({ it, store }: StoreSuite<ClientStore>): void {
  it('ST-01 takes ids that look alike for different ones', async () => {
    const client = clientRecord({ id: uniqueText('jos\u00e9') })
    await store.insert(client)
    for (const id of lookalikesOf(client.id)) {
      const like = `for an id that looks like another: ${JSON.stringify(id.slice(0, 60))}`
      expectEqual(await store.find(id), null, `find answers null ${like}`)
      expectEqual(await store.swap(1, clientRecord({ id, version: 2 })), false, `swap answers false ${like}`)
      expectEqual(await store.delete(id), false, `delete answers false ${like}`)
    }
    for (const id of lookalikesOf(client.id).filter(({ length }) => length > 16 && length < 250)) {
      expectThat(await store.insert(clientRecord({ id })), `insert answers true for another id: ${JSON.stringify(id)}`)
      await store.delete(id)
    }
    expectEqual(await store.find(client.id), client, 'the client is as before')
  })
}

function itTakesAnyText(suite: StoreSuite<ClientStore>): void {
  const { store } = suite
  itLooksUpAnyText(suite, (text) => [
    ['find', store.find(text), null],
    ['delete', store.delete(text), false],
  ])
  itKeepsOrRefuses(suite, (text) => {
    const client = clientRecord({ name: text, scopes: [text], resources: [text] })
    return {
      write: () => store.insert(client),
      read: () => store.find(client.id),
      expected: { kept: client, refused: null },
    }
  })
}

function itInserts({ it, itRaces, store, race }: StoreSuite<ClientStore>): void {
  it('ST-02 insert: false where the id exists, and never overwrites', async () => {
    const client = clientRecord()
    await store.insert(client)
    expectEqual(
      await store.insert(clientRecord({ id: client.id, version: 2 })),
      false,
      'insert with an id that exists answers false',
    )
    expectEqual(await store.find(client.id), client, 'insert never overwrites')
  })

  itRaces('ST-02 insert: of racers with one id exactly one gets true', async () => {
    const id = uniqueText('client')
    const answers = await race((racing, index) => racing.insert(clientRecord({ id, name: `racer ${index}` })))
    expectEqual(countOf(answers, true), 1, 'exactly one insert of an id answers true')
    expectEqual(
      (await store.find(id))?.name,
      `racer ${answers.indexOf(true)}`,
      'the client is the one whose insert answered true',
    )
  })
}

function itLists({ it, store }: StoreSuite<ClientStore>): void {
  it('ST-01 list: by id in the order of code points, after `after`, at most `limit`', async () => {
    const prefix = uniqueText('list')
    const ends = ['!', '.z', '0', '10', '9', 'A', 'B', 'Z', '_', 'a', 'a ', 'aa', 'b', 'z', '~', '\u00e9', '\u4e00']
    const clients = ends.map((end) => clientRecord({ id: `${prefix}${end}` }))
    for (const index of [4, 9, 0, 16, 7, 12, 2, 14, 5, 10, 1, 15, 8, 3, 13, 6, 11]) {
      await store.insert(clients[index] ?? clientRecord())
    }
    const listed: ClientRecord[] = []
    for (let after = prefix, page = 0; page < 5; page++) {
      const clients = await store.list(after, 4)
      expectThat(clients.length <= 4, 'list lists at most `limit`')
      listed.push(...clients)
      after = clients.at(-1)?.id ?? after
    }
    expectEqual(listed.slice(0, clients.length), clients, 'pages list each client once, by id')
    const [first] = await store.list(null, 1)
    expectThat(first !== undefined && first.id <= `${prefix}!`, 'without `after` list begins with the first of all')
  })
}

function itSwaps({ it, itRaces, store, race, concurrency }: StoreSuite<ClientStore>): void {
  it('swap: replaces a client while its version is still `fromVersion`', async () => {
    const client = clientRecord({ version: 4 })
    const next = { ...clientRecord({ version: 5, disabledAt: null }), id: client.id }
    await store.insert(client)
    expectEqual(await store.swap(3, next), false, 'another version than the present one answers false')
    expectEqual(await store.swap(5, next), false, 'a version that is not there yet answers false')
    expectEqual(await store.find(client.id), client, 'a refused swap changes nothing')
    expectEqual(await store.swap(4, next), true, 'the present version answers true')
    expectEqual(await store.find(client.id), next, 'swap replaces every field')
    expectEqual(await store.swap(4, next), false, 'a version that is over answers false')
  })

  itRaces('ST-02 swap: of racers with one version exactly one gets true', async () => {
    const client = clientRecord()
    await store.insert(client)
    const answers = await race((racing, index) => racing.swap(1, { ...client, version: 2, name: `racer ${index}` }))
    expectEqual(countOf(answers, true), 1, 'exactly one swap answers true')
    const winner = { ...client, version: 2, name: `racer ${answers.indexOf(true)}` }
    expectEqual(await store.find(client.id), winner, 'the client is the one whose swap answered true')
    await race(async (racing, index) => {
      for (let done = false, tries = 0; !done; tries++) {
        expectThat(tries <= concurrency, 'a swap fails only where another has succeeded since the client was read')
        const seen = (await racing.find(client.id)) ?? client
        done = await racing.swap(seen.version, {
          ...seen,
          version: seen.version + 1,
          scopes: [...seen.scopes, `racer ${index}`],
        })
      }
    })
    const { version, scopes = [] } = (await store.find(client.id)) ?? {}
    expectEqual(version, 2 + concurrency, 'racers that try again raise the version once each')
    expectEqual(
      [...scopes].sort(),
      [...client.scopes, ...range(concurrency).map((index) => `racer ${index}`)].sort(),
      'no change is lost',
    )
  })
}

function itDeletes({ it, itRaces, store, race, together }: StoreSuite<ClientStore>): void {
  it('delete: true once', async () => {
    const client = clientRecord()
    await store.insert(client)
    expectEqual(await store.delete(client.id), true, 'delete answers true')
    expectEqual(await store.delete(client.id), false, 'a second delete answers false')
    expectEqual(await store.find(client.id), null, 'find answers null after delete')
  })

  itRaces('ST-02 delete: of racers exactly one gets true, and no swap on the way brings the client back', async () => {
    const client = clientRecord()
    const other = clientRecord()
    await store.insert(client)
    await store.insert(other)
    expectEqual(countOf(await race((racing) => racing.delete(client.id)), true), 1, 'exactly one delete answers true')
    await together(
      () => store.delete(other.id),
      () => store.swap(1, { ...other, version: 2 }),
    )
    expectEqual(await store.find(other.id), null, 'a deleted client stays deleted')
  })
}

function itTellsOfClients(suite: StoreSuite<ClientStore>): void {
  itTells(suite, 'insert', async () => {
    const client = clientRecord()
    return (clients, event) => clients.insert(client, event)
  })
  itTells(suite, 'swap', async () => {
    const client = clientRecord()
    await suite.store.insert(client)
    return (clients, event) => clients.swap(client.version, { ...client, version: client.version + 1 }, event)
  })
  itTells(suite, 'delete', async () => {
    const client = clientRecord()
    await suite.store.insert(client)
    return (clients, event) => clients.delete(client.id, event)
  })
}
