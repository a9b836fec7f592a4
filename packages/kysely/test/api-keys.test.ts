import { createHash } from 'node:crypto'
import { type AuthStores, memoryStores, type SecurityAlert } from '@auth/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { kyselyStores, migrateAuth } from '../src/index.js'
import { counting, writesOf } from './support/counting-stores.js'
import { createPostgres, createSqlite, type TestDatabase } from './support/databases.js'
import {
  fill,
  type KeyNode,
  logIn,
  lookalikeOf,
  makeKey,
  openNode,
  password,
  type ShownKey,
  signUp,
} from './support/key-app.js'

/** Where keys are kept, opened as often as there are nodes. */
interface Place {
  open(): Required<AuthStores>
  close(): Promise<void>
}

async function inDatabase(create: () => Promise<TestDatabase>): Promise<Place> {
  const database = await create()
  await migrateAuth(database.connect())
  return { open: () => kyselyStores(database.connect({ connections: 4 })), close: () => database.remove() }
}

async function inMemory(): Promise<Place> {
  const stores = memoryStores()
  return { open: () => stores, close: async () => undefined }
}

const onPostgres = ['Postgres', () => inDatabase(createPostgres)] as const
/** Stores of one kit are alike: a full run looks at each of them all the same. */
const places =
  process.env.FULL_RUN === undefined
    ? [onPostgres]
    : ([['memory', inMemory], ['SQLite', () => inDatabase(createSqlite)], onPostgres] as const)

const unguessable = { scopes: ['read:orders'] } as const

const swapCase = (text: string): string =>
  [...text].map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join('')

describe.each(places)('API keys in %s', (_, create) => {
  let place: Place
  let stores: Required<AuthStores>
  let node: KeyNode
  beforeAll(async () => {
    place = await create()
    stores = place.open()
  })
  afterAll(() => place.close())
  beforeEach(async () => {
    // The address's failures of the test before are not this one's.
    node = openNode(stores)
  })
  let addresses = 0
  const freshIp = (): string => `198.51.100.${++addresses}`

  describe('AK-01 a key', () => {
    it('is shown once, and nothing that is stored or answered later gives it away', async () => {
      const ann = await signUp(node)
      const made = await node.call('POST', '/api-keys', {
        bearer: ann.bearer,
        body: { name: 'bot', scopes: ['read:orders'] },
      })
      expect(made.status).toBe(201)
      expect(Object.keys(made.body).sort()).toEqual(['createdAt', 'expiresAt', 'id', 'key', 'name', 'prefix', 'scopes'])
      const { id, key, prefix } = made.body as { id: string; key: string; prefix: string }
      expect(key).toMatch(/^ak_[0-9A-Za-z]{54}$/)
      expect(key.startsWith(prefix)).toBe(true)
      const stored = await stores.apiKeys.find(id)
      expect(stored?.digest).toBe(createHash('sha256').update(key).digest('base64url'))
      const secret = key.slice(-38, -6)
      const listed = await node.call('GET', '/api-keys', { bearer: ann.bearer })
      const fields = ['createdAt', 'expiresAt', 'id', 'lastUsedAt', 'name', 'prefix', 'revokedAt', 'scopes']
      const [first] = listed.body.apiKeys as object[]
      expect(Object.keys(first ?? {}).sort()).toEqual(fields)
      const rotated = await node.call('POST', `/api-keys/${id}/rotate`, { bearer: ann.bearer })
      const held = [
        stored,
        listed.body,
        rotated.body,
        await node.auth.apiKeys.list(ann.id),
        await node.auth.apiKeys.find(id),
      ]
      for (const text of held.map((value) => JSON.stringify(value))) expect(text).not.toContain(secret.slice(0, 12))
    })

    it('A-87 that has not the form of one asks no store, in whatever way it is wrong', async () => {
      const { key } = await makeKey(node, await signUp(node))
      const counted = counting(stores)
      const other = openNode(counted.stores)
      await other.auth.ready()
      counted.calls.length = 0
      const changed = [...key].map((char, at) => `${key.slice(0, at)}${char === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`)
      const strange = [
        `${key}0`,
        key.slice(0, -1),
        'ak_',
        'ak_%',
        `ak_${'_'.repeat(54)}`,
        'x',
        '%',
        `${key.slice(0, 3)}%${key.slice(4)}`,
      ]
      for (const wrong of [...changed, ...strange]) expect(await other.guard(wrong), wrong).toBe('401 api_key_invalid')
      for (let i = 0; i < 10_000; i++) {
        const random = `ak_${Buffer.from(crypto.getRandomValues(new Uint8Array(27))).toString('hex')}`
        expect(await other.guard(random)).toBe('401 api_key_invalid')
      }
      expect(counted.calls).toEqual([])
      expect(await other.guard(key)).toBe('ok')
    })
  })

  it('AK-02 is read from its two headers alone, and as one credential', async () => {
    const ann = await signUp(node)
    const { key } = await makeKey(node, ann)
    for (const path of [`/me?api_key=${key}`, `/me?access_token=${key}`, `/me?x-api-key=${key}`, `/me?key=${key}`])
      expect((await node.call('GET', path)).body.code).toBe('credentials_missing')
    const body = { name: 'x', scopes: [], apiKey: key }
    expect((await node.call('POST', '/api-keys', { body })).body.code).toBe('validation_failed')
    for (const call of [{ key }, { bearer: key }]) {
      const answer = await node.call('GET', '/me', call)
      expect(answer.body.principal).toMatchObject({ kind: 'api-key', via: 'api-key', roles: [], scopes: ['read:orders'] })
      expect(answer.body.user).toMatchObject({ id: ann.id })
    }
    expect((await node.call('GET', '/me', { key, bearer: ann.bearer })).body.code).toBe('ambiguous_credentials')
    expect((await node.call('GET', '/me', { key, bearer: key })).body.code).toBe('ambiguous_credentials')
    expect((await node.call('GET', '/me', { key: `${key}, ${key}` })).body.code).toBe('ambiguous_credentials')
  })

  describe('AK-03 making and ending keys', () => {
    it('A-86 concerns the signed-in user alone: no other subject, limit or right is taken from a body', async () => {
      const [ann, eve] = [await signUp(node), await signUp(node)]
      const body = { name: 'bot', scopes: ['read:orders'] }
      expect((await node.call('POST', '/api-keys', { body })).status).toBe(401)
      const fields = {
        userId: ann.id,
        permissions: ['*'],
        rateLimit: 1e9,
        expiresAt: null,
        id: 'x',
        roles: ['admin'],
        prefix: 'ak',
      }
      for (const [field, value] of Object.entries(fields)) {
        for (const bearer of [eve.bearer, undefined]) {
          const call = { body: { ...body, [field]: value }, ...(bearer === undefined ? {} : { bearer }) }
          expect((await node.call('POST', '/api-keys', call)).status, field).toBe(422)
        }
      }
      for (const scopes of [['write:orders'], ['*'], ['read:*'], ['read:orders', 'users:manage']]) {
        const answer = await node.call('POST', '/api-keys', { bearer: eve.bearer, body: { name: 'bot', scopes } })
        expect([answer.status, answer.body.code]).toEqual([403, 'insufficient_scope'])
        expect(answer.body.missingScopes).toEqual(scopes.filter((scope) => scope !== 'read:orders'))
      }
      for (const one of [ann, eve]) expect(await stores.apiKeys.list(one.id)).toEqual([])
    })

    it('refuses names, scopes, lives and networks that make no sense', async () => {
      const ann = await signUp(node, 'admin')
      const wrong = [
        { name: '' },
        { name: ' ' },
        { name: 'x'.repeat(101) },
        { name: 'a\nb' },
        { name: 1 },
        { scopes: 'read:orders' },
        { scopes: ['read orders'] },
        { scopes: ['a"b'] },
        { scopes: Array.from({ length: 101 }, (_, i) => `read:${i}`) },
        { expiresIn: 0 },
        { expiresIn: -1 },
        { expiresIn: 1.5 },
        { expiresIn: '1h' },
        { expiresIn: 1e12 },
        { expiresIn: null },
        { allowedIps: [] },
        { allowedIps: ['127.1'] },
        { allowedIps: ['10.0.0.0/33'] },
        { allowedIps: ['example.com'] },
        { allowedIps: '10.0.0.0/8' },
      ]
      for (const change of wrong) {
        const body = { name: 'bot', scopes: [], ...change }
        expect((await node.call('POST', '/api-keys', { bearer: ann.bearer, body })).status, JSON.stringify(change)).toBe(422)
      }
      expect(await stores.apiKeys.list(ann.id)).toEqual([])
      for (const overlap of [-1, 1.5, '1', 1e12, null])
        expect((await node.call('POST', '/api-keys/x/rotate', { bearer: ann.bearer, body: { overlap } })).status).toBe(422)
    })

    it('A-91 answers 404 for somebody else’s key, changes nothing and leaves an event', async () => {
      const [ann, eve] = [await signUp(node), await signUp(node, 'admin')]
      const { id, key } = await makeKey(node, ann)
      for (const [method, path, type] of [
        ['DELETE', `/api-keys/${id}`, 'api_key.revoked'],
        ['POST', `/api-keys/${id}/rotate`, 'api_key.rotated'],
      ] as const) {
        expect((await node.call(method, path, { bearer: eve.bearer })).body.code).toBe('not_found')
        const events = await node.auth.audit.list({ limit: 10, subject: id })
        const event = { type, outcome: 'failure', code: 'not_found', actor: eve.id, subject: id }
        expect(events).toContainEqual(expect.objectContaining(event))
      }
      for (const unknown of ['x', `${id}0`, swapCase(id), '%25'])
        expect((await node.call('DELETE', `/api-keys/${unknown}`, { bearer: ann.bearer })).status).toBe(404)
      expect(await node.guard(key)).toBe('ok')
      expect(((await node.call('GET', '/api-keys', { bearer: eve.bearer })).body.apiKeys as object[]).length).toBe(0)
    })

    it('leaves one event for each, with whose key it is', async () => {
      const ann = await signUp(node)
      const { id } = await makeKey(node, ann)
      const { body } = await node.call('POST', `/api-keys/${id}/rotate`, { bearer: ann.bearer, body: { overlap: 60 } })
      await node.call('DELETE', `/api-keys/${body.id}`, { bearer: ann.bearer })
      await node.call('DELETE', `/api-keys/${body.id}`, { bearer: ann.bearer })
      await node.call('POST', '/api-keys', { bearer: ann.bearer, body: { name: 'x', scopes: ['*'] } })
      const events = (await node.auth.audit.list({ limit: 50 })).filter(
        ({ actor, type }) => actor === ann.id && type.startsWith('api_key'),
      )
      const told = events.map(({ type, outcome, subject }) => `${type} ${outcome} ${subject}`)
      expect(told.sort()).toEqual([
        `api_key.issued failure ${ann.id}`,
        `api_key.issued success ${id}`,
        `api_key.revoked success ${body.id}`,
        `api_key.rotated success ${id}`,
      ])
    })
  })

  describe('AK-04 a key', () => {
    it('A-92 may do what both its scopes and its owner’s present rights allow, on every node within maxStaleness', async () => {
      const clerk = await signUp(node, 'clerk')
      const other = openNode(place.open(), { clock: node.clock })
      const { key } = await makeKey(node, clerk, { scopes: ['read:orders', 'write:orders'] })
      const write = { scopes: ['write:orders'] } as const
      for (const any of [node, other]) expect(await any.guard(key, write)).toBe('ok')
      await node.auth.accounts.setRoles(clerk.id, ['user'])
      expect(await node.guard(key, write)).toBe('403 insufficient_scope')
      expect(await node.guard(key, unguessable)).toBe('ok')
      await node.clock.advance(5001)
      expect(await other.guard(key, write)).toBe('403 insufficient_scope')
      await node.auth.accounts.setRoles(clerk.id, ['admin'])
      await node.clock.advance(5001)
      for (const any of [node, other]) {
        expect(await any.guard(key, write)).toBe('ok')
        // Neither the new roles nor what they bring is the key's.
        expect(await any.guard(key, { roles: ['admin'] })).toBe('403 insufficient_role')
        expect(await any.guard(key, { scopes: ['users:read'] })).toBe('403 insufficient_scope')
      }
    })

    it('ends at once where it is revoked, within maxStaleness elsewhere, and stays ended', async () => {
      const ann = await signUp(node)
      const other = openNode(place.open(), { clock: node.clock })
      const { id, key } = await makeKey(node, ann)
      for (const any of [node, other]) expect(await any.guard(key)).toBe('ok')
      expect((await node.call('DELETE', `/api-keys/${id}`, { bearer: ann.bearer })).status).toBe(204)
      expect(await node.guard(key)).toBe('401 api_key_revoked')
      await node.clock.advance(5001)
      expect(await other.guard(key)).toBe('401 api_key_revoked')
      expect(await openNode(place.open()).guard(key)).toBe('401 api_key_revoked')
      expect((await node.call('DELETE', `/api-keys/${id}`, { bearer: ann.bearer })).status).toBe(204)
    })

    it('expires by the clock, also while it is remembered', async () => {
      const { key } = await makeKey(node, await signUp(node), { expiresIn: 3 })
      expect(await node.guard(key)).toBe('ok')
      await node.clock.advance(2999)
      expect(await node.guard(key)).toBe('ok')
      await node.clock.advance(1)
      expect(await node.guard(key)).toBe('401 api_key_expired')
    })

    it('LG-14 is gone with a disabled or deleted owner, and does not come back', async () => {
      const [ann, bob] = [await signUp(node), await signUp(node)]
      const other = openNode(place.open(), { clock: node.clock })
      const keys = [(await makeKey(node, ann)).key, (await makeKey(node, bob)).key]
      for (const key of keys) for (const any of [node, other]) expect(await any.guard(key)).toBe('ok')
      await node.auth.accounts.disable(ann.id)
      await node.auth.accounts.delete(bob.id)
      for (const key of keys) expect(await node.guard(key)).toBe('401 api_key_revoked')
      await node.auth.accounts.enable(ann.id)
      await node.clock.advance(5001)
      for (const key of keys) for (const any of [node, other]) expect(await any.guard(key)).toBe('401 api_key_revoked')
    })

    it('is refused with a disabled owner also where the keys could not be ended', async () => {
      const ann = await signUp(node)
      const { key } = await makeKey(node, ann)
      const apiKeys = { ...stores.apiKeys, revokeAll: () => Promise.reject(new Error('down')) }
      const broken = openNode({ ...stores, apiKeys }, { clock: node.clock })
      await expect(broken.auth.accounts.disable(ann.id)).rejects.toThrow('apiKeys.revokeAll')
      await node.clock.advance(5001)
      expect(await node.guard(key)).toBe('401 api_key_revoked')
    })

    it('that was asked for before its owner was disabled, and is made after, does not outlive it', async () => {
      const ann = await signUp(node)
      const apiKeys: typeof stores.apiKeys = {
        ...stores.apiKeys,
        insert: async (key, limit) => {
          await node.auth.accounts.disable(ann.id)
          await node.auth.accounts.enable(ann.id)
          return stores.apiKeys.insert(key, limit)
        },
      }
      const slow = openNode({ ...stores, apiKeys }, { clock: node.clock })
      const body = { name: 'bot', scopes: ['read:orders'] }
      expect((await slow.call('POST', '/api-keys', { bearer: ann.bearer, body })).body.code).toBe('token_revoked')
      const live = (await stores.apiKeys.list(ann.id)).filter(({ revokedAt }) => revokedAt === null)
      expect(live).toEqual([])
    })
  })

  it('LG-14 a key that is imported while its owner is disabled does not outlive it', async () => {
    const ann = await signUp(node)
    const apiKeys: typeof stores.apiKeys = {
      ...stores.apiKeys,
      insert: async (key) => {
        await node.auth.accounts.disable(ann.id)
        await node.auth.accounts.enable(ann.id)
        return stores.apiKeys.insert(key)
      },
    }
    const imported = [{ prefix: 'old_', length: 40 }]
    const slow = openNode({ ...stores, apiKeys }, { clock: node.clock, apiKeys: { imported } })
    const sha256 = createHash('sha256').update(ann.id).digest('hex')
    const wish = { userId: ann.id, sha256, prefix: 'old_', name: 'before', scopes: [] }
    await expect(slow.auth.apiKeys.import(wish)).rejects.toMatchObject({ code: 'token_revoked' })
    expect((await stores.apiKeys.list(ann.id)).map(({ revokedAt }) => revokedAt === null)).toEqual([false])
  })

  it('AK-04 a request after a demotion does not get what one before it was reading', async () => {
    const ann = await signUp(node)
    const { key } = await makeKey(node, ann)
    let readers = 0
    let goOn = (): void => undefined
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const users: typeof stores.users = {
      ...stores.users,
      async find(id) {
        const user = await stores.users.find(id)
        if (id === ann.id && ++readers === 1) await held
        return user
      },
    }
    const other = openNode({ ...stores, users }, { clock: node.clock })
    await other.auth.ready()
    const before = other.guard(key, unguessable)
    while (readers === 0) await new Promise((resolve) => setImmediate(resolve))
    await other.auth.accounts.setRoles(ann.id, [])
    const after = other.guard(key, unguessable)
    goOn()
    expect([await before, await after]).toEqual(['ok', '403 insufficient_scope'])
  })

  it('AK-05 A-88 a key with every scope makes no keys and changes no credentials', async () => {
    const admin = await signUp(node, 'admin')
    const { id, key } = await makeKey(node, admin, { scopes: ['*'] })
    const { id: second } = await makeKey(node, admin)
    const session = ((await node.call('GET', '/sessions', { bearer: admin.bearer })).body.sessions as { id: string }[])[0]
      ?.id
    const refused: readonly (readonly [string, string, object?])[] = [
      ['POST', '/api-keys', { name: 'more', scopes: ['read:orders'] }],
      ['GET', '/api-keys'],
      ['DELETE', `/api-keys/${id}`],
      ['POST', `/api-keys/${second}/rotate`],
      ['POST', '/password/change', { currentPassword: password, newPassword: 'another fine passphrase' }],
      ['GET', '/sessions'],
      ['DELETE', `/sessions/${session}`],
      ['POST', '/logout-all'],
      ['POST', '/me/delete', { password }],
    ]
    for (const [method, path, body] of refused) {
      for (const call of [{ key }, { bearer: key }]) {
        const answer = await node.call(method, path, { ...call, ...(body ? { body } : {}) })
        expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([403, 'credential_not_allowed'])
      }
    }
    expect((await node.call('GET', '/me', { key })).status).toBe(200)
    expect(await node.guard(key, { allow: ['cookie', 'bearer'] })).toBe('403 credential_not_allowed')
    expect(await stores.apiKeys.list(admin.id)).toHaveLength(2)
    await logIn(node, admin.email)
  })

  describe('AK-06 a refusal', () => {
    it('A-87 is the same for malformed, unknown and wrong keys; what became of a key is told to its bearer alone', async () => {
      const ann = await signUp(node)
      const ended = await makeKey(node, ann)
      const expired = await makeKey(node, ann, { expiresIn: 1 })
      const live = await makeKey(node, ann)
      await node.auth.apiKeys.revoke(ended.id)
      await node.clock.advance(1000)
      const ip = freshIp()
      const wrong = [
        'x',
        live.key.slice(0, -1),
        `${live.key}0`,
        lookalikeOf(live.key),
        ...[live, ended, expired].map(({ key }) => lookalikeOf(key, { sameId: true })),
      ]
      const answers = []
      for (const key of wrong) {
        const answer = await node.call('GET', '/me', { key, ip })
        answers.push({ ...answer, headers: [...answer.headers] })
      }
      expect(answers[0]?.body).toMatchObject({ status: 401, code: 'api_key_invalid' })
      for (const answer of answers) expect(answer).toEqual(answers[0])
      expect(await node.guard(ended.key)).toBe('401 api_key_revoked')
      expect(await node.guard(expired.key)).toBe('401 api_key_expired')
      expect(await node.guard(live.key)).toBe('ok')
      // Nobody has shown to be the owner by naming the key.
      const refused = await node.auth.audit.list({ type: 'api_key.refused', limit: 50 })
      const named = refused.filter(({ subject }) => subject === live.id)
      expect(named.map(({ actor, code }) => [actor ?? null, code])).toEqual([[null, 'api_key_invalid']])
    })

    it('BF-06 comes as 429 after thirty wrong keys in a minute from one address, on every node; garbage counts nothing', async () => {
      const { key } = await makeKey(node, await signUp(node))
      const other = openNode(place.open(), { clock: node.clock })
      const ip = freshIp()
      for (let i = 0; i < 60; i++) expect(await node.guard(`${key}0`, {}, ip)).toBe('401 api_key_invalid')
      expect(await node.guard(key, {}, ip)).toBe('ok')
      for (let i = 0; i < 30; i++) expect(await node.guard(lookalikeOf(key), {}, ip)).toBe('401 api_key_invalid')
      const refused = await node.call('GET', '/me', { key: lookalikeOf(key), ip })
      expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts'])
      expect(refused.headers.get('ratelimit-policy')).toBe('"api-key-address";q=30;w=60')
      expect(refused.headers.get('retry-after')).toBe('60')
      expect(await other.guard(lookalikeOf(key), {}, ip)).toBe('429 too_many_attempts')
      // Who is known goes on, and so does every other address.
      expect(await node.guard(key, {}, ip)).toBe('ok')
      expect(await other.guard(key)).toBe('ok')
      await node.clock.advance(60_000)
      expect(await other.guard(lookalikeOf(key), {}, ip)).toBe('401 api_key_invalid')
    })

    it('BF-06 costs no store more than thirty look-ups a minute, however many unknown keys come at once', async () => {
      const { key } = await makeKey(node, await signUp(node))
      const counted = counting(stores)
      const other = openNode(counted.stores, { clock: node.clock })
      await other.auth.ready()
      const ip = freshIp()
      const asked = Array.from({ length: 100 }, () => other.guard(lookalikeOf(key), {}, ip))
      let isOver = false
      const all = Promise.all(asked).finally(() => {
        isOver = true
      })
      while (!isOver) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        await node.clock.advance(20)
      }
      const answers = await all
      const invalid = answers.filter((answer) => answer === '401 api_key_invalid')
      expect(invalid.length).toBeLessThanOrEqual(30)
      expect(invalid.length + answers.filter((answer) => answer === '429 too_many_attempts').length).toBe(100)
      expect(counted.calls.filter((call) => call === 'apiKeys.find').length).toBeLessThanOrEqual(30)
    })
  })

  describe('AK-06 using a key', () => {
    it('ten thousand times writes at most twice, and reads once for each maxStaleness', async () => {
      const { id, key } = await makeKey(node, await signUp(node))
      const counted = counting(stores)
      const other = openNode(counted.stores, { clock: node.clock })
      await other.auth.ready()
      counted.calls.length = 0
      for (let i = 0; i < 10_000; i++) {
        if (i % 1000 === 0) await node.clock.advance(1000)
        expect(await other.guard(key)).toBe('ok')
      }
      expect(counted.calls.filter((call) => call === 'apiKeys.find').length).toBeLessThanOrEqual(3)
      expect(writesOf(counted.calls)).toEqual([])
      await other.auth.apiKeys.flushUses()
      expect(writesOf(counted.calls)).toEqual(['apiKeys.recordUses'])
      expect(await stores.apiKeys.find(id)).toMatchObject({ uses: 10_000, lastUsedAt: node.clock.now() })
    })

    it('once after it was forgotten, by a thousand requests at the same time, costs one look-up', async () => {
      const { key } = await makeKey(node, await signUp(node))
      const counted = counting(stores)
      const other = openNode(counted.stores, { clock: node.clock })
      await other.auth.ready()
      const finds = (): number => counted.calls.filter((call) => call === 'apiKeys.find').length
      const all = async (): Promise<ReadonlySet<string>> =>
        new Set(await Promise.all(Array.from({ length: 1000 }, () => other.guard(key))))
      expect(await all()).toEqual(new Set(['ok']))
      expect(finds()).toBe(1)
      await node.clock.advance(5001)
      expect(await all()).toEqual(new Set(['ok']))
      expect(finds()).toBe(2)
    })

    it('does not fail where its use cannot be noted', async () => {
      const { id, key } = await makeKey(node, await signUp(node))
      const apiKeys = { ...stores.apiKeys, recordUses: () => Promise.reject(new Error('down')) }
      const other = openNode({ ...stores, apiKeys }, { clock: node.clock })
      expect(await other.guard(key)).toBe('ok')
      await expect(other.auth.maintain()).rejects.toThrow('apiKeys.recordUses')
      expect(await other.guard(key)).toBe('ok')
      expect(await stores.apiKeys.find(id)).toMatchObject({ uses: 0 })
    })

    it('tells when it was last used, once `maintain` has written it', async () => {
      const ann = await signUp(node)
      const { key } = await makeKey(node, ann)
      await node.guard(key)
      await node.auth.maintain()
      const { body } = await node.call('GET', '/api-keys', { bearer: ann.bearer })
      expect((body.apiKeys as object[])[0]).toMatchObject({ lastUsedAt: node.clock.now().toISOString() })
    })
  })

  describe('rotating a key', () => {
    const rotate = (bearer: string, { id }: Pick<ShownKey, 'id'>, body?: object) =>
      node.call('POST', `/api-keys/${id}/rotate`, { bearer, ...(body ? { body } : {}) })

    it('gives another key that may do the same; without overlap the old one ends at once, on every node', async () => {
      const ann = await signUp(node)
      const other = openNode(place.open(), { clock: node.clock })
      const old = await makeKey(node, ann, { expiresIn: 1000, allowedIps: ['203.0.113.0/24'] })
      for (const any of [node, other]) expect(await any.guard(old.key)).toBe('ok')
      await node.clock.advance(1000)
      const { status, body } = await rotate(ann.bearer, old)
      expect(status).toBe(201)
      const successor = body as unknown as ShownKey
      expect(successor.id).not.toBe(old.id)
      expect(body).toMatchObject({ name: 'Deploy bot', scopes: ['read:orders'] })
      // As long a life as the old key was meant to have.
      expect(Date.parse(String(successor.expiresAt)) - node.clock.now().getTime()).toBe(1_000_000)
      expect(await node.guard(successor.key)).toBe('ok')
      expect(await node.guard(successor.key, {}, '192.0.2.1')).toBe('403 credential_not_allowed')
      expect(await node.guard(old.key)).toBe('401 api_key_expired')
      await node.clock.advance(5001)
      expect(await other.guard(old.key)).toBe('401 api_key_expired')
      expect((await rotate(ann.bearer, old)).status).toBe(404)
    })

    it('with an overlap keeps the old one until then, and never beyond its own end', async () => {
      const ann = await signUp(node)
      const [old, short] = [await makeKey(node, ann), await makeKey(node, ann, { expiresIn: 5 })]
      const successors = [
        (await rotate(ann.bearer, old, { overlap: 10 })).body,
        (await rotate(ann.bearer, short, { overlap: 10 })).body,
      ]
      await node.clock.advance(4999)
      for (const key of [old.key, short.key, ...successors.map((body) => String(body.key))])
        expect(await node.guard(key)).toBe('ok')
      await node.clock.advance(1)
      expect(await node.guard(short.key)).toBe('401 api_key_expired')
      await node.clock.advance(5000)
      expect(await node.guard(old.key)).toBe('401 api_key_expired')
    })

    it('again within the overlap ends the oldest: at most two are valid', async () => {
      const ann = await signUp(node)
      const keys = [await makeKey(node, ann)]
      for (let i = 0; i < 3; i++) {
        const [last] = keys.slice(-1)
        const { body } = await rotate(ann.bearer, last ?? { id: '' }, { overlap: 60 })
        keys.push(body as unknown as ShownKey)
        const answers = []
        for (const { key } of keys) answers.push(await node.guard(key))
        expect(answers.slice(-2)).toEqual(['ok', 'ok'])
        for (const answer of answers.slice(0, -2)) expect(answer).toBe('401 api_key_revoked')
      }
    })

    it('is refused where the list of keys is full, as is making one more: none in force may fall off it', async () => {
      const ann = await signUp(node)
      const { id } = await makeKey(node, ann)
      await fill(stores, ann.id, 996)
      const other = openNode(place.open(), { clock: node.clock })
      const wish = { bearer: ann.bearer, body: { name: 'one more', scopes: [] } }
      const racers = Array.from({ length: 10 }, (_, i) => (i % 2 ? node : other).call('POST', '/api-keys', wish))
      const statuses = (await Promise.all(racers)).map(({ status }) => status).sort()
      expect(statuses).toEqual([...Array.from({ length: 3 }, () => 201), ...Array.from({ length: 7 }, () => 422)])
      expect(await stores.apiKeys.list(ann.id)).toHaveLength(1000)
      for (const path of ['/api-keys', `/api-keys/${id}/rotate`]) {
        const body = path === '/api-keys' ? wish.body : {}
        const { body: refusal } = await other.call('POST', path, { bearer: ann.bearer, body })
        expect(refusal).toMatchObject({ code: 'validation_failed', issues: [{ code: 'too_many_keys' }] })
      }
      // Whoever else has keys is not concerned, and what was in force elsewhere goes on.
      await makeKey(node, await signUp(node))
      const here = openNode(stores, { clock: node.clock, apiKeys: { imported: [{ prefix: 'old_', length: 40 }] } })
      const sha256 = createHash('sha256').update(ann.id).digest('hex')
      await here.auth.apiKeys.import({ userId: ann.id, sha256, prefix: 'old_', name: 'before', scopes: [] })
    })

    it('many times at once has one winner, and leaves at most two valid keys', async () => {
      const ann = await signUp(node)
      const other = openNode(place.open(), { clock: node.clock })
      for (const overlap of [0, 60]) {
        const old = await makeKey(node, ann)
        const call = { bearer: ann.bearer, body: { overlap } }
        const racers = Array.from({ length: 10 }, (_, i) =>
          (i % 2 ? node : other).call('POST', `/api-keys/${old.id}/rotate`, call),
        )
        const statuses = (await Promise.all(racers)).map(({ status }) => status).sort()
        expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 404)])
      }
    })
  })

  it('may be used from its networks alone, in whatever form the address comes', async () => {
    const ann = await signUp(node)
    const { key } = await makeKey(node, ann, { allowedIps: ['10.0.0.0/8', '2001:db8::/32', '::ffff:192.0.2.0/120'] })
    for (const ip of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '192.0.2.7', '::ffff:192.0.2.7'])
      expect(await node.guard(key, {}, ip), ip).toBe('ok')
    for (const ip of ['11.1.2.3', '2001:db9::1', '::ffff:11.0.0.1', 'unknown', ''])
      expect(await node.guard(key, {}, ip), ip).toBe('403 credential_not_allowed')
    const none = await node.auth.authenticate({
      method: 'GET',
      url: '/',
      header: (name) => (name === 'x-api-key' ? key : undefined),
      ip: undefined,
    })
    expect(none.ok).toBe(false)
  })

  it('reportLeak ends the key everywhere, records who found it, tells the owner and issues nothing', async () => {
    const alerts: SecurityAlert[] = []
    const heard = openNode(stores, { clock: node.clock, onSecurityAlert: (alert) => void alerts.push(alert) })
    const ann = await signUp(node)
    const other = openNode(place.open(), { clock: node.clock })
    const { id, key } = await makeKey(node, ann)
    for (const any of [node, other, heard]) expect(await any.guard(key)).toBe('ok')
    for (const text of ['', 'x', `${key}0`, lookalikeOf(key), lookalikeOf(key, { sameId: true })])
      expect(await heard.auth.apiKeys.reportLeak(text, { source: 'scanner' })).toBeNull()
    expect(await node.guard(key)).toBe('ok')
    const leak = { keyId: id, userId: ann.id, wasLive: true }
    expect(await heard.auth.apiKeys.reportLeak(key, { source: 'a public\r\nrepository' })).toEqual(leak)
    expect(await heard.guard(key)).toBe('401 api_key_revoked')
    await node.clock.advance(5001)
    for (const any of [node, other]) expect(await any.guard(key)).toBe('401 api_key_revoked')
    expect(await heard.auth.apiKeys.reportLeak(key, { source: 'again' })).toEqual({ ...leak, wasLive: false })
    expect(alerts).toMatchObject([
      { kind: 'api_key_leaked', ...leak, source: 'a public\r\nrepository' },
      { kind: 'api_key_leaked', ...leak, wasLive: false },
    ])
    expect(await stores.apiKeys.list(ann.id)).toHaveLength(1)
    const events = await node.auth.audit.list({ type: 'api_key.leaked', subject: id, limit: 5 })
    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({ outcome: 'success', subject: id, actor: 'a public\ufffd\ufffdrepository' })
  })

  it('import lets keys that were issued elsewhere go on, found by their digest alone', async () => {
    const imported = [{ prefix: 'old_', length: 40 }]
    const here = openNode(stores, { clock: node.clock, apiKeys: { prefix: ['ak_live', 'ak_old'], imported } })
    const [ann, eve] = [await signUp(node), await signUp(node)]
    const foreign = `old_${Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString('hex')}`
    const sha256 = createHash('sha256').update(foreign).digest('hex')
    const wish = { userId: ann.id, sha256, prefix: 'old_', name: 'before', scopes: ['read:orders', 'write:orders'] }
    expect(await here.guard(foreign)).toBe('401 api_key_invalid')
    const { id } = await here.auth.apiKeys.import(wish)
    expect((await here.auth.apiKeys.import(wish)).id).toBe(id)
    await expect(here.auth.apiKeys.import({ ...wish, userId: eve.id })).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(here.auth.apiKeys.import({ ...wish, sha256: 'x' })).rejects.toMatchObject({ code: 'validation_failed' })
    await expect(here.auth.apiKeys.import({ ...wish, prefix: 'other_' })).rejects.toThrow('apiKeys.imported')
    await expect(node.auth.apiKeys.import(wish)).rejects.toThrow('apiKeys.imported')
    expect(await here.guard(foreign, unguessable)).toBe('ok')
    expect(await here.guard(foreign, { scopes: ['write:orders'] })).toBe('403 insufficient_scope')
    expect((await here.call('GET', '/me', { bearer: foreign })).body.principal).toMatchObject({ keyId: id })
    expect(await node.guard(foreign)).toBe('401 api_key_invalid')
    const elsewhere = openNode(memoryStores(), { apiKeys: { prefix: 'ak_old' } })
    const { key } = await makeKey(elsewhere, await signUp(elsewhere))
    expect(await here.guard(key)).toBe('401 api_key_invalid')
    await here.auth.apiKeys.import({
      ...wish,
      id: key.slice(7, 23),
      prefix: 'ak_old',
      sha256: createHash('sha256').update(key).digest('base64url'),
    })
    expect(await here.guard(key, unguessable)).toBe('ok')
    expect(await here.auth.apiKeys.revoke(id)).toBe(true)
    expect(await here.guard(foreign)).toBe('401 api_key_revoked')
  })

  it('limits hold for a key over all nodes, and say so', async () => {
    const limits = { rateLimit: { requests: 20, per: '1m' }, quota: { requests: 25, per: '1d' } } as const
    const ann = await signUp(node)
    const keys = [await makeKey(node, ann), await makeKey(node, ann)]
    const nodes = [
      openNode(stores, { clock: node.clock, apiKeys: { limits } }),
      openNode(place.open(), { clock: node.clock, apiKeys: { limits } }),
    ]
    const use = async (key: string, times: number): Promise<number> => {
      const asked = Array.from({ length: times }, (_, i) => nodes[i % 2]?.guard(key) ?? '')
      return (await Promise.all(asked)).filter((answer) => answer === 'ok').length
    }
    // Within one span, which begins anew for all keys alike.
    await node.clock.advance(60_000 - (node.clock.now().getTime() % 60_000))
    expect(await use(keys[0]?.key ?? '', 40)).toBe(20)
    expect(await use(keys[1]?.key ?? '', 10)).toBe(10)
    const refused = await nodes[0]?.call('GET', '/me', { key: keys[0]?.key ?? '' })
    expect([refused?.status, refused?.body.code]).toEqual([429, 'too_many_attempts'])
    expect(refused?.headers.get('ratelimit-policy')).toBe('"api-key-rate";q=20;w=60')
    expect(refused?.headers.get('retry-after')).toBe('60')
    await node.clock.advance(60_000)
    expect(await use(keys[0]?.key ?? '', 10)).toBe(5)
    expect((await nodes[0]?.call('GET', '/me', { key: keys[0]?.key ?? '' }))?.headers.get('ratelimit-policy')).toBe(
      '"api-key-quota";q=25;w=86400',
    )
  })

  it('F-03 with the feed cut is refused by 503 once what is known is older than maxStaleness, and comes back by itself', async () => {
    const { key } = await makeKey(node, await signUp(node))
    let isCut = false
    const revocations: typeof stores.revocations = {
      ...stores.revocations,
      read: (...given) => (isCut ? Promise.reject(new Error('cut')) : stores.revocations.read(...given)),
    }
    const other = openNode({ ...stores, revocations }, { clock: node.clock })
    expect(await other.guard(key)).toBe('ok')
    isCut = true
    await node.auth.apiKeys.revoke(key.slice(3, 19))
    await node.clock.advance(5001)
    expect(await other.guard(key)).toBe('503 store_unavailable')
    isCut = false
    expect(await other.guard(key)).toBe('401 api_key_revoked')
  })

  it('ER-02 with its store down is 503 once it is not remembered any more, and never “no such key”', async () => {
    const { key } = await makeKey(node, await signUp(node))
    let isDown = false
    const apiKeys: typeof stores.apiKeys = {
      ...stores.apiKeys,
      find: (id) => (isDown ? Promise.reject(new Error('down')) : stores.apiKeys.find(id)),
    }
    const other = openNode({ ...stores, apiKeys }, { clock: node.clock })
    expect(await other.guard(key)).toBe('ok')
    isDown = true
    expect(await other.guard(key)).toBe('ok')
    await node.clock.advance(5001)
    expect(await other.guard(key)).toBe('503 store_unavailable')
    const ip = freshIp()
    for (let i = 0; i < 40; i++) expect(await other.guard(lookalikeOf(key), {}, ip)).toBe('503 store_unavailable')
    isDown = false
    expect(await other.guard(key)).toBe('ok')
    // What was not tested was not counted.
    expect(await other.guard(lookalikeOf(key), {}, ip)).toBe('401 api_key_invalid')
  })
})
