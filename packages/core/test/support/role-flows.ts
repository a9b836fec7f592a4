import { type AuthStores, type Principal, StoreError } from '@auth/core'
import { virtualClock } from '@auth/core/testing'
import { expect, it } from 'vitest'
import { createPrincipal, type PrincipalFields } from '../../src/rbac/index.js'
import { cookieLogin, login, ownPage, password, refresh, type TestApp, testApp } from './test-app.js'

type RoleName = 'user' | 'support' | 'manager' | 'auditor' | 'admin'

interface Person {
  readonly id: string
  readonly email: string
  readonly bearer: string
}

const maxStalenessMs = 5000

/** What a guard would have made of a credential. */
function principal(fields: PrincipalFields): Principal {
  return createPrincipal(fields) as unknown as Principal // The same type, from the source instead of the package.
}

/** A deployment in which nobody else is an administrator. */
async function freshApp(open: OpenRoleStores): Promise<TestApp> {
  return testApp({ clock: virtualClock(new Date()), stores: await open() })
}

async function person(app: TestApp, ...roles: readonly RoleName[]): Promise<Person> {
  const email = `${roles.join('-')}-${crypto.randomUUID()}@example.com`
  const { id } = await app.auth.accounts.create({ email, password, roles })
  const { accessToken } = await login(app, email)
  return { id, email, bearer: accessToken }
}

async function setRoles(app: TestApp, by: Person, on: Person, ...roles: readonly string[]): Promise<string> {
  const { status, body } = await app.call('PUT', `/auth/users/${on.id}/roles`, { bearer: by.bearer, body: { roles } })
  return [status, body.code].join(' ').trim()
}

async function disable(app: TestApp, by: Person, on: Person): Promise<string> {
  const { status, body } = await app.call('POST', `/auth/users/${on.id}/disable`, { bearer: by.bearer })
  return [status, body.code].join(' ').trim()
}

async function deleteOwn(app: TestApp, { bearer }: Person): Promise<string> {
  const { status, body } = await app.call('POST', '/auth/me/delete', { bearer, body: { password } })
  return [status, body.code].join(' ').trim()
}

async function rolesOf(app: TestApp, { id }: Person): Promise<readonly string[]> {
  return (await app.auth.rbac.list(id)).assigned
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(String, (error: { code?: string; name: string }) => error.code ?? error.name)
}

/** Opens empty stores, over one database where the kind has one. */
export type OpenRoleStores = () => Promise<Required<AuthStores>>

/** What holds of roles over any stores. */
export function roleFlows(open: OpenRoleStores): void {
  itGrants(open)
  itKeepsAnAdministrator(open)
  itActsEverywhere(open)
  itListsUsers(open)
}

function itGrants(open: OpenRoleStores): void {
  it('RB-06 A-92 granting needs users:manage, goes to nobody above and never beyond the granter', async () => {
    const app = await freshApp(open)
    const [admin, manager, other] = [await person(app, 'admin'), await person(app, 'manager'), await person(app, 'user')]
    expect(await setRoles(app, other, manager, 'user')).toBe('403 insufficient_scope')
    expect(await disable(app, other, manager)).toBe('403 insufficient_scope')
    expect(await setRoles(app, manager, other, 'admin')).toBe('403 insufficient_scope')
    expect(await setRoles(app, manager, other, 'user', 'support')).toBe('403 insufficient_scope')
    // Only a name; guards may ask for it all the same.
    expect(await setRoles(app, manager, other, 'auditor')).toBe('403 insufficient_scope')
    expect(await setRoles(app, manager, admin, 'user')).toBe('403 insufficient_scope')
    expect(await disable(app, manager, admin)).toBe('403 insufficient_scope')
    expect(await rolesOf(app, other)).toEqual(['user'])
    expect(await setRoles(app, manager, other, 'manager')).toBe('204')
    expect(await setRoles(app, admin, other, 'auditor', 'support')).toBe('204')
    expect(await disable(app, manager, other)).toBe('403 insufficient_scope')
    expect(await disable(app, admin, other)).toBe('204')
    expect((await app.call('POST', '/auth/login', { body: { email: other.email, password } })).status).toBe(401)
  })

  it('RB-06 A-92 nobody grants to themselves; their own rights they can lower', async () => {
    const app = await freshApp(open)
    const [admin, manager] = [await person(app, 'admin'), await person(app, 'manager')]
    await person(app, 'admin')
    expect(await setRoles(app, manager, manager, 'manager', 'admin')).toBe('403 insufficient_scope')
    expect(await setRoles(app, admin, admin, 'admin', 'auditor')).toBe('403 insufficient_scope')
    expect(await setRoles(app, manager, manager, 'user')).toBe('204')
    expect(await setRoles(app, admin, admin, 'user')).toBe('204')
    expect(await rolesOf(app, admin)).toEqual(['user'])
  })

  it('A-88 keys and clients grant nothing, whatever their scopes', async () => {
    const app = await freshApp(open)
    const [admin, other] = [await person(app, 'admin'), await person(app, 'user')]
    const key: PrincipalFields = {
      kind: 'api-key',
      subject: 'key',
      userId: admin.id,
      roles: [],
      scopes: ['*'],
      via: 'api-key',
    }
    const client: PrincipalFields = { ...key, kind: 'user', subject: admin.id, clientId: 'client', via: 'bearer' }
    for (const by of [principal(key), principal(client)]) {
      expect(await outcomeOf(app.auth.rbac.assign(other.id, 'support', { by }))).toBe('credential_not_allowed')
      expect(await outcomeOf(app.auth.rbac.remove(other.id, 'user', { by }))).toBe('credential_not_allowed')
    }
    const forged = { ...key, kind: 'user' } as unknown as Principal // A look-alike, as plain JavaScript could make it.
    expect(await outcomeOf(app.auth.rbac.assign(other.id, 'admin', { by: forged }))).toBe('insufficient_scope')
    expect(await rolesOf(app, other)).toEqual(['user'])
  })

  it('RB-06 who was demoted grants nothing with a principal of before', async () => {
    const app = await freshApp(open)
    const [admin, other] = [await person(app, 'admin'), await person(app, 'user')]
    await person(app, 'admin')
    const by = principal({
      kind: 'user',
      subject: admin.id,
      userId: admin.id,
      sessionId: 'any',
      roles: ['admin'],
      scopes: ['*'],
      via: 'bearer',
    })
    expect(await app.auth.rbac.assign(other.id, 'auditor', { by })).toBe(true)
    await app.auth.rbac.remove(admin.id, 'admin')
    expect(await outcomeOf(app.auth.rbac.assign(other.id, 'support', { by }))).toBe('insufficient_scope')
  })

  it('assigns and removes one role among racers without losing another', async () => {
    const app = await freshApp(open)
    const { id } = await person(app, 'user')
    const done = await Promise.all([
      app.auth.rbac.assign(id, 'support'),
      app.auth.rbac.assign(id, 'auditor'),
      app.auth.rbac.remove(id, 'user'),
      app.auth.rbac.assign(id, 'manager'),
    ])
    expect(done).toEqual([true, true, true, true])
    const { assigned, roles } = await app.auth.rbac.list(id)
    expect([...assigned].sort()).toEqual(['auditor', 'manager', 'support'])
    expect(roles).toEqual(['auditor', 'manager', 'support', 'user'])
    expect([await app.auth.rbac.assign(id, 'support'), await app.auth.rbac.remove(id, 'admin')]).toEqual([false, false])
    expect(await outcomeOf(app.auth.rbac.assign(id, 'typo' as RoleName))).toBe('ConfigError')
    expect(await outcomeOf(app.auth.rbac.list(crypto.randomUUID()))).toBe('not_found')
  })
}

function itKeepsAnAdministrator(open: OpenRoleStores): void {
  it('RB-06 A-92 the last administrator is neither demoted, disabled nor deleted, by anybody', async () => {
    const app = await freshApp(open)
    const admin = await person(app, 'admin')
    const { accounts, rbac } = app.auth
    expect(await setRoles(app, admin, admin, 'user')).toBe('409 last_administrator')
    expect(await disable(app, admin, admin)).toBe('409 last_administrator')
    expect(await deleteOwn(app, admin)).toBe('409 last_administrator')
    const attempts = [
      () => rbac.remove(admin.id, 'admin'),
      () => accounts.setRoles(admin.id, []),
      () => accounts.disable(admin.id),
      () => accounts.delete(admin.id),
    ]
    for (const attempt of attempts) expect(await outcomeOf(attempt())).toBe('last_administrator')
    expect(await app.guard({ bearer: admin.bearer }, { roles: ['admin'] })).toBe('ok')
    const [event] = await app.auth.audit.list({ type: 'roles.changed', subject: admin.id, limit: 10 })
    expect(event).toMatchObject({ outcome: 'failure', code: 'last_administrator' })
    const second = await person(app, 'admin')
    expect(await setRoles(app, admin, admin, 'user')).toBe('204')
    expect(await outcomeOf(accounts.delete(second.id))).toBe('last_administrator')
  })

  it('RB-06 A-92 where nobody has every scope, the last who manages users is kept as the last administrator is', async () => {
    const app = await freshApp(open)
    const { accounts, rbac } = app.auth
    const [manager] = [await person(app, 'manager'), await person(app, 'user', 'support', 'auditor')]
    expect(await setRoles(app, manager, manager, 'user')).toBe('409 last_administrator')
    expect(await disable(app, manager, manager)).toBe('409 last_administrator')
    expect(await deleteOwn(app, manager)).toBe('409 last_administrator')
    const attempts = [
      () => rbac.remove(manager.id, 'manager'),
      () => accounts.setRoles(manager.id, ['user', 'support']),
      () => accounts.disable(manager.id),
      () => accounts.delete(manager.id),
    ]
    for (const attempt of attempts) expect(await outcomeOf(attempt())).toBe('last_administrator')
    expect(await app.guard({ bearer: manager.bearer }, { scopes: ['users:manage'] })).toBe('ok')

    const admin = await person(app, 'admin')
    expect(await deleteOwn(app, manager)).toBe('204')
    await person(app, 'manager')
    // Whoever manages users cannot give every scope back.
    expect(await setRoles(app, admin, admin, 'manager')).toBe('409 last_administrator')
    expect(await deleteOwn(app, admin)).toBe('409 last_administrator')
  })

  it.each(['admin', 'manager'] as const)(
    'RB-06 of people with the role %s that take it away at once, exactly one remains',
    async (role) => {
      for (let round = 0; round < 6; round++) {
        const app = await freshApp(open)
        const [ann, bob] = [await person(app, role), await person(app, role)]
        const other = testApp({ clock: app.clock, stores: app.stores })
        const ways = [
          () => setRoles(other, bob, ann, 'user'),
          () => disable(other, bob, ann),
          () => deleteOwn(other, ann),
        ] as const
        const outcomes = await Promise.all([
          round < 3 ? setRoles(app, ann, bob, 'user') : deleteOwn(app, bob),
          ways[round % 3]?.(),
        ])
        const told = `round ${round}: ${outcomes.join(', ')}`
        expect(
          outcomes.filter((outcome) => outcome === '204'),
          told,
        ).toHaveLength(1)
        const found = await Promise.all([ann, bob].map(({ id }) => app.stores.users.find(id)))
        const left = found.filter((user) => user?.roles.includes(role) && user.disabledAt === null)
        expect(left, told).toHaveLength(1)
      }
    },
  )
}

function itActsEverywhere(open: OpenRoleStores): void {
  it('RB-05 A-92 a role taken on one node is refused on another within maxStaleness, and with the feed cut too', async () => {
    const app = await freshApp(open)
    const node = (stores: AuthStores): TestApp => testApp({ clock: app.clock, stores })
    const cut = { isCut: false }
    const { revocations } = app.stores
    const other = node(app.stores)
    const lonely = node({
      ...app.stores,
      revocations: {
        ...revocations,
        read: (cursor, now) => (cut.isCut ? Promise.reject(new StoreError('cut off')) : revocations.read(cursor, now)),
      },
    })
    await person(app, 'admin')
    const admin = await person(app, 'admin')
    const { refreshToken } = await login(app, admin.email)
    const cookie = await cookieLogin(app, admin.email)
    const asks = { roles: ['admin'] } as const
    for (const each of [app, other, lonely]) expect(await each.guard({ bearer: admin.bearer }, asks)).toBe('ok')
    expect(await other.guard({ cookie, headers: ownPage }, asks)).toBe('ok')

    cut.isCut = true
    await app.auth.rbac.remove(admin.id, 'admin')
    expect(await app.guard({ bearer: admin.bearer }, asks)).toBe('401 token_revoked')
    expect(await app.guard({ cookie, headers: ownPage }, asks)).toBe('403 insufficient_role')
    let waitedMs = 0
    while (waitedMs <= maxStalenessMs && (await other.guard({ bearer: admin.bearer }, asks)) === 'ok') {
      const stepMs = Math.min(250, maxStalenessMs + 1 - waitedMs)
      await app.clock.advance(stepMs)
      waitedMs += stepMs
    }
    console.log(`a role taken on one node was refused on another after ${waitedMs} ms (maxStaleness ${maxStalenessMs} ms)`)
    await app.clock.advance(maxStalenessMs + 1 - waitedMs)
    expect(await other.guard({ bearer: admin.bearer }, asks)).toBe('401 token_revoked')
    expect(await other.guard({ cookie, headers: ownPage }, asks)).toBe('403 insufficient_role')
    expect(await lonely.guard({ bearer: admin.bearer }, asks)).toBe('503 store_unavailable')
    const { body } = await refresh(other, refreshToken)
    expect(await other.guard({ bearer: body.accessToken }, asks)).toBe('403 insufficient_role')
  })
}

function itListsUsers(open: OpenRoleStores): void {
  it('GET /users gives everybody once, page by page, to who may read users', async () => {
    const app = await freshApp(open)
    const reader = await person(app, 'support')
    const stored = await app.stores.users.find(reader.id)
    if (!stored) throw new Error('the user is there')
    const ids = Array.from({ length: 230 }, () => crypto.randomUUID())
    for (const id of ids) await app.stores.users.insert({ ...stored, id, emailKey: id, roles: ['user'] })
    const seen: string[] = []
    const sizes: number[] = []
    for (let after: unknown = null, query = ''; after !== null || sizes.length === 0; query = `?after=${String(after)}`) {
      const { status, body } = await app.call('GET', `/auth/users${query}`, { bearer: reader.bearer })
      expect(status).toBe(200)
      const users = body.users as Record<string, unknown>[]
      sizes.push(users.length)
      seen.push(...users.map(({ id }) => String(id)))
      for (const user of users)
        expect(Object.keys(user).sort()).toEqual(['createdAt', 'email', 'emailVerified', 'id', 'name', 'roles'])
      after = body.next
    }
    expect(sizes).toEqual([100, 100, 31])
    expect([...seen].sort()).toEqual([reader.id, ...ids].sort())
    const user = await person(app, 'user')
    for (const [query, bearer, status] of [
      ['', user.bearer, 403],
      ['', undefined, 401],
      ['?after=a&after=b', reader.bearer, 400],
      ['?after=%27', reader.bearer, 400],
      ['?after=zzzz', reader.bearer, 200],
    ] as const) {
      expect((await app.call('GET', `/auth/users${query}`, bearer ? { bearer } : {})).status).toBe(status)
    }
  })
}
