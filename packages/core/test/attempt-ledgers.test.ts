import { StoreError } from '@auth/core'
import { describe, expect, it } from 'vitest'
import { guess, logIn, owner, setUp, watchedStores, wrong } from './support/guessing.js'
import { quickHasher, register, testApp } from './support/test-app.js'

describe('what right passwords leave behind', () => {
  it('BF-02 twenty slow ones leave no credit and no debt on any counter', async () => {
    const { stores, slots } = watchedStores()
    let isSlow = false
    let letGo = (): void => undefined
    const hasher = {
      ...quickHasher,
      verify: async (hash: string, text: string) => {
        if (isSlow) await new Promise<void>((resolve) => (letGo = resolve))
        return quickHasher.verify(hash, text)
      },
    }
    const { app } = setUp({ stores, passwords: { hasher } })
    await register(app, 'eve@example.com')
    const before = (await slots(app.clock.now())).length
    isSlow = true
    for (let i = 0; i < 20; i++) {
      const pending = logIn(app, { email: 'eve@example.com', ip: owner })
      await app.clock.advance(1500)
      await expect
        .poll(() => (letGo === undefined ? 0 : slots(app.clock.now()).then(({ length }) => length)))
        .toBe(before + 2)
      letGo()
      expect((await pending).status).toBe(200)
    }
    isSlow = false
    expect(await slots(app.clock.now())).toHaveLength(before)
    expect(await guess(app, 6, { ip: owner })).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('costs a login six calls of the ledgers, of which two at a time need the answer of others', async () => {
    const { stores, calls } = watchedStores()
    const { app } = setUp({ stores })
    await register(app)
    const { deviceToken } = (await logIn(app)).body
    calls.length = 0
    await logIn(app, { deviceToken })
    expect(calls).toEqual(['find', 'find', 'take', 'take', 'giveBack', 'giveBack'])
    calls.length = 0
    await logIn(app, { password: wrong })
    expect(calls).toEqual(['find', 'find', 'take', 'take', 'settle', 'settle'])
  })

  it('thirty at once behind one address, each for an account of its own, all pass', async () => {
    const { app } = setUp()
    for (let i = 0; i < 30; i++) await register(app, `user${i}@example.com`)
    const logins = Array.from({ length: 30 }, (_, i) => logIn(app, { email: `user${i}@example.com`, ip: owner }))
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual(Array(30).fill(200))
  })
})

describe('a ledger that does not answer', () => {
  it.each(['find', 'take'] as const)(
    'F-04 refuses with 503 where %s fails on the account, and leaves no slot on the address',
    async (method) => {
      const { stores, slots } = watchedStores()
      const { app } = setUp({ stores })
      await register(app)
      const before = (await slots(app.clock.now())).length
      let asked = 0
      const failing = (act: () => Promise<unknown>) => (++asked === 2 ? Promise.reject(new StoreError('down')) : act())
      const attempts = {
        ...stores.attempts,
        [method]: (...given: unknown[]) => failing(() => Reflect.apply(stores.attempts[method], undefined, given)),
      }
      const node = testApp({ clock: app.clock, stores: { ...stores, attempts } })
      const answer = await logIn(node)
      expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable'])
      expect(await slots(app.clock.now())).toHaveLength(before)
      expect((await logIn(node)).status).toBe(200)
    },
  )

  it('leaves no slot on the address where the account is locked', async () => {
    const { stores, slots } = watchedStores()
    const { app } = setUp({ stores })
    await register(app)
    await guess(app, 10)
    const before = (await slots(app.clock.now())).length
    // A node that knows nothing of the lock, and one that does.
    for (const node of [testApp({ clock: app.clock, stores }), app]) expect((await logIn(node)).status).toBe(429)
    expect(await slots(app.clock.now())).toHaveLength(before)
  })
})
