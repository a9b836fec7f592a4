import { type AuthConfig, ConfigError, createAuth, defineRoles, memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { issuer, secret } from './support/test-app.js'

const problemsOf = (change: Record<string, unknown>): string[] => {
  try {
    createAuth({ issuer, secret, stores: memoryStores(), ...change } as AuthConfig)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path }) => path)
  }
}

describe('createAuth', () => {
  it('takes the smallest configuration', () => {
    expect(problemsOf({})).toEqual([])
    expect(problemsOf({ issuer: 'http://localhost:3000' })).toEqual([])
    expect(problemsOf({ issuer: 'http://127.0.0.1:3000' })).toEqual([])
    expect(problemsOf({ issuer: 'https://example.com/tenant' })).toEqual([])
    expect(problemsOf({ secret: async () => [secret] })).toEqual([])
  })

  it.each([
    [{ issuer: 'http://example.com' }, 'issuer'],
    [{ issuer: 'example.com' }, 'issuer'],
    [{ issuer: 'https://example.com/' }, 'issuer'],
    [{ issuer: 'https://example.com?x' }, 'issuer'],
    [{ issuer: 'https://user@example.com' }, 'issuer'],
    [{ issuer: 'javascript:alert(1)' }, 'issuer'],
    [{ issuer: undefined }, 'issuer'],
    [{ secret: 'short' }, 'secret'],
    [{ secret: undefined }, 'secret'],
    [{ secret: [] }, 'secret'],
    [{ secret: [secret, 'changeme'] }, 'secret.1'],
    [{ stores: {} }, 'stores.users'],
    [{ stores: { ...memoryStores(), attempts: undefined } }, 'stores.attempts'],
    [{ stores: { ...memoryStores(), signingKeys: undefined } }, 'stores.signingKeys'],
    [{ basePath: 'auth' }, 'basePath'],
    [{ basePath: '/auth/' }, 'basePath'],
    [{ basePath: '/' }, 'basePath'],
    [{ origins: ['https://example.com/'] }, 'origins.0'],
    [{ origins: ['*'] }, 'origins.0'],
    [{ trustedProxies: ['10.0.0.0/8', '1'] }, 'trustedProxies.1'],
    [{ trustedProxies: 1 }, 'trustedProxies'],
    [{ maxStaleness: '0s' }, 'maxStaleness'],
    [{ tokens: { accessTtl: '2h' } }, 'tokens.accessTtl'],
    [{ tokens: { accessTtl: '15 minutes' } }, 'tokens.accessTtl'],
    [{ tokens: { retryWindow: '2m' } }, 'tokens.retryWindow'],
    [{ tokens: { clockTolerance: '61s' } }, 'tokens.clockTolerance'],
    [{ tokens: { algorithm: 'none' } }, 'tokens.algorithm'],
    [{ tokens: { algorithm: 'RS512' } }, 'tokens.algorithm'],
    [{ tokens: { onReuse: 'ignore' } }, 'tokens.onReuse'],
    [{ passwords: { minLength: 7 } }, 'passwords.minLength'],
    [{ defaultRole: 'ghost' }, 'defaultRole'],
    [{ registration: 'maybe' }, 'registration'],
    [{ throttle: false }, 'throttle'],
    [{ apiKeys: true }, 'apiKeys'],
    [{ apiKeys: { prefix: 'AK' } }, 'apiKeys.prefix'],
    [{ apiKeys: { prefix: 'eyj' } }, 'apiKeys.prefix'],
    [{ apiKeys: { prefix: [] } }, 'apiKeys.prefix'],
    [{ apiKeys: { prefix: ['ak', 'a-k'] } }, 'apiKeys.prefix.1'],
    [{ apiKeys: { imported: [{ prefix: 'x', length: 40 }] } }, 'apiKeys.imported.0'],
    [{ apiKeys: { imported: [{ prefix: 'old_', length: 25 }] } }, 'apiKeys.imported.0'],
    [{ apiKeys: { imported: [{ prefix: 'old,', length: 40 }] } }, 'apiKeys.imported.0'],
    [{ apiKeys: { limits: { quota: { requests: 0, per: '1d' } } } }, 'apiKeys.limits.quota'],
    [{ apiKeys: { limits: { rateLimit: { requests: 1, per: '0s' } } } }, 'apiKeys.limits.rateLimit'],
    [{ apiKeys: { limits: { rate: {} } } }, 'apiKeys.limits.rate'],
    [{ apiKeys: { limits: Promise.resolve({}) } }, 'apiKeys.limits'],
    [{ apiKeys: { limits: new Map() } }, 'apiKeys.limits'],
    [{ apiKeys: { hashed: false } }, 'apiKeys.hashed'],
    [{ apiKeys: {}, stores: { ...memoryStores(), apiKeys: undefined } }, 'stores.apiKeys'],
    [{ debug: true }, 'debug'],
    [{ sessions: { cookie: { secure: false } } }, 'sessions.cookie'],
    [{ sessions: { idle: '60d' } }, 'sessions.idle'],
  ])('CF-01 F-47 refuses %j', (change, path) => {
    expect(problemsOf(change)).toContain(path)
  })

  it('CF-01 lists every mistake at once and repeats no value', () => {
    const hidden = 'hunter2-is-my-secret'
    const all = { issuer: 'http://example.com', secret: hidden, basePath: 'x', tokens: { accessTtl: '9h' }, nonsense: 1 }
    expect(problemsOf(all)).toEqual(expect.arrayContaining(['issuer', 'secret', 'basePath', 'tokens.accessTtl', 'nonsense']))
    const message = (() => {
      try {
        createAuth({ stores: memoryStores(), ...all } as unknown as AuthConfig)
        return ''
      } catch (error) {
        return String(error)
      }
    })()
    expect(message).toContain('tokens.accessTtl')
    expect(message).not.toContain(hidden)
  })

  it('CF-01 starts with no user, no key and no session', async () => {
    const stores = memoryStores()
    createAuth({ issuer, secret, stores })
    expect(await stores.signingKeys.list()).toEqual([])
    expect(await stores.audit.list({ limit: 10 })).toEqual([])
  })

  it('is frozen, and holds no secret where somebody looks at it', async () => {
    const auth = createAuth({ issuer, secret, stores: memoryStores(), roles: defineRoles({ user: { scopes: ['read:x'] } }) })
    await auth.ready()
    expect(Object.isFrozen(auth)).toBe(true)
    const { inspect } = await import('node:util')
    expect(inspect(auth, { depth: 12, showHidden: true })).not.toContain(secret)
    expect(JSON.stringify(auth)).not.toContain(secret)
  })
})
