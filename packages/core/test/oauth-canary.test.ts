import { type AuditEvent, type AuthStores, memoryStores } from '@auth/core'
import { expect, it } from 'vitest'
import { leaksIn } from './support/canaries.js'
import { oauthApp, verifier } from './support/oauth-app.js'

it('ER-06 TK-04 AZ-08 no code, client secret, token or verifier reaches a store, an event, a log or an alert', async () => {
  const places = { stores: [] as unknown[], events: [] as unknown[], logs: [] as unknown[] }
  const plain = memoryStores()
  const watched = Object.entries(plain).map(([name, store]) => [name, watching(store as object, places.stores)])
  const log = (...given: unknown[]): void => void places.logs.push(given)
  const app = await oauthApp({
    stores: Object.fromEntries(watched) as unknown as AuthStores,
    audit: { sinks: [{ write: (event: AuditEvent) => void places.events.push(event) }] },
    logger: { warn: log, error: log },
    onSecurityAlert: log,
  })
  const { client } = app
  const page = await app.authorize()
  const requestId = /name="request_id" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const code = (await app.decide(page, 'allow')).query.get('code') ?? ''
  const { json } = await app.exchange(code)
  const next = (await app.refreshGrant(String(json.refresh_token))).json
  const { secret: rotated } = await app.auth.oauth.clients.rotateSecret(client.id, { overlap: '1h' })
  const own = (await app.post('token', { basic: client, form: { grant_type: 'client_credentials' } })).json
  const wrong = 'canary-a-secret-that-is-wrong-71c4'
  await app.post('token', { basic: [client.id, wrong], form: { grant_type: 'client_credentials' } })
  await app.post('token', { basic: [wrong, wrong], form: { grant_type: 'client_credentials' } })
  await app.exchange(code, { code_verifier: `${verifier}x` })
  await app.exchange(code) // A replay.
  await app.refreshGrant(String(json.refresh_token)) // And a reuse.
  await app.introspect(String(next.access_token))
  await app.post('revoke', { basic: client, form: { token: String(own.access_token) } })
  await app.decide(page, 'deny')
  const secrets = [code, client.secret, rotated, verifier, json.access_token, json.refresh_token, next.access_token]
  const all = [
    ...secrets,
    wrong,
    next.refresh_token,
    own.access_token,
    requestId,
    app.cookie.split(';')[0]?.split('=')[1],
  ].map(String)
  for (const secret of all) expect(secret.length).toBeGreaterThan(30)
  expect(places.events.length).toBeGreaterThan(5)
  expect(places.stores.length).toBeGreaterThan(20)
  for (const [place, told] of Object.entries(places)) expect(leaksIn(JSON.stringify(told), all), place).toEqual([])
})

/** A store that keeps what it is given, for the test to look at. */
function watching<Store extends object>(store: Store, seen: unknown[]): Store {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      // Who looks for what is not there writes nothing down.
      if (typeof member !== 'function' || key === 'subscribe' || key === 'find') return member
      return (...given: unknown[]) => {
        seen.push(given.filter((each) => !isStore(each)))
        return Reflect.apply(member, target, given)
      }
    },
  })
}

function isStore(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'deployment' in given
}
