import { type Auth, createAuth, memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { openOwn } from './support/clients.js'
import { startOwnRedis } from './support/own-redis.js'

const secret = 'c7d1f0a4-a-secret-for-tests-alone-5be2937a'
const maxStalenessMs = 5000

describe('API keys of two nodes whose feed is in Redis', () => {
  it('AK-04 F-03 a key revoked on one is refused on the other within maxStaleness, and by 503 while the feed is away', async () => {
    const server = await startOwnRedis()
    const shared = memoryStores()
    const open = (): Auth =>
      createAuth({
        issuer: 'https://app.example.com',
        secret,
        stores: { ...shared, ...openOwn(server.port, {}, { maxRetriesPerRequest: 0 }) },
        passwords: { hasher: { hash: async () => '$x', verify: async () => true, needsRehash: () => false } },
        tokens: { algorithm: 'ES256' },
        logger: { warn: () => undefined, error: () => undefined },
      })
    const [first, second] = [open(), open()]
    const guard = async (auth: Auth, key: string): Promise<string> => {
      const header = (name: string): string | undefined => (name === 'x-api-key' ? key : undefined)
      const seen = await auth.authenticate({ method: 'GET', url: '/', header, ip: '203.0.113.7' })
      return seen.ok ? 'ok' : `${seen.refusal.status} ${seen.refusal.code}`
    }
    await first.ready()
    await second.ready()
    const { id: userId } = await first.accounts.create({ email: 'ada@example.com', password: 'a long enough passphrase' })
    const keys = [
      await first.apiKeys.create({ userId, name: 'one', scopes: [] }),
      await first.apiKeys.create({ userId, name: 'two', scopes: [] }),
    ] as const
    for (const auth of [first, second]) for (const { key } of keys) expect(await guard(auth, key)).toBe('ok')

    await first.apiKeys.revoke(keys[0].id)
    const revokedAt = performance.now()
    expect(await guard(first, keys[0].key)).toBe('401 api_key_revoked')
    for (;;) {
      const askedMs = performance.now() - revokedAt
      const answer = await guard(second, keys[0].key)
      if (answer === '401 api_key_revoked') {
        console.info(`Redis: a revoked key was refused on another node after ${Math.round(askedMs)} ms`)
        break
      }
      expect(answer).toBe('ok')
      expect(askedMs).toBeLessThanOrEqual(maxStalenessMs)
      // Answers that need no I/O would leave it no turn.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }

    await server.kill()
    await expect(first.apiKeys.revoke(keys[1].id)).rejects.toThrow('revocations.append')
    // The row is the truth, and has been written; the feed only brings it sooner.
    expect(await guard(first, keys[1].key)).toMatch(/^(401 api_key_revoked|503 store_unavailable)$/)
    const cutAt = performance.now()
    for (;;) {
      const askedMs = performance.now() - cutAt
      const answer = await guard(second, keys[1].key)
      if (answer === '503 store_unavailable' || answer === '401 api_key_revoked') break
      expect(answer).toBe('ok')
      expect(askedMs).toBeLessThanOrEqual(maxStalenessMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await server.restart()
    let answer = ''
    while (answer !== '401 api_key_revoked') {
      answer = await guard(second, keys[1].key)
      expect(answer).toMatch(/^(401 api_key_revoked|503 store_unavailable)$/)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
})
