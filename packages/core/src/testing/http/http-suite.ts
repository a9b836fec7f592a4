import { createServer } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { addTest, aroundAll, type TestApi } from '../stores/test-api.js'
import type { HttpAppSettings, StartApp, StartedApp } from './app-under-test.js'
import type { Recorded } from './transcript.js'
import { createTwin, type Twin } from './twin.js'
import { createVisitor, type Visitor } from './visitor.js'

/** How apps are tested. */
export interface HttpConformanceOptions {
  /** Whether the app parses bodies before the SDK's routes see them. What is then refused first is the parser's to say. Default `false`. */
  readonly parsesBodies?: boolean
  /**
   * Whether the framework's own server answers what it does not like before anything of the app runs: absolute targets, paths that
   * cannot be decoded, `TRACE`. All that is asked there is then that nothing is reached. Default `false`.
   */
  readonly serverAnswersFirst?: boolean
  /** How long an answer may take. Default 30,000. */
  readonly timeoutMs?: number
  /** Hears of every exchange, with what differs from run to run replaced: apps that are the same product give the same list. */
  readonly onExchange?: (exchange: Recorded) => void
}

/** Apps that the rows are run on: behind a proxy and beside a CORS plugin, without either, and with stores that do not answer. */
export type AppKind = 'direct' | 'proxied' | 'down'

/** What the rows are written with. */
export interface HttpSuite {
  /** Whether the app parses bodies before the SDK's routes see them. */
  readonly parsesBodies: boolean
  /** Whether the framework's own server answers absolute targets and the like. */
  readonly serverAnswersFirst: boolean
  /** How long anything may take. */
  readonly timeoutMs: number
  /** Declares a test. */
  it(promise: string, test: () => Promise<void>): void
  /** Somebody who calls an app; behind the proxy each has an address of their own, so that nobody uses up another's attempts. */
  visitor(kind?: AppKind): Promise<Visitor>
  /** An `Auth` of the same deployment in this process, to make credentials that the app would not give out. */
  twin(): Promise<Twin>
}

export const issuer = 'https://app.example.com'
export const pageOrigin = 'https://pages.example'

/** Declares tests over apps that are started when they are first needed, and closed at the end. */
export function defineHttpSuite(
  api: TestApi,
  startApp: StartApp,
  options: HttpConformanceOptions,
  define: (suite: HttpSuite) => void,
): void {
  const { parsesBodies = false, serverAnswersFirst = false, timeoutMs = 30_000, onExchange } = options
  const apps = new Map<AppKind, Promise<StartedApp>>()
  let shared: Promise<SharedSettings> | undefined
  let visitors = 0
  let test = ''

  async function settingsOf(kind: AppKind): Promise<HttpAppSettings> {
    shared ??= makeShared()
    const trustedProxies = kind === 'proxied' ? ['127.0.0.0/8', '::1'] : []
    return { ...(await shared), trustedProxies, isDown: kind === 'down', pageOrigin: kind === 'direct' ? null : pageOrigin }
  }

  function start(kind: AppKind): Promise<StartedApp> {
    const running = apps.get(kind) ?? settingsOf(kind).then(startApp)
    apps.set(kind, running)
    return running
  }

  async function close(): Promise<void> {
    const running = [...apps.values()]
    apps.clear()
    for (const app of await Promise.allSettled(running)) if (app.status === 'fulfilled') await app.value.close()
  }

  const suite: HttpSuite = {
    parsesBodies,
    serverAnswersFirst,
    timeoutMs,
    it: (promise, run) =>
      addTest(api, promise, 2 * timeoutMs, () => {
        test = promise
        return run()
      }),
    async visitor(kind = 'proxied') {
      const { url, basePath = '/auth' } = await start(kind)
      const number = visitors++
      const address = kind === 'proxied' ? `203.0.${113 + Math.floor(number / 250)}.${1 + (number % 250)}` : null
      return createVisitor({
        url,
        basePath,
        address,
        timeoutMs,
        onAnswer: (request, answer) => onExchange?.({ test, app: kind, request, answer, basePath, url }),
      })
    },
    async twin() {
      const { basePath = '/auth' } = await start('proxied')
      return createTwin(await settingsOf('direct'), basePath)
    },
  }

  api.describe('an app over HTTP', () => {
    aroundAll(api, 2 * timeoutMs, async () => void (await start('proxied')), close)
    define(suite)
  })
}

type SharedSettings = Pick<HttpAppSettings, 'issuer' | 'secret' | 'signingKey' | 'host'>

async function makeShared(): Promise<SharedSettings> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const signingKey = { ...(await exportJWK(privateKey)), kid: 'conformance', alg: 'ES256', use: 'sig' }
  return { issuer, secret: crypto.randomUUID() + crypto.randomUUID(), signingKey, host: await widestHost() }
}

/** `::` takes IPv4 callers too, as mapped addresses; a machine without IPv6 has none. */
function widestHost(): Promise<string> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve('127.0.0.1'))
    probe.listen(0, '::', () => probe.close(() => resolve('::')))
  })
}
