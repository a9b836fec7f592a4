import { describe, expect, it } from 'vitest'
import { createAuth } from './auth.js'
import { checkDeployment } from './deployment.js'
import { ConfigError, StoreError } from './errors.js'
import { memoryStores } from './memory/index.js'
import type { AuthStores } from './stores.js'

const config = { issuer: 'https://app.example.com', secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a' }
const markOf = (stores: AuthStores) => stores.users.deployment

/** The paths of what is wrong with a process's stores. */
async function refused(stores: AuthStores): Promise<readonly string[]> {
  const error = await checkDeployment(stores).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error === null) return []
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).problems.map(({ path }) => path) // The line before says so.
}

describe('checkDeployment', () => {
  it('F-47 accepts any number of processes with the same stores, started at once or later', async () => {
    const [sql, redis] = [memoryStores(), memoryStores()]
    const stores = { ...sql, attempts: redis.attempts, sessions: redis.sessions }
    const together = await Promise.all(Array.from({ length: 5 }, () => refused({ ...stores })))
    expect([...together, await refused(stores)]).toEqual([[], [], [], [], [], []])
  })

  it('F-47 refuses a process that lacks another database, and one that has it in addition', async () => {
    const [sql, redis] = [memoryStores(), memoryStores()]
    expect(await refused({ ...sql, attempts: redis.attempts, sessions: redis.sessions })).toEqual([])
    expect(await refused(sql)).toEqual(['stores.sessions', 'stores.attempts'])
    expect(await refused({ ...sql, ...redis, signingKeys: sql.signingKeys, users: sql.users })).toContain('stores.tickets')
  })

  it('F-47 refuses a store that belongs to another deployment, whichever store it is', async () => {
    const [first, second, shared] = [memoryStores(), memoryStores(), memoryStores()]
    expect(await refused({ ...first, revocations: shared.revocations })).toEqual([])
    expect(await refused({ ...second, revocations: shared.revocations })).toEqual(['stores.revocations'])
  })

  it('asks at home: beside the signing keys, or the users where keys are configured; not where there is no mark', async () => {
    const [sql, other] = [memoryStores(), memoryStores()]
    const { signingKeys: _, ...keyless } = sql
    expect(await refused({ ...keyless, audit: other.audit })).toEqual([])
    expect(await markOf(sql)?.claim('place.audit', 'unset')).toBe('elsewhere')
    const unmarked = { ...sql.users, deployment: null }
    expect(await refused({ ...sql, users: unmarked, audit: other.audit })).toEqual([])
    expect(await refused({ ...keyless, users: unmarked })).toEqual([])
  })
})

describe('a process with the wrong stores', () => {
  async function misconfigured(): Promise<ReturnType<typeof createAuth>> {
    const [sql, redis] = [memoryStores(), memoryStores()]
    await checkDeployment({ ...sql, attempts: redis.attempts })
    return createAuth({ ...config, stores: sql })
  }

  it('F-47 does nothing: no service works on them, not even before the first request', async () => {
    const { accounts, sessions, tokens, signingKeys, audit, maintain, ready } = await misconfigured()
    const calls = [
      accounts.create({ email: 'ada@example.com', password: 'a long enough passphrase' }),
      accounts.find('id'),
      sessions.end('id'),
      tokens.verify('token'),
      tokens.revoke('jti'),
      signingKeys.jwks(),
      signingKeys.rotate(),
      audit.list({ limit: 1 }),
      maintain(),
      ready(),
    ]
    for (const call of calls) await expect(call).rejects.toThrow('stores.attempts: is in another database')
  })

  it('still decides and hashes, which asks no store', async () => {
    const { passwords } = await misconfigured()
    await expect(passwords.check('a long enough passphrase')).resolves.toBeUndefined()
  })
})

it('F-01 a start while the store is away is tried again by the next call', async () => {
  const stores = memoryStores()
  let isAway = true
  const claim = async (name: string, value: string): Promise<string> => {
    if (isAway) throw new Error('ECONNREFUSED')
    return markOf(stores)?.claim(name, value) ?? value
  }
  const signingKeys = { ...stores.signingKeys, deployment: { claim } }
  const auth = createAuth({ ...config, stores: { ...stores, signingKeys } })
  await expect(auth.accounts.find('id')).rejects.toThrow(StoreError)
  isAway = false
  expect(await auth.accounts.find('id')).toBeNull()
})
