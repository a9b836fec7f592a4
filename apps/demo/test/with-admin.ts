import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { startBrowser, type Visit } from './browser.js'
import { type Call, createClient } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { openFor } from './page-steps.js'

/** The administrator whom the settings name. */
export const admin = { email: 'root@example.com', password: 'another long passphrase' }

/** A demo with an administrator, for all tests of a file. */
export interface AdminDemo {
  /** Asks the demo without a page. */
  readonly call: Call
  /** Opens the page. */
  open(options?: Parameters<typeof openFor>[2]): Promise<Visit>
}

/** Starts a demo and a browser before the tests of the file, and ends both after them. */
export function demoWithAdmin(): AdminDemo {
  let demo: RunningDemo
  let browser: Browser
  let call: Call
  beforeAll(async () => {
    browser = await startBrowser()
    demo = await startDemo({ DEMO_ADMIN_EMAIL: admin.email, DEMO_ADMIN_PASSWORD: admin.password })
    call = createClient(demo.url)
  })
  afterAll(async () => {
    await browser.close()
    expect(await demo.stop()).toBe(0)
    expect(demo.output().stderr).toBe('')
  })
  return {
    call: (...given) => call(...given),
    open: (options) => openFor(browser, demo.url, options),
  }
}
