import { describe, expect, it } from 'vitest'
import { type OAuthApp, oauthApp } from './support/oauth-app.js'

const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** Takes away the stores that the endpoint stands on. */
function stopStores({ stores }: OAuthApp): void {
  const fail = async (): Promise<never> => {
    throw new Error('connect ECONNREFUSED 10.0.0.7')
  }
  for (const store of [stores.clients, stores.sessions, stores.tickets])
    for (const [name, member] of Object.entries(store)) if (typeof member === 'function') Reflect.set(store, name, fail)
}

describe('F-01 people whose request cannot be served', () => {
  it.each([
    [
      'who ask for a code',
      async (app: OAuthApp) => {
        stopStores(app)
        return app.authorize({}, { cookie: app.cookie, headers: { accept } })
      },
    ],
    [
      'who decide',
      async (app: OAuthApp) => {
        const page = await app.authorize()
        stopStores(app)
        return app.decide(page, 'allow', { cookie: app.cookie, headers: { accept, 'sec-fetch-site': 'same-origin' } })
      },
    ],
  ])('see a page that says so, %s', async (_, ask) => {
    const { status, headers, text } = await ask(await oauthApp())
    expect([status, headers.get('content-type'), headers.get('retry-after')]).toEqual([503, 'text/html; charset=utf-8', '1'])
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).toContain('store_unavailable')
    expect(text).not.toContain('ECONNREFUSED')
  })

  it('are no programs: these are told in JSON, as at every endpoint', async () => {
    const app = await oauthApp()
    stopStores(app)
    for (const headers of [{}, { accept: 'application/json' }]) {
      const { status, json } = await app.authorize({}, { cookie: app.cookie, headers })
      expect([status, json.error]).toEqual([503, 'temporarily_unavailable'])
    }
  })
})
