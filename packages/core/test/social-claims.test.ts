import { type AuthStores, memoryStores } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { counted, openBrowser, type SocialApp, socialApp } from './support/social-app.js'
import { register, testApp } from './support/test-app.js'

const email = 'ada@example.com'

/** Two nodes over stores whose feed can be made to fail; it counts what it took. */
async function twoNodes() {
  const stores = memoryStores() as Required<AuthStores>
  const feed = { isDown: false, appended: 0 }
  const revocations: typeof stores.revocations = {
    ...stores.revocations,
    async append(entry) {
      if (feed.isDown) throw new Error('down')
      feed.appended++
      return stores.revocations.append(entry)
    },
  }
  const scene = await socialApp({ stores: { ...stores, revocations } })
  const { clock } = scene.app
  const other = testApp({ stores, clock })
  return { feed, scene, other }
}

async function signInStatus(scene: SocialApp): Promise<number> {
  return (await openBrowser(scene).signIn()).status
}

describe('AL-03 what a claim takes back', () => {
  it('is taken back everywhere by the next sign-in, where the claim could tell nobody', async () => {
    const { feed, scene, other } = await twoNodes()
    const { accessToken } = await register(other)
    feed.isDown = true
    expect(await signInStatus(scene)).toBe(503)
    expect((await other.stores.users.findByEmailKey(email))?.passwordHash).toBeNull()
    // Nobody has told this node yet.
    await scene.app.clock.advance(6000)
    expect(await other.guard({ bearer: accessToken })).toBe('ok')
    expect(await signInStatus(scene)).toBe(503)
    feed.isDown = false
    expect(await signInStatus(scene)).toBe(303)
    await scene.app.clock.advance(6000)
    expect(await other.guard({ bearer: accessToken })).toBe('401 token_revoked')
  })

  it('is told again only while a token of before can be valid, and never of accounts that nothing was taken from', async () => {
    const { feed, scene, other } = await twoNodes()
    await signInStatus(scene)
    await signInStatus(scene)
    expect(feed.appended).toBe(0)
    const { id = '' } = (await other.stores.users.findByEmailKey(email)) ?? {}
    await scene.app.auth.accounts.setRoles(id, ['support'])
    const told = feed.appended
    await scene.app.clock.advance(66 * 60_000)
    expect([await signInStatus(scene), feed.appended]).toEqual([303, told])
  })

  it('has ended what was made meanwhile also where nobody could be told', async () => {
    const { feed, scene, other } = await twoNodes()
    const { userId } = await register(other)
    const { identities } = scene.app.stores
    const { claim } = identities
    let key = ''
    // The maker is faster than the claim, by a moment.
    Object.assign(identities, {
      async claim(...given: Parameters<typeof claim>) {
        key = (await other.auth.apiKeys.create({ userId, name: 'stays', scopes: ['read:orders'] })).key
        return claim(...given)
      },
    })
    feed.isDown = true
    expect(await signInStatus(scene)).toBe(503)
    expect(await other.guard({ bearer: key })).toBe('401 api_key_revoked')
  })
})

it('AL-01 a first sign-in that another one of the same person overtakes leads to the one account', async () => {
  const scene = await socialApp()
  const { identities } = scene.app.stores
  const { find } = identities
  const [slow, quick] = [openBrowser(scene), openBrowser(scene)]
  const back = await slow.begin()
  const statuses: number[] = []
  Object.assign(identities, {
    async find(...asked: Parameters<typeof find>) {
      Object.assign(identities, { find })
      const found = await find(...asked)
      statuses.push((await quick.signIn()).status)
      return found
    },
  })
  statuses.push((await slow.call('GET', back)).status)
  expect(statuses).toEqual([303, 303])
  expect(await slow.userId()).toBe(await quick.userId())
  expect(await counted(scene)).toEqual({ users: 1, sessions: 2, identities: 1 })
})

it('tells the application who has no password yet', async () => {
  const scene = await socialApp()
  const { accounts } = scene.app.auth
  const { userId } = await register(scene.app, 'grace@example.com')
  expect(await accounts.hasPassword(userId)).toBe(true)
  const browser = openBrowser(scene)
  await browser.signIn()
  const id = (await browser.userId()) ?? ''
  expect(await accounts.hasPassword(id)).toBe(false)
  await accounts.resetPassword(id, 'a passphrase that was not there')
  expect(await accounts.hasPassword(id)).toBe(true)
  await expect(accounts.hasPassword(crypto.randomUUID())).rejects.toMatchObject({ code: 'not_found' })
})
