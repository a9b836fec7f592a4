import { createAuth, defineRoles, memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { openOwn } from './support/clients.js'
import { startOwnRedis } from './support/own-redis.js'

const secret = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'
const maxStalenessMs = 5000
const json = { 'content-type': 'application/json' }

/** Two nodes that share everything, and whose feed is in Redis. */
function openNodes(port: number) {
  const shared = memoryStores()
  const roles = defineRoles({ user: { scopes: [] }, support: { scopes: ['users:read'] }, admin: { scopes: ['*'] } })
  const open = () =>
    createAuth({
      issuer: 'https://app.example.com',
      secret,
      roles,
      defaultRole: 'user',
      stores: { ...shared, ...openOwn(port, { deadlineMs: 1900 }, { maxRetriesPerRequest: 0 }) },
      passwords: { hasher: { hash: async () => '$x', verify: async () => true, needsRehash: () => false } },
      tokens: { algorithm: 'ES256' },
      logger: { warn: () => undefined, error: () => undefined },
    })
  return [open(), open()] as const
}

type Node = ReturnType<typeof openNodes>[number]

const call = async (auth: Node, headers: Readonly<Record<string, string>>, requirement = {}): Promise<string> => {
  const header = (name: string): string | undefined => headers[name]
  const seen = await auth.authenticate({ method: 'GET', url: '/', header, ip: '203.0.113.7' }, requirement)
  return seen.ok ? 'ok' : `${seen.refusal.status} ${seen.refusal.code}`
}

/** Asks until the answer is no more `ok`, for no longer than a node may not have heard. Gives the answer. */
async function refusalOf(ask: () => Promise<string>, what: string): Promise<string> {
  const since = performance.now()
  for (;;) {
    const askedMs = performance.now() - since
    const answer = await ask()
    if (answer !== 'ok') {
      console.info(`Redis: ${what} was refused on another node after ${Math.round(askedMs)} ms`)
      return answer
    }
    expect(askedMs).toBeLessThanOrEqual(maxStalenessMs)
    // Answers that need no I/O would leave it no turn.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('two nodes whose feed is in Redis', () => {
  it('RT-11 a role taken away on one ends what it allowed on the other within maxStaleness', async () => {
    const server = await startOwnRedis()
    const [first, second] = openNodes(server.port)
    const person = { email: 'ada@example.com', password: 'a long enough passphrase' }
    const { id } = await first.accounts.create(person)
    await first.rbac.assign(id, 'support')
    const answer = await first.handler(
      new Request('https://app.example.com/auth/login', { method: 'POST', body: JSON.stringify(person), headers: json }),
      { ip: '203.0.113.7' },
    )
    const { accessToken } = (await answer.json()) as { accessToken: string }
    const { key } = await first.apiKeys.create({ userId: id, name: 'one', scopes: ['users:read'] })
    const byToken = () => call(second, { authorization: `Bearer ${accessToken}` }, { roles: ['support'] })
    const byKey = () => call(second, { 'x-api-key': key }, { scopes: ['users:read'] })
    expect([await byToken(), await byKey()]).toEqual(['ok', 'ok'])

    await first.rbac.remove(id, 'support')
    const refused = [
      refusalOf(byToken, 'a token with a role taken away'),
      refusalOf(byKey, 'a key whose owner lost a scope'),
    ]
    expect(await Promise.all(refused)).toEqual(['401 token_revoked', '403 insufficient_scope'])
  })

  it('AK-04 F-03 a key revoked on one is refused on the other within maxStaleness, and by 503 while the feed is away', async () => {
    const server = await startOwnRedis()
    const [first, second] = openNodes(server.port)
    const guard = (auth: Node, key: string): Promise<string> => call(auth, { 'x-api-key': key })
    await first.ready()
    await second.ready()
    const { id: userId } = await first.accounts.create({ email: 'ada@example.com', password: 'a long enough passphrase' })
    const keys = [
      await first.apiKeys.create({ userId, name: 'one', scopes: [] }),
      await first.apiKeys.create({ userId, name: 'two', scopes: [] }),
    ] as const
    for (const auth of [first, second]) for (const { key } of keys) expect(await guard(auth, key)).toBe('ok')

    await first.apiKeys.revoke(keys[0].id)
    expect(await guard(first, keys[0].key)).toBe('401 api_key_revoked')
    expect(await refusalOf(() => guard(second, keys[0].key), 'a revoked key')).toBe('401 api_key_revoked')

    await server.kill()
    await expect(first.apiKeys.revoke(keys[1].id)).rejects.toThrow('revocations.append')
    // The row is the truth, and has been written; the feed only brings it sooner.
    expect(await guard(first, keys[1].key)).toMatch(/^(401 api_key_revoked|503 store_unavailable)$/)
    expect(await refusalOf(() => guard(second, keys[1].key), 'a key without a feed')).toMatch(
      /^(503 store_unavailable|401 api_key_revoked)$/,
    )
    await server.restart()
    let answer = ''
    while (answer !== '401 api_key_revoked') {
      answer = await guard(second, keys[1].key)
      expect(answer).toMatch(/^(401 api_key_revoked|503 store_unavailable)$/)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
})
