import type { TestApi } from '../stores/test-api.js'
import type { StartApp } from './app-under-test.js'
import { defineHttpSuite, type HttpConformanceOptions } from './http-suite.js'
import { auditRows } from './rows/audit-rows.js'
import { bodyRows } from './rows/body-rows.js'
import { bridgeRows } from './rows/bridge-rows.js'
import { credentialRows } from './rows/credential-rows.js'
import { guardRows } from './rows/guard-rows.js'
import { keyRows } from './rows/key-rows.js'
import { mailRows } from './rows/mail-rows.js'
import { neighbourRows } from './rows/neighbour-rows.js'
import { oauthRows } from './rows/oauth-rows.js'
import { pathRows } from './rows/path-rows.js'
import { proxyRows } from './rows/proxy-rows.js'
import { refusalRows } from './rows/refusal-rows.js'
import { routeRows } from './rows/route-rows.js'

const groups = [
  routeRows,
  keyRows,
  mailRows,
  auditRows,
  oauthRows,
  refusalRows,
  bodyRows,
  pathRows,
  credentialRows,
  guardRows,
  neighbourRows,
  proxyRows,
  bridgeRows,
]

/**
 * Proves an adapter, or an app of your own: one table of exchanges over real sockets, the same for every framework.
 * @example
 * import * as vitest from 'vitest' // or node:test
 *
 * httpConformance(vitest, async (settings) => {
 *   const server = createMyApp(conformanceAuth(settings), conformanceRoutes(), settings.pageOrigin).listen(0, settings.host)
 *   await once(server, 'listening')
 *   return { url: `http://127.0.0.1:${server.address().port}`, close: () => closed(server) }
 * })
 */
export function httpConformance(testApi: TestApi, startApp: StartApp, options: HttpConformanceOptions = {}): void {
  defineHttpSuite(testApi, startApp, options, (suite) => {
    for (const rows of groups) rows(suite)
  })
}
