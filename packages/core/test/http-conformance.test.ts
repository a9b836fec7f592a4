import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { startPlain } from './support/conformance-server.js'
import { runUnderNodeTest } from './support/node-test.js'

vitest.describe('a plain Node server', () => httpConformance(vitest, (settings) => startPlain(settings)))

vitest.it(
  'runs under node:test as well',
  async () => {
    const { failed, passed } = await runUnderNodeTest(new URL('support/node-test-http.ts', import.meta.url))
    vitest.expect(failed).toBe(0)
    vitest.expect(passed).toBeGreaterThan(70)
  },
  120_000,
)
