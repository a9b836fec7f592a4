import { describe, expect, it } from 'vitest'
import type { AuthStores } from '../src/index.js'
import { memoryStores } from '../src/memory/index.js'
import type { OpenStores, StoreName } from '../src/testing/index.js'
import { brokenApiKeyStores } from './broken-stores/broken-api-key-stores.js'
import { brokenAttemptStores } from './broken-stores/broken-attempt-stores.js'
import { brokenAuditStores } from './broken-stores/broken-audit-stores.js'
import { brokenClientStores } from './broken-stores/broken-client-stores.js'
import { brokenIdentityStores } from './broken-stores/broken-identity-stores.js'
import { brokenRevocationStores } from './broken-stores/broken-revocation-stores.js'
import { brokenSessionStores } from './broken-stores/broken-session-stores.js'
import { brokenSigningKeyStores } from './broken-stores/broken-signing-key-stores.js'
import { brokenTicketStores } from './broken-stores/broken-ticket-stores.js'
import { brokenTrails, withOthers } from './broken-stores/broken-trails.js'
import { brokenUserStores } from './broken-stores/broken-user-stores.js'
import { collect } from './broken-stores/collecting-api.js'

const ownFlaws = [
  brokenApiKeyStores,
  brokenAttemptStores,
  brokenAuditStores,
  brokenClientStores,
  brokenIdentityStores,
  brokenRevocationStores,
  brokenSessionStores,
  brokenSigningKeyStores,
  brokenTicketStores,
  brokenUserStores,
]
const kinds = ownFlaws.map((kind) => ({ ...kind, stores: [...kind.stores, ...brokenTrails(kind.name)] }))

const options = { openers: 2, rounds: 40, concurrency: 6, isInProcess: true }

/**
 * A process is the database: every connection is the same store. The feed beside it is a right one, and so are the users
 * and the trail that it brings along.
 */
function opens(name: StoreName, store: object): OpenStores {
  const { revocations } = memoryStores()
  const { users, audit }: Partial<AuthStores> = store
  const stores: Partial<AuthStores> = { revocations, ...(users && { users }), ...(audit && { audit }), [name]: store }
  return async () => ({ stores, close: async () => undefined })
}

describe.each(kinds)('the kit, on a $name store', ({ name, suite, stores }) => {
  it('finds nothing wrong with the memory store, and has no test that is not seen to fail', async () => {
    const right = opens(name, withOthers(name))
    const results = await collect((api) => suite(api, right, options))
    expect(results.filter(({ failure }) => failure !== null)).toEqual([])
    const broken = new Set(stores.map(({ breaks }) => breaks))
    expect(results.map((result) => result.name).filter((test) => !broken.has(test))).toEqual([])
  })

  it.each(stores)('finds out one that $flaw: $breaks', async ({ breaks, make }) => {
    const broken = opens(name, make())
    const results = await collect((api) => suite(api, broken, options), breaks)
    expect(results).toEqual([
      { name: breaks, failure: expect.stringMatching(/^broken promise: |^no such key|^stopped twice/) },
    ])
  })
})
