import { describe, expect, it } from 'vitest'
import { createAuth, memoryStores } from '../index.js'
import { listen } from '../testing/real-port.js'
import { toNodeListener } from './index.js'

const auth = createAuth({
  issuer: 'https://app.example.com',
  secret: 'c7d1f0a4-a-secret-for-tests-alone-5be2937a',
  stores: memoryStores(),
})
const json = { 'content-type': 'application/json' }

describe('toNodeListener', () => {
  it('serves an Auth on a plain server, and nothing else', async () => {
    const { url } = await listen(toNodeListener(auth))
    const body = JSON.stringify({ email: 'ada@example.com', password: 'a long enough passphrase', transport: 'cookie' })
    const registered = await fetch(`${url}/auth/register`, { method: 'POST', headers: json, body })
    const [session = '', device = ''] = registered.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
    expect([registered.status, session, device]).toEqual([
      201,
      expect.stringMatching(/^__Host-session=/),
      expect.stringMatching(/^__Host-device=/),
    ])
    const me = await fetch(`${url}/auth/me`, { headers: { cookie: `${session}; ${device}` } })
    expect(await me.json()).toMatchObject({ user: { email: 'ada@example.com' }, principal: { via: 'cookie' } })
    const other = await fetch(`${url}/other`)
    expect([other.status, await other.json()]).toMatchObject([404, { code: 'not_found' }])
  })
})
