import { memoryStores } from '@auth/core'
import { virtualClock } from '@auth/core/testing'
import { expect, it } from 'vitest'
import { login, register, testApp } from './support/test-app.js'

const minuteMs = 60_000

it.each([5, 58])(
  'RT-10 a logout that failed half-way and is repeated %i minutes later ends what was issued between the two, on every node',
  async (later) => {
    const clock = virtualClock()
    await clock.advance(3_600_000 - (clock.now().getTime() % 3_600_000))
    const stores = memoryStores()
    let isDown = false
    const revoke: typeof stores.sessions.revoke = async (...given) => {
      if (isDown) throw new Error('The connection is closed')
      return stores.sessions.revoke(...given)
    }
    const failing = testApp({ clock, stores: { ...stores, sessions: { ...stores.sessions, revoke } } })
    const [refreshing, guarding] = [testApp({ clock, stores }), testApp({ clock, stores })]
    await register(failing)
    const { refreshToken } = await login(failing)
    const logout = async (): Promise<number> =>
      (await failing.call('POST', '/auth/logout', { body: { refreshToken } })).status

    isDown = true
    expect(await logout()).toBe(503)
    isDown = false
    await clock.advance(later * minuteMs)
    const { status, body } = await refreshing.call('POST', '/auth/refresh', { body: { refreshToken } })
    // The row is alive, and this node has not read the feed.
    expect(status).toBe(200)
    expect(await logout()).toBe(204)
    for (let minute = 0; minute <= 20; minute++) {
      expect(await guarding.guard({ bearer: body.accessToken }), `minute ${minute}`).not.toBe('ok')
      await clock.advance(minuteMs)
    }
  },
)
