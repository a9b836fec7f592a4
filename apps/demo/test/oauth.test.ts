import { createTokenSource } from '@auth/client'
import { createVerifier } from '@auth/core/verify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from './client.js'
import { type RunningDemo, startDemo } from './demo-process.js'
import { driveOauth4webapi, driveOpenidClient, type PeerScene } from './oauth-peers.js'
import { clientEnvironment, signedIn } from './oauth-scene.js'

let demo: RunningDemo
let scene: PeerScene
beforeAll(async () => {
  demo = await startDemo(clientEnvironment)
  scene = await signedIn(demo.url)
})
afterAll(async () => {
  expect(await demo.stop()).toBe(0)
  expect(demo.output().stderr).toBe('')
})

it('openid-client completes every flow against the demo, with its defaults', () => driveOpenidClient(scene))

it('IR-05 AZ-11 oauth4webapi completes every flow against the demo, with full validation', () => driveOauth4webapi(scene))

it('KM-04 our own service client gets tokens there, which a service with nothing but the issuer accepts', async () => {
  const { url, clientId, clientSecret } = scene
  const source = createTokenSource({ tokenUrl: `${url}/auth/oauth/token`, clientId, clientSecret, scopes: ['read:orders'] })
  const token = await source.token()
  const service = createVerifier({ issuer: url, audience: url })
  expect(await service.verify(token)).toMatchObject({
    sub: clientId,
    client_id: clientId,
    scopes: ['read:orders'],
    roles: [],
  })
  const elsewhere = createVerifier({ issuer: url, audience: 'https://orders.example.com' })
  await expect(elsewhere.verify(token)).rejects.toMatchObject({ code: 'token_claims_invalid' })
  expect((await source.fetch(`${url}/api/orders`)).status).toBe(200)
})

it('registers the client of the settings once, whoever starts again or beside it', async () => {
  const other = await startDemo({
    ...clientEnvironment,
    DATA_DIR: demo.dataDir,
    DEMO_REDIRECT_URI: 'http://127.0.0.1:4001/new',
  })
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  const authorization = `Basic ${btoa([scene.clientId, scene.clientSecret].map(encodeURIComponent).join(':'))}`
  for (const url of [demo.url, other.url]) {
    const answer = await fetch(`${url}/auth/oauth/token`, { method: 'POST', headers: { authorization }, body: form })
    expect(answer.status).toBe(200)
  }
  expect(await other.stop()).toBe(0)
  const call = createClient(demo.url)
  expect((await call('GET', '/api/admin/clients')).status).toBe(401)
})
