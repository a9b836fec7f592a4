import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { AuthClient, AuthClientOptions, createAuthClient } from '../../src/index.js'
import { bundleClient } from './bundle.js'
import type { Files } from './server.js'

const flags = ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']

/** Starts a real Chromium on a fresh profile. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
}

/** A page that loads the client, and nothing else. */
export async function pageFiles(): Promise<Files> {
  const html = '<!doctype html><title>tab</title><link rel="icon" href="data:,"><script src="/client.js"></script>'
  return {
    '/': { type: 'text/html', text: html },
    '/client.js': { type: 'text/javascript', text: await bundleClient({ globalName: 'AuthSdk' }) },
  }
}

/** What a tab keeps in its global scope. */
interface TabGlobals {
  AuthSdk: { createAuthClient: typeof createAuthClient }
  client: AuthClient
  reasons: string[]
  changes: (string | null)[]
}

/** A real tab with a client. */
export interface Tab {
  readonly page: Page
  /** Calls something with the tab's client. What it uses must be of the tab, or given as `argument`. */
  run<T, A = undefined>(body: (client: AuthClient, argument: A) => T | Promise<T>, argument?: A): Promise<T>
  /** What the client said. */
  seen(): Promise<{ reasons: string[]; changes: (string | null)[] }>
}

/** Opens a profile of its own. */
export async function openProfile(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return context
}

/** Opens a tab, makes a client in it, and resolves when both are there. */
export async function openTab(context: BrowserContext, url: string, options: Partial<AuthClientOptions> = {}): Promise<Tab> {
  const page = await context.newPage()
  await page.goto(url)
  await page.evaluate((given) => {
    const tab = globalThis as unknown as TabGlobals // The tab's, filled here and by `/client.js`.
    tab.reasons = []
    tab.changes = []
    tab.client = tab.AuthSdk.createAuthClient({
      baseUrl: '/auth',
      ...given,
      onSignedOut: (reason) => void tab.reasons.push(reason),
      onChange: (state) => void tab.changes.push(state?.user.email ?? null),
    })
  }, options)
  return {
    page,
    run: (body, argument) =>
      page.evaluate(
        ([text, given]) => {
          const { client } = globalThis as unknown as TabGlobals // As above.
          return (new Function(`return (${text})`)() as (client: AuthClient, given: unknown) => never)(client, given)
        },
        [String(body), argument] as const,
      ),
    seen: () =>
      page.evaluate(() => {
        const { reasons, changes } = globalThis as unknown as TabGlobals // As above.
        return { reasons, changes }
      }),
  }
}
