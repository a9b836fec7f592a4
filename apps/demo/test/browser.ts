import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const screenshots = fileURLToPath(new URL('../../../.cache/screenshots', import.meta.url))
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A page in a profile of its own: it shares no cookies or storage with another. */
export interface Visit {
  readonly page: Page
  /** What went wrong in the page, but for refusals that a test asked for. */
  readonly complaints: readonly string[]
  /** Keeps a picture of the whole page for people to look at. */
  picture(name: string): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a real Chromium on a fresh profile.
 * @param keepsPages Whether it keeps pages that were left for going back to them, as people's browsers do.
 */
export function startBrowser({ keepsPages = false } = {}): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  const ignoreDefaultArgs = keepsPages ? ['--disable-back-forward-cache'] : []
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--headless=new', ...quiet], ignoreDefaultArgs })
}

/** Opens a page. */
export async function visit(
  browser: Browser,
  url: string,
  options: Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'javaScriptEnabled'> = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // Chromium logs each refused call; refusals are what half of these tests are about.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  return {
    page,
    complaints,
    async picture(name) {
      await mkdir(screenshots, { recursive: true })
      await page.evaluate(() => scrollTo(0, 0))
      await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true, animations: 'disabled' })
    },
    close: () => context.close(),
  }
}
