import { apiKeyStoreSuite } from './api-key-store-suite.js'
import { attemptStoreSuite } from './attempt-store-suite.js'
import { auditStoreSuite } from './audit-store-suite.js'
import { checkArguments, checkOpened } from './check-arguments.js'
import { clientStoreSuite } from './client-store-suite.js'
import { expectEqual } from './expectations.js'
import { identityStoreSuite } from './identity-store-suite.js'
import { revocationStoreSuite } from './revocation-store-suite.js'
import { sessionStoreSuite } from './session-store-suite.js'
import { signingKeyStoreSuite } from './signing-key-store-suite.js'
import { defaultTimeoutMs, type OpenStores, type StoreName, type SuiteOptions, storeNames } from './store-suite.js'
import { addTest, type TestApi } from './test-api.js'
import { ticketStoreSuite } from './ticket-store-suite.js'
import { userStoreSuite } from './user-store-suite.js'

/** Which stores are tested, and how thoroughly. */
export interface ConformanceOptions extends SuiteOptions {
  /** The stores that `openStores` gives. Default: all ten. One that is given and not named fails, as does the reverse. */
  readonly stores?: readonly StoreName[]
}

const suites = {
  users: userStoreSuite,
  sessions: sessionStoreSuite,
  revocations: revocationStoreSuite,
  attempts: attemptStoreSuite,
  signingKeys: signingKeyStoreSuite,
  audit: auditStoreSuite,
  tickets: ticketStoreSuite,
  apiKeys: apiKeyStoreSuite,
  identities: identityStoreSuite,
  clients: clientStoreSuite,
} as const satisfies Record<StoreName, typeof userStoreSuite>

/**
 * Proves stores: each promise of each store's interface is a test, races between several connections included. The
 * database may hold anything already, and is left with what the tests wrote.
 * @throws ConfigError for a runner, options or names of stores that make no sense
 * @example
 * import * as vitest from 'vitest' // or node:test
 *
 * storeConformance(vitest, async () => {
 *   const pool = new Pool({ connectionString })
 *   return { stores: { users: myUserStore(pool) }, close: () => pool.end() }
 * }, { stores: ['users'] })
 */
export function storeConformance(testApi: TestApi, openStores: OpenStores, options: ConformanceOptions = {}): void {
  checkArguments(testApi, openStores, options, storeNames)
  const { stores: names = storeNames, ...suiteOptions } = options
  testApi.describe('stores', () => {
    const { timeoutMs = defaultTimeoutMs } = options
    addTest(testApi, 'openStores gives the stores that are named, and no other', timeoutMs, async () => {
      const opened = checkOpened(await openStores())
      const given = Object.entries(opened.stores).flatMap(([name, store]) => (store ? [name] : []))
      await opened.close()
      expectEqual(given.sort(), [...names].sort(), 'every store that is given is named in `options.stores`, and tested')
    })
  })
  for (const name of names) suites[name](testApi, openStores, suiteOptions)
}
