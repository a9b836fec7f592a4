import { type FakeProvider, fakeProvider, virtualClock } from '@auth/core/testing'
import { onTestFinished } from 'vitest'
import { type Answer, type Call, issuer, type TestApp, type TestConfig, testApp } from './test-app.js'

/** A deployment whose people sign in with a provider that is on this machine. */
export interface SocialApp {
  readonly app: TestApp
  readonly provider: FakeProvider
}

/** Opens both, until the test ends. */
export async function socialApp(config: TestConfig = {}): Promise<SocialApp> {
  const clock = config.clock ?? virtualClock()
  const provider = await fakeProvider({ clock })
  onTestFinished(() => provider.close())
  const app = testApp({ ...config, clock, providers: [provider.oidc(), provider.oauth2()] })
  return { app, provider }
}

/** A browser: cookies, and the way to the provider and back. */
export interface Browser {
  readonly cookies: Map<string, string>
  call(method: string, path: string, call?: Call): Promise<Answer>
  /** Goes to the provider; answers the path it comes back with. */
  begin(provider?: string, query?: string): Promise<string>
  /** The same for a URL that was given out to link a provider. */
  approve(url: string): Promise<string>
  /** Signs in; answers what the callback does. */
  signIn(provider?: string, query?: string): Promise<Answer>
  /** The id of whoever is signed in. */
  userId(): Promise<string | null>
}

/** Opens a browser. */
export function openBrowser({ app }: SocialApp): Browser {
  const cookies = new Map<string, string>()

  async function call(method: string, path: string, given: Call = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { 'sec-fetch-site': 'same-origin', ...given.headers }
    const answer = await app.call(method, path, { ...given, headers, ...(cookie === '' ? {} : { cookie }) })
    for (const line of answer.cookies) {
      const [pair = '', ...attributes] = line.split('; ')
      const at = pair.indexOf('=')
      if (attributes.includes('Max-Age=0')) cookies.delete(pair.slice(0, at))
      else cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
  }

  async function approve(url: string): Promise<string> {
    const response = await fetch(url, { redirect: 'manual' })
    const back = new URL(response.headers.get('location') ?? '')
    if (back.origin !== issuer) throw new Error(`came back to ${back.origin}`)
    return back.pathname + back.search
  }

  async function begin(provider = 'google', query = ''): Promise<string> {
    const started = await call('GET', `/auth/signin/${provider}${query}`)
    if (started.status !== 303) throw new Error(`signin answered ${started.status} ${JSON.stringify(started.body)}`)
    return approve(started.headers.get('location') ?? '')
  }

  return {
    cookies,
    call,
    begin,
    approve,
    signIn: async (provider, query) => call('GET', await begin(provider, query)),
    async userId() {
      const { body } = await call('GET', '/auth/me')
      return (body.user as { id: string } | undefined)?.id ?? null
    },
  }
}

/** Links a provider from a browser that is signed in; answers what the callback does. */
export async function link(browser: Browser, provider: string): Promise<Answer> {
  const { body, status } = await browser.call('POST', `/auth/identities/${provider}`)
  if (status !== 200) throw new Error(`linking answered ${status} ${JSON.stringify(body)}`)
  return browser.call('GET', await browser.approve(String(body.url)))
}

/** What is linked to whoever is signed in. */
export async function identitiesOf(
  browser: Browser,
): Promise<readonly { readonly id: string; readonly provider: string }[]> {
  const { body } = await browser.call('GET', '/auth/identities')
  return body.identities as { id: string; provider: string }[]
}

/** How many users, sessions and identities there are at all. */
export async function counted({ app }: SocialApp): Promise<{ users: number; sessions: number; identities: number }> {
  const users = await app.stores.users.list({ after: null, limit: 1000 })
  let sessions = 0
  let identities = 0
  for (const { id } of users) {
    sessions += (await app.stores.sessions.listLive(id, app.clock.now())).length
    identities += (await app.stores.identities.list(id)).length
  }
  return { users: users.length, sessions, identities }
}
